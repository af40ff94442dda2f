#include "varimix/risk/portfolio_backtest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/close.hpp"
#include "support/models.hpp"
#include "varimix/risk/backtest.hpp"
#include "varimix/risk/e_backtest.hpp"
#include "varimix/risk/shortfall_score.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

class PortfolioBacktestTest : public ::testing::Test {
 public:
  NormalInverseGaussian model = some_model(2, 5, 0.3);
  RowMatrix x = model.rvs(600, Seed{4});
  WatchedPortfolio portfolio{"both", Vector::Constant(2, 0.5), 0.05};
  TailForecast day = *tail_forecast(model, portfolio.weights, portfolio.alpha);

  [[nodiscard]] PortfolioBacktest after(Index first, Index count) const {
    PortfolioBacktest backtest;
    backtest.add(portfolio, day, RowView(x).slice(first, count));
    return backtest;
  }
};

TEST_F(PortfolioBacktestTest, ForecastsAreThoseOfThePortfolioRisk) {
  const PortfolioRisk risk = portfolio_risk(model, portfolio.weights, portfolio.alpha);
  EXPECT_EQ(day.value_at_risk, risk.value_at_risk);
  EXPECT_EQ(day.expected_shortfall, risk.expected_shortfall);
}

TEST_F(PortfolioBacktestTest, HoldsWhatTheFunctionsOfAllDaysCompute) {
  const PortfolioBacktest backtest = after(0, 600);
  const Vector returns = x * portfolio.weights;
  const std::vector<double> all(returns.begin(), returns.end());
  const std::vector<double> value_at_risk(600, day.value_at_risk);
  const std::vector<double> shortfall(600, day.expected_shortfall);
  BacktestCounts counts;
  counts.add(all, value_at_risk);
  EXPECT_EQ(backtest.counts, counts);
  EXPECT_GT(counts.failures(), 10);
  const ShortfallForecasts days{all, value_at_risk, shortfall, portfolio.alpha};
  EXPECT_EQ(backtest.shortfall.acerbi_szekely(portfolio.alpha), acerbi_szekely(days));
  const EBacktest process = e_backtest(days);
  EXPECT_EQ(backtest.shortfall.e_process.log_last, process.log_e_process.back());
  EXPECT_EQ(backtest.shortfall.e_process.p_value(), process.p_value);
  std::vector<double> scores(600);
  fz0_score(days, scores);
  double sum = 0.0;
  for (const double score : scores) sum += score;
  EXPECT_EQ(backtest.shortfall.scores, sum);
}

TEST_F(PortfolioBacktestTest, PiecesMergeToTheFailuresOfOnePassAndSumsToRounding) {
  const PortfolioBacktest whole = after(0, 600);
  for (const Index cut : {0, 1, 77, 300, 599, 600}) {
    PortfolioBacktest merged = after(0, cut);
    merged.merge(after(cut, 600 - cut));
    EXPECT_EQ(merged.counts, whole.counts) << cut;
    EXPECT_EQ(merged.shortfall.days, 600);
    EXPECT_EQ(merged.shortfall.failed.failures, whole.shortfall.failed.failures);
    EXPECT_NEAR(merged.shortfall.failed.sum, whole.shortfall.failed.sum, 1e-10);
    EXPECT_NEAR(merged.shortfall.scores, whole.shortfall.scores, 1e-9);
    EXPECT_NEAR(merged.shortfall.e_process.gains, whole.shortfall.e_process.gains, 1e-9);
  }
}

