#include "varimix/risk/backtest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace varimix::tests {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// Returns counts of n days, of which `failures` fail, `pairs` of them on the day after another.
BacktestCounts spread(std::int64_t n, std::int64_t failures, std::int64_t pairs) {
  BacktestCounts counts;
  counts.add(false);
  for (std::int64_t k = 0; k < failures; ++k) {
    counts.add(true);
    if (k >= pairs) counts.add(false);
  }
  while (counts.days() < n) counts.add(false);
  return counts;
}

/// Numbers that the Risk Management Toolbox prints with five digits.
constexpr double kFiveDigits = 5e-6;

TEST(Backtest, GivesTheNumbersOfMatlabsNormal95) {
  const BacktestCounts counts = spread(1043, 57, 4);
  ASSERT_EQ(counts.days(), 1043);
  ASSERT_EQ(counts.transitions(), (FailureTransitions{.n00 = 932, .n01 = 53, .n10 = 53, .n11 = 4}));
  const BacktestTest uc = kupiec(counts, 0.05);
  EXPECT_NEAR(uc.statistic, 0.46147, kFiveDigits);
  EXPECT_NEAR(uc.p_value.value(), 0.49694, kFiveDigits);
  const BacktestTest independence = christoffersen_independence(counts);
  EXPECT_NEAR(independence.statistic, 0.25866, kFiveDigits);
  EXPECT_NEAR(independence.p_value.value(), 0.61104, kFiveDigits);
  const BacktestTest cc = christoffersen_coverage(counts, 0.05);
  EXPECT_NEAR(cc.statistic, 0.72013, kFiveDigits);
  EXPECT_NEAR(cc.p_value.value(), 0.69763, kFiveDigits);
  const TrafficLight light = traffic_light(counts, 0.05);
  EXPECT_NEAR(light.cdf, 0.77913, kFiveDigits);
  EXPECT_EQ(light.zone, TrafficZone::kGreen);
}

TEST(Backtest, TheZonesAreThoseOfTheBaselCommittee) {
  for (const auto& [failures, zone] : {std::pair{4, TrafficZone::kGreen}, std::pair{5, TrafficZone::kYellow},
                                       std::pair{9, TrafficZone::kYellow}, std::pair{10, TrafficZone::kRed}}) {
    EXPECT_EQ(traffic_light(spread(250, failures, 0), 0.01).zone, zone) << failures;
  }
}

TEST(Backtest, TheLightHasTheProbabilityOfAsManyFailuresToo) {
  const TrafficLight light = traffic_light(spread(3, 1, 0), 0.5);  // of 0, 1, 2, 3 failures: 1, 3, 3, 1 eighths
  EXPECT_NEAR(light.cdf, 0.5, 1e-15);
  EXPECT_NEAR(light.sf, 0.875, 1e-15);
  EXPECT_EQ(traffic_light(spread(2, 0, 0), 0.5).sf, 1.0);
}

TEST(Backtest, KupiecOfNoFailureAndOfFailuresOnlyIsTheLimit) {
  constexpr double kRelative = 1e-14;
  const BacktestTest none = kupiec(spread(600, 0, 0), 0.01);
  EXPECT_NEAR(none.statistic, -1200.0 * std::log1p(-0.01), kRelative * none.statistic);
  BacktestCounts all;
  for (int t = 0; t < 600; ++t) all.add(true);
  const BacktestTest every = kupiec(all, 0.01);
  EXPECT_NEAR(every.statistic, -1200.0 * std::log(0.01), kRelative * every.statistic);
  EXPECT_EQ(every.status, BacktestStatus::kTested);
}

TEST(Backtest, ExactKupiecKeepsCountsOfOneRatioTogether) {
  EXPECT_NEAR(kupiec(spread(30, 9, 0), 0.5).p_value.value(), kupiec(spread(30, 21, 20), 0.5).p_value.value(), 1e-12);
  EXPECT_NEAR(kupiec(spread(30, 9, 0), 0.5).p_value.value(), 0.0427739, 1e-6);  // twice P(N <= 9)
  EXPECT_NEAR(kupiec(spread(100, 5, 0), 0.05).p_value.value(), 1.0, 1e-12);
}

