#include "varimix/risk/shortfall_backtest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/forecasts.hpp"
#include "varimix/core/block_reduce.hpp"

namespace varimix::tests {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr UnivariateLaw kNig{{-0.5, 1.0, 1.0}, 0.0, 0.0, 1.0};
constexpr double kRounding = 1e-14;

/// Four days, of which the second and the fourth fail, by losses of 3 and 5.
Days four_days() { return {0.25, {1.0, -3.0, -2.0, -5.0}, {2.0, 2.0, 2.0, 3.0}, {2.5, 4.0, 3.0, 4.0}}; }

TEST(AcerbiSzekely, StatisticsAreTheirFormulas) {
  const AcerbiSzekely of = acerbi_szekely(four_days().view());
  EXPECT_NEAR(of.z1.test.statistic, 1.0 - (3.0 / 4.0 + 5.0 / 4.0) / 2.0, kRounding);
  EXPECT_NEAR(of.z2.test.statistic, 1.0 - (3.0 / 4.0 + 5.0 / 4.0) / (4 * 0.25), kRounding);
  EXPECT_EQ(of.z2.test.status, BacktestStatus::kNotSimulated);
  EXPECT_EQ(of.z2.test.p_value, std::nullopt);
}

TEST(AcerbiSzekely, WithoutAFailureZ1IsNotTestableAndZ2IsOne) {
  const Days days = days_of(kNormalLaw, 50, 0.05);
  const AcerbiSzekely of = acerbi_szekely(days.view(), std::vector{kNormalLaw}, {.key = Key(0)});
  EXPECT_EQ(of.z1, SimulatedTest());
  EXPECT_EQ(of.z2.test.statistic, 1.0);
  EXPECT_NEAR(of.z2.test.p_value.value(), 1.0, 1e-3);
}

TEST(AcerbiSzekely, CriticalValuesAreThoseOfTheLaw) {
  // 20,000 replicates give a 5% quantile to 0.006 or so: a false alarm in 1e4 seeds.
  const NullSimulation simulation{.key = Key(1), .replicates = 20'000};
  const Days normal = days_of(kNormalLaw, 250, 0.025);
  EXPECT_NEAR(acerbi_szekely(normal.view(), std::vector{kNormalLaw}, simulation).z2.critical_value.value(), -0.70,
              0.02);
  const Days nig = days_of(kNig, 1000, 0.025);
  EXPECT_NEAR(acerbi_szekely(nig.view(), std::vector{kNig}, simulation).z2.critical_value.value(), -0.35, 0.01);
}

TEST(AcerbiSzekely, TheTestRejectsBelowItsCriticalValue) {
  Days days = days_of(kNormalLaw, 250, 0.025);
  const NullSimulation simulation{.key = Key(3), .replicates = 999};
  for (const double loss : {3.0, 4.0, 5.0, 5.5, 6.0}) {
    days.returns.assign(250, 0.0);
    for (std::size_t t = 10; t < 18; ++t) days.returns[t] = -loss;
    const AcerbiSzekely of = acerbi_szekely(days.view(), std::vector{kNormalLaw}, simulation);
    for (const SimulatedTest& z : {of.z1, of.z2}) {
      EXPECT_EQ(z.test.p_value.value() <= simulation.test_level, z.test.statistic < z.critical_value.value()) << loss;
    }
  }
}

TEST(AcerbiSzekely, LawsOfEachDayAreTheLawOfAllWhereTheyAreOne) {
  Days days = days_of(kNig, 60, 0.05);
  days.returns[7] = -4.0;
  const NullSimulation simulation{.key = Key(5), .replicates = 2000};
  const AcerbiSzekely one = acerbi_szekely(days.view(), std::vector{kNig}, simulation);
  const AcerbiSzekely each = acerbi_szekely(days.view(), std::vector<UnivariateLaw>(60, kNig), simulation);
  EXPECT_EQ(one, each);
  const AcerbiSzekely exact = acerbi_szekely(
      days.view(), [](Index, std::span<const double> u, std::span<double> out) { ppf(kNig, u, out); }, simulation);
  EXPECT_NEAR(exact.z2.critical_value.value(), one.z2.critical_value.value(), 1e-4);
}

TEST(AcerbiSzekely, HasTheSameBitsForAnyNumberOfThreads) {
  Days days = days_of(kNig, 200, 0.05);
  days.returns[7] = -4.0;
  const std::vector<UnivariateLaw> laws(200, kNig);
  const auto found = [&] { return acerbi_szekely(days.view(), laws, {.key = Key(5), .replicates = 200}); };
  set_threads(1);
  const AcerbiSzekely alone = found();
  set_threads(3);
  EXPECT_EQ(found(), alone);
  set_threads(0);
}

TEST(AcerbiSzekely, RefusesSettingsOutsideTheirDomains) {
  const Days days = four_days();
  const std::vector laws = {kNig};
  const auto refusal = [&](NullSimulation simulation, const char* text) {
    EXPECT_THAT([&] { (void)acerbi_szekely(days.view(), laws, simulation); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(text)));
  };
  refusal({.key = Key(0), .replicates = 0}, "replicates must be from 1 to 1e8, got 0");
  refusal({.key = Key(0), .replicates = 18}, "replicates must be at least 1/test_level - 1, got 18");
  refusal({.key = Key(0), .replicates = 99, .test_level = 1.0}, "test_level must be in (0, 1), got 1");
  EXPECT_THAT([&] { (void)acerbi_szekely(days.view(), std::vector<UnivariateLaw>(3, kNig), {.key = Key(0)}); },
              ThrowsMessage<std::invalid_argument>("laws must be one, or one of each day, 4, got 3"));
  const TailQuantile endless = [](Index, std::span<const double>, std::span<double> out) {
    std::fill(out.begin(), out.end(), -std::numeric_limits<double>::infinity());
  };
  EXPECT_THAT([&] { (void)acerbi_szekely(days.view(), endless, {.key = Key(0)}); },
              ThrowsMessage<std::invalid_argument>(
                  HasSubstr("laws[0] must be of returns within 1e150 times expected_shortfall[0], got -inf")));
}

TEST(McNeilFrey, IsLargeWhereLossesExceedTheirShortfall) {
  Days days = days_of(kNormalLaw, 300, 0.025);
  for (std::size_t t = 0; t < 8; ++t) days.returns[20 * t] = -2.8 - 0.1 * static_cast<double>(t);
  const BacktestTest larger = mcneil_frey(days.view(), Key(1));
  EXPECT_LT(larger.p_value.value(), 0.01);
  EXPECT_GT(larger.statistic, 0.0);
  for (std::size_t t = 0; t < 8; ++t) days.returns[20 * t] = -2.0 - 0.05 * static_cast<double>(t);
  EXPECT_GT(mcneil_frey(days.view(), Key(1)).p_value.value(), 0.5);
}

TEST(McNeilFrey, IsNotTestableWithOneFailureOrEqualResiduals) {
  Days days = days_of(kNormalLaw, 30, 0.025);
  EXPECT_EQ(mcneil_frey(days.view(), Key(1)), BacktestTest());
  days.returns[3] = -3.0;
  EXPECT_EQ(mcneil_frey(days.view(), Key(1)), BacktestTest());
  days.returns[4] = -3.0;
  EXPECT_EQ(mcneil_frey(days.view(), Key(1)), BacktestTest());
  days.returns[5] = -3.1;
  EXPECT_EQ(mcneil_frey(days.view(), Key(1)).status, BacktestStatus::kTested);
  EXPECT_THROW((void)mcneil_frey(days.view(), Key(1), 0), std::invalid_argument);
}

TEST(ShortfallForecasts, AreRefusedByDayNameAndConstraint) {
  using Change = void (*)(Days&);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::pair<Change, const char*>> bad = {
      {[](Days& d) { d.alpha = 0.0; }, "alpha must be in [1e-50, 1), got 0"},
      {[](Days& d) { d.alpha = 1.0; }, "alpha must be in [1e-50, 1), got 1"},
      {[](Days& d) { d.returns.pop_back(); }, "the days of value_at_risk must be those of returns, 3, got 4"},
      {[](Days& d) { d.expected_shortfall.pop_back(); },
       "the days of expected_shortfall must be those of returns, 4, got 3"},
      {[](Days& d) {
         d = Days{0.1, {}, {}, {}};
       },
       "the days of returns must be >= 1, got 0"},
      {[](Days& d) { d.expected_shortfall[2] = 2.0; }, "expected_shortfall[2] must be > 0 and above value_at_risk[2]"},
      {[](Days& d) { d.value_at_risk[1] = d.expected_shortfall[1] = -1.0; }, "expected_shortfall[1] must be > 0"},
      {[](Days& d) { d.returns[0] = -1e60; }, "returns[0] must be within 1e50 times expected_shortfall"},
      {[](Days& d) { d.value_at_risk[0] = -1e60; }, "value_at_risk[0] must be within 1e50 times expected_shortfall"}};
  for (const auto& [change, text] : bad) {
    Days days = four_days();
    change(days);
    EXPECT_THAT([&] { (void)acerbi_szekely(days.view()); }, ThrowsMessage<std::invalid_argument>(HasSubstr(text)));
    EXPECT_THAT([&] { (void)mcneil_frey(days.view(), Key(0)); }, ThrowsMessage<std::invalid_argument>(HasSubstr(text)));
  }
  for (std::vector<double> Days::*of : {&Days::returns, &Days::value_at_risk, &Days::expected_shortfall}) {
    Days days = four_days();
    (days.*of)[3] = nan;
    EXPECT_THAT([&] { (void)acerbi_szekely(days.view()); },
                ThrowsMessage<std::invalid_argument>(HasSubstr("[3] must be finite, got nan")));
  }
}

}  // namespace
}  // namespace varimix::tests