TEST(EProcess, OfAFixedStakeMergesToOnePass) {
  const std::vector<double> gains = {-1.0, 3.0, -1.0, 8.0, -1.0, -1.0, 0.5, -1.0};
  for (std::size_t cut = 0; cut <= gains.size(); ++cut) {
    EProcess whole;
    EProcess first;
    EProcess later;
    for (std::size_t t = 0; t < gains.size(); ++t) {
      whole.add(gains[t], 0.25);
      (t < cut ? first : later).add(gains[t], 0.25);
    }
    first.merge(later);
    EXPECT_NEAR(first.log_last, whole.log_last, 1e-14);
    EXPECT_NEAR(first.log_largest, whole.log_largest, 1e-14) << cut;
    EXPECT_EQ(first.gains, whole.gains);
  }
  EXPECT_EQ(EProcess{}.p_value(), 1.0);
}

TEST_F(PortfolioBacktestTest, RowsWithoutAReturnOrAForecastAreCountedAndAreNoDays) {
  RowMatrix rows = RowMatrix::Zero(4, 2);
  rows(1, 1) = kNaN;
  rows.row(2) << 1e308, -1e308;
  rows.row(3) << 1.7e308, 1.7e308;
  PortfolioBacktest backtest;
  WatchedPortfolio large = portfolio;
  large.weights << 4.0, 4.0;
  backtest.add(large, day, rows);
  EXPECT_EQ(backtest.without_return, 2) << "a value is missing; inf - inf is no number";
  EXPECT_EQ(backtest.counts.days(), 2);
  EXPECT_EQ(backtest.counts.failures(), 0) << "a gain of inf";
  EXPECT_EQ(backtest.shortfall.days, 1);
  backtest.add(portfolio, std::nullopt, RowView(x).slice(0, 3));
  EXPECT_EQ(backtest.without_forecast, 3);
  EXPECT_EQ(backtest.counts.days(), 2);

  WatchedPortfolio first{"first", Vector::Unit(2, 0), 0.05};
  PortfolioBacktest of_first;
  of_first.add(first, day, rows);
  EXPECT_EQ(of_first.without_return, 0) << "what it does not hold may be missing";
}

TEST_F(PortfolioBacktestTest, AnInfiniteOrNegativeExpectedShortfallLeavesTheTestsOfFailures) {
  PortfolioBacktest backtest;
  backtest.add(portfolio, TailForecast{day.value_at_risk, kInf}, x);
  EXPECT_EQ(backtest.counts, after(0, 600).counts);
  EXPECT_EQ(backtest.shortfall, ShortfallSums{});
  backtest.add(portfolio, TailForecast{-2.0, -1.0}, x);
  EXPECT_EQ(backtest.shortfall, ShortfallSums{});
  EXPECT_EQ(backtest.shortfall.acerbi_szekely(0.05).z2.test.status, BacktestStatus::kNotTestable);
  EXPECT_NO_THROW(backtest.check());
}

TEST(WatchedPortfolios, WhatIsNoPortfolioIsRefusedByName) {
  const Vector w = Vector::Constant(2, 0.5);
  const auto error = [](std::vector<WatchedPortfolio> all) { return error_of([&] { check_portfolios(all, 2); }); };
  EXPECT_EQ(error({{"a", w}, {"b", -w, 0.999}}), "");
  EXPECT_THAT(error({{"", w}}), HasSubstr("the name of a portfolio must be not empty"));
  EXPECT_THAT(error({{"a", w}, {"b", w}, {"a", w}}), HasSubstr("must be that of one alone, got 'a' twice"));
  EXPECT_THAT(error({{"a", Vector::Ones(3)}}), HasSubstr("the weights of portfolio 'a' must be of dimension 2, got 3"));
  EXPECT_THAT(error({{"a", Vector::Zero(2)}}), HasSubstr("finite and not all 0"));
  EXPECT_THAT(error({{"a", Vector::Constant(2, kNaN)}}), HasSubstr("finite and not all 0"));
  for (const double alpha : {0.0, 1.0, -0.1, 1e-51, kNaN}) {
    EXPECT_THAT(error({{"a", w, alpha}}), HasSubstr("the alpha of portfolio 'a' must be in [1e-50, 1)")) << alpha;
  }
}

}  // namespace
}  // namespace varimix::tests