TEST(Backtest, IndependenceIsNotTestableWhereAMarginIsZero) {
  BacktestCounts all;
  BacktestCounts first;
  BacktestCounts last;
  BacktestCounts single;
  for (int t = 0; t < 20; ++t) {
    all.add(true);
    first.add(t == 0);
    last.add(t == 19);
    single.add(t == 0);
  }
  BacktestCounts one_day;
  one_day.add(true);
  for (const BacktestCounts& counts : {spread(20, 0, 0), all, first, last, one_day}) {
    EXPECT_EQ(christoffersen_independence(counts), BacktestTest());
    EXPECT_EQ(christoffersen_coverage(counts, 0.1), BacktestTest());
    EXPECT_EQ(duration_test(counts), DurationTest());
    EXPECT_TRUE(std::isfinite(kupiec(counts, 0.1).statistic));
  }
  EXPECT_EQ(christoffersen_independence(spread(20, 1, 0)).status, BacktestStatus::kTested);
  BacktestCounts all_but_the_first;
  for (int t = 0; t < 20; ++t) all_but_the_first.add(t > 0);
  EXPECT_EQ(christoffersen_independence(all_but_the_first), BacktestTest());
}

TEST(Backtest, DurationsOfOneGeometricLawHaveShapeOne) {
  // The durations 1, 2, 3, ... occur half as often each as the one before: the geometric law of 1/2, but for its end.
  BacktestCounts::Durations durations;
  std::int64_t days = 1;
  for (std::int64_t d = 1; d <= 20; ++d) {
    durations[d] = std::int64_t{1} << (20 - d);
    days += d * durations[d];
  }
  const DurationTest test = duration_test(BacktestCounts::restored(days, 0, 0, durations));
  EXPECT_NEAR(test.shape, 1.0, 1e-4);
  EXPECT_LT(test.test.statistic, 0.2);
  EXPECT_GE(test.test.statistic, 0.0);
}

TEST(Backtest, TheDurationTestIsTheMaximumThatScipyFinds) {
  BacktestCounts counts;
  for (const int day : {5, 6, 30, 90, 95, 120}) {
    while (counts.days() < day) counts.add(false);
    if (day < 120) counts.add(true);
  }
  const DurationTest test = duration_test(counts);
  EXPECT_NEAR(test.test.statistic, 0.7587564440667904, 1e-8);  // scipy.optimize.minimize, Nelder-Mead
  EXPECT_NEAR(test.shape, 0.6887760659, 1e-6);
}

/// Counts of `runs` runs of three failures, `gap` days apart.
BacktestCounts runs_of_three(int runs, int gap) {
  BacktestCounts counts;
  for (int run = 0; run < runs; ++run) {
    for (int t = 0; t < gap; ++t) counts.add(false);
    for (int t = 0; t < 3; ++t) counts.add(true);
  }
  return counts;
}

TEST(Backtest, ClusteredFailuresHaveAShapeBelowOneAndRegularOnesAbove) {
  const DurationTest clustered = duration_test(runs_of_three(10, 60));
  EXPECT_LT(clustered.shape, 1.0);
  EXPECT_LT(clustered.test.p_value.value(), 0.01);
  BacktestCounts regular;
  for (int t = 1; t <= 400; ++t) regular.add(t % 20 == 0);
  const DurationTest evenly = duration_test(regular);
  EXPECT_TRUE(evenly.at_bound);
  EXPECT_LT(evenly.test.p_value.value(), 0.01);
}

TEST(Backtest, TheDurationTestKnowsThePieces) {
  BacktestCounts merged = runs_of_three(4, 30);
  merged.merge(runs_of_three(6, 30));
  EXPECT_EQ(duration_test(merged), duration_test(runs_of_three(10, 30)));
}

TEST(Backtest, RefusesAlphaOutsideTheOpenInterval) {
  const BacktestCounts counts = spread(10, 1, 0);
  for (const double alpha : {0.0, 1.0, -0.1, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT([&] { (void)kupiec(counts, alpha); },
                ThrowsMessage<std::invalid_argument>(HasSubstr("alpha must be in (0, 1), got")));
    EXPECT_THROW((void)christoffersen_coverage(counts, alpha), std::invalid_argument);
    EXPECT_THROW((void)traffic_light(counts, alpha), std::invalid_argument);
  }
}

TEST(Backtest, RefusesCountsOfNoDays) {
  const BacktestCounts none;
  const auto refusal = ThrowsMessage<std::invalid_argument>("days must be >= 1, got 0");
  EXPECT_THAT([&] { (void)kupiec(none, 0.01); }, refusal);
  EXPECT_THAT([&] { (void)christoffersen_independence(none); }, refusal);
  EXPECT_THAT([&] { (void)christoffersen_coverage(none, 0.01); }, refusal);
  EXPECT_THAT([&] { (void)duration_test(none); }, refusal);
  EXPECT_THAT([&] { (void)traffic_light(none, 0.01); }, refusal);
}

}  // namespace
}  // namespace varimix::tests
