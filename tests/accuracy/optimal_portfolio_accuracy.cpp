#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <sstream>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/paths.hpp"
#include "varimix/risk/optimal_portfolio.hpp"

namespace varimix::tests {
namespace {

// What the table promises of itself.
constexpr double kShortfall = 1e-10;  // relative
constexpr double kMinimumWeights = 1e-6;
constexpr double kEqualContributionWeights = 1e-9;

Vector numbers_in(const std::string& text) {
  std::istringstream stream(text);
  std::vector<double> values;
  for (double value = 0.0; stream >> value;) values.push_back(value);
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

/// Returns the law of twenty stocks.
NormalInverseGaussian law_of_stocks() {
  const Table table(data_file("optimal_portfolios_law.csv"));
  const auto d = static_cast<Index>(table.rows());
  Vector mu(d);
  Vector gamma(d);
  Matrix sigma(d, d);
  for (Index j = 0; j < d; ++j) {
    const auto row = static_cast<std::size_t>(j);
    mu(j) = table.number(row, "mu");
    gamma(j) = table.number(row, "gamma");
    sigma.row(j) = numbers_in(table.text(row, "sigma")).transpose();
  }
  return {mu, gamma, sigma.llt().matrixL(), InverseGaussian(1.0, table.number(0, "lam"))};
}

OptimalPortfolio portfolio_of(const NormalInverseGaussian& model, const Table& table, std::size_t row) {
  const std::string& kind = table.text(row, "kind");
  const double alpha = table.number(row, "alpha");
  if (kind == "equal_contribution") return equal_contribution(model, alpha);
  PortfolioConstraints constraints = kind == "budget_only" ? PortfolioConstraints{} : long_only(model.d());
  if (kind == "target_return") constraints.target_return = table.number(row, "mean");
  return minimum_expected_shortfall(model, alpha, constraints);
}

TEST(OptimalPortfolioAccuracy, PortfoliosOfTwentyStocksAreThoseOfAnotherProgram) {
  const Table table(data_file("optimal_portfolios.csv"));
  const NormalInverseGaussian model = law_of_stocks();
  Worst shortfall("expected shortfall");
  Worst gap("gap");
  Worst minimum("weights of the minimum");
  Worst equal("weights of equal contributions");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto place = [&] { return table.text(row, "kind") + " at " + table.text(row, "alpha"); };
    const OptimalPortfolio found = portfolio_of(model, table, row);
    ASSERT_EQ(found.status, OptimumStatus::kOk) << place();
    const double es = table.number(row, "es");
    shortfall.add(relative_error(found.expected_shortfall, es), found.expected_shortfall, es, place);
    gap.add(found.gap, found.gap, 0.0, place);
    const Vector expected = numbers_in(table.text(row, "weights"));
    Worst& weights = table.text(row, "kind") == "equal_contribution" ? equal : minimum;
    for (Index j = 0; j < expected.size(); ++j) {
      weights.add(error_in(1.0, found.weights(j), expected(j)), found.weights(j), expected(j), place);
    }
  }
  EXPECT_TRUE(shortfall.within(kShortfall));
  EXPECT_TRUE(gap.within(kOptimumRelativeError));
  EXPECT_TRUE(minimum.within(kMinimumWeights));
  EXPECT_TRUE(equal.within(kEqualContributionWeights));
}

}  // namespace
}  // namespace varimix::tests
