#include "varimix/risk/shortfall_score.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "support/forecasts.hpp"

namespace varimix::tests {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Fz0Score, IsItsFormula) {
  const Days days{0.25, {1.0, -3.0}, {2.0, 2.0}, {2.5, 4.0}};
  std::vector<double> score(2);
  fz0_score(days.view(), score);
  EXPECT_NEAR(score[0], 2.0 / 2.5 + std::log(2.5) - 1.0, 1e-15);
  EXPECT_NEAR(score[1], 1.0 / (0.25 * 4.0) + 2.0 / 4.0 + std::log(4.0) - 1.0, 1e-15);
  std::vector<double> short_of_one(1);
  EXPECT_THROW(fz0_score(days.view(), short_of_one), std::invalid_argument);
}

/// Returns the mean score of forecasts for a law, with E[(L - v)+] = P(L > v) (ES beyond v - v).
double mean_score(const UnivariateLaw& law, double alpha, double value_at_risk, double shortfall) {
  const double beyond = cdf(law, -value_at_risk);
  const double excess = beyond * (expected_shortfall(law, 1.0 - beyond) - value_at_risk);
  return excess / (alpha * shortfall) + value_at_risk / shortfall + std::log(shortfall) - 1.0;
}

TEST(Fz0Score, MeanIsLeastAtTheTruthWhichItIsTheLogarithmOf) {
  for (const UnivariateLaw& law : {kNormalLaw, UnivariateLaw{{-0.5, 1.0, 1.0}, 0.0, -0.1, 1.0}}) {
    constexpr double kAlpha = 0.025;
    const double v = value_at_risk(law, 1.0 - kAlpha);
    const double e = expected_shortfall(law, 1.0 - kAlpha);
    const double least = mean_score(law, kAlpha, v, e);
    EXPECT_NEAR(least, std::log(e), 1e-9);
    EXPECT_NEAR(mean_score(law, kAlpha, v, 1.1 * e) - least, 1.0 / 1.1 - 1.0 + std::log(1.1), 1e-9);
    EXPECT_GT(mean_score(law, kAlpha, 1.1 * v, e), least + 0.005);
    EXPECT_GT(mean_score(law, kAlpha, 0.9 * v, e), least + 0.005);
    EXPECT_GT(mean_score(law, kAlpha, v, 0.9 * e), least + 0.005);
  }
}

TEST(DieboldMariano, IsTheMeanOverItsHacError) {
  const std::vector<double> score = {1.0, 4.0, 2.0, 7.0};
  const std::vector<double> other = {0.0, 1.0, 1.0, 2.0};
  // The differences 1, 3, 1, 5 are -1.5, .5, -1.5, 2.5 about 2.5; their autocovariances 2.75 and -1.3125.
  const ScoreDifference of = diebold_mariano(score, other, 1);
  EXPECT_NEAR(of.mean, 2.5, 1e-15);
  EXPECT_NEAR(of.standard_error, std::sqrt((2.75 - 1.3125) / 4.0), 1e-15);
  EXPECT_NEAR(of.test.statistic, of.mean / of.standard_error, 1e-14);
  EXPECT_NEAR(of.test.p_value.value(), std::erfc(of.test.statistic / std::sqrt(2.0)), 1e-15);
  EXPECT_EQ(diebold_mariano(other, score, 1).test.statistic, -of.test.statistic);
}

TEST(DieboldMariano, TakesFourLagsOfAHundredDays) {
  std::vector<double> score(100);
  for (std::size_t t = 0; t < 100; ++t) score[t] = std::sin(static_cast<double>(t));
  EXPECT_EQ(diebold_mariano(score, std::vector<double>(100)).maxlags, 4);
  EXPECT_EQ(diebold_mariano(std::vector{1.0, 2.0}, std::vector{0.0, 0.0}).maxlags, 1);
}

TEST(DieboldMariano, IsNotTestableOfEqualDifferences) {
  const std::vector<double> score = {1.1, 4.3, 2.7};
  EXPECT_EQ(diebold_mariano(score, score).test, BacktestTest());
  EXPECT_EQ(diebold_mariano(std::vector{1.0}, std::vector{2.0}).test, BacktestTest());
  EXPECT_EQ(diebold_mariano(std::vector{1.0}, std::vector{2.0}).mean, -1.0);
}

TEST(DieboldMariano, RefusesWhatItCannotCompare) {
  const std::vector<double> two = {1.0, 2.0};
  const auto refusal = [&](const std::vector<double>& score, const std::vector<double>& other,
                           std::optional<std::int64_t> lags, const char* text) {
    EXPECT_THAT([&] { (void)diebold_mariano(score, other, lags); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(text)));
  };
  refusal(two, {1.0}, {}, "the size of other must be that of score, 2, got 1");
  refusal({}, {}, {}, "the size of score must be >= 1, got 0");
  refusal(two, {1.0, std::nan("")}, {}, "other[1] must be finite and within 1e150, got nan");
  refusal({1e160, 0.0}, two, {}, "score[0] must be finite and within 1e150, got 1e+160");
  refusal(two, two, 2, "maxlags must be >= 0 and below the days, got 2");
  refusal(two, two, -1, "maxlags must be >= 0 and below the days, got -1");
}

}  // namespace
}  // namespace varimix::tests
