// What risk and inference do on several threads has the same bits on 1, 2, 3 and 7 of them. ThreadSanitizer runs these
// tests too (preset `thread`).

#include <gtest/gtest.h>

#include <array>
#include <tuple>
#include <vector>

#include "support/models.hpp"
#include "support/threads.hpp"
#include "varimix/inference/bootstrap_em.hpp"
#include "varimix/inference/goodness_of_fit.hpp"
#include "varimix/risk/portfolio.hpp"
#include "varimix/risk/scenarios.hpp"
#include "varimix/risk/shortfall_backtest.hpp"
#include "varimix/risk/simulated_horizon.hpp"

namespace varimix::tests {
namespace {

constexpr std::array kThreads = {1, 2, 3, 7};

class SameBitsOfInference : public ::testing::Test {
 protected:
  const NormalInverseGaussian law_ = some_model(3, 9, 0.7);
  const RowMatrix rows_ = law_.rvs(600, Seed{4});

  /// Expects that `work` returns the same on every number of threads.
  template <class Work>
  void expect_same(const Work& work) {
    const auto expected = work();
    for (const int count : kThreads) {
      const ThreadLimit limit(count);
      EXPECT_TRUE(work() == expected) << count << " threads";
    }
  }
};

TEST_F(SameBitsOfInference, OfTheReplicasOfABootstrap) {
  expect_same([&] {
    BootstrapEM<NormalInverseGaussian> state(OnlineEM<NormalInverseGaussian>(law_), {.replicas = 9});
    (void)state.update(RowView(rows_).slice(0, 300));
    (void)state.update(RowView(rows_).slice(300, 300));
    return state;
  });
}

TEST_F(SameBitsOfInference, OfRefitsOfReplicates) {
  expect_same([&] {
    const GoodnessOfFit test = goodness_of_fit(law_, rows_, {.replicates = 7, .fit = {.max_iter = 3}});
    return std::tuple(test.statistics, test.p_values, test.statistic);
  });
}

TEST_F(SameBitsOfInference, OfSimulatedHorizons) {
  expect_same([&] { return draw_horizon_rows(law_, 5, 3000, Seed{1}); });
}

TEST_F(SameBitsOfInference, OfScenarios) {
  const std::vector<ColumnCondition> conditions = {{0, -10.0, -0.5}, {2, 0.1, 10.0}};
  expect_same([&] {
    const Scenarios drawn = draw_scenarios(law_, conditions, 3000, Seed{1});
    return std::tuple(drawn.x, drawn.weights, drawn.log_probability);
  });
}

TEST_F(SameBitsOfInference, OfSimulatedNullLawsOfABacktest) {
  const UnivariateLaw day = law_.project(Vector::Ones(3)).univariate_law();
  const Vector sums = rows_ * Vector::Ones(3);
  const std::vector<double> returns(sums.begin(), sums.end());
  const TailForecast forecast = tail_forecast(law_, Vector::Ones(3), 0.05).value();
  const std::vector<double> value_at_risk(600, forecast.value_at_risk);
  const std::vector<double> shortfall(600, forecast.expected_shortfall);
  expect_same([&] {
    return acerbi_szekely({returns, value_at_risk, shortfall, 0.05}, std::array{day},
                          {.key = Key{2}, .replicates = 300});
  });
}

}  // namespace
}  // namespace varimix::tests
