#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>

#include "risk/duality_bound.hpp"
#include "support/close.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "support/optimal_portfolios.hpp"
#include "varimix/risk/optimal_portfolio.hpp"
#include "varimix/risk/portfolio.hpp"

namespace varimix::tests {
namespace {

using namespace optimal_portfolios;

constexpr double kSameShortfall = 1e-12;

template <class S>
class OptimalPortfolioOfFamily : public ::testing::Test {
 protected:
  MeanVarianceMixture<S> model_ = some_model<S>(kColumns, 7, 0.4);
};
TYPED_TEST_SUITE(OptimalPortfolioOfFamily, Families, FamilyNames);

/// Returns a portfolio of the simplex.
Vector some_weights(Index d, std::int64_t seed) {
  const Vector w = gaussian_rows(1, d, seed).transpose().cwiseAbs2();
  return w / w.sum();
}

template <Subordinator S>
double shortfall_at(const MeanVarianceMixture<S>& model, const Vector& w, double alpha) {
  return portfolio_risk(model, w, alpha).expected_shortfall;
}

TYPED_TEST(OptimalPortfolioOfFamily, TheGapOfALongOnlyOneIsThatOfTheSimplex) {
  for (const double alpha : {1e-6, 0.01, 0.05, 0.3}) {
    const OptimalPortfolio found = minimum_expected_shortfall(this->model_, alpha, long_only(kColumns));
    ASSERT_EQ(found.status, OptimumStatus::kOk) << alpha;
    EXPECT_NEAR(found.weights.sum(), 1.0, 1e-14);
    EXPECT_GE(found.weights.minCoeff(), 0.0);
    const PortfolioRisk risk = portfolio_risk(this->model_, found.weights, alpha);
    EXPECT_EQ(found.expected_shortfall, risk.expected_shortfall);
    const double gap =
        (risk.expected_shortfall - risk.expected_shortfall_gradient.minCoeff()) / risk.expected_shortfall;
    EXPECT_NEAR(found.gap, std::max(gap, 0.0),
                1e-14 * risk.expected_shortfall_gradient.cwiseAbs().maxCoeff() / std::abs(risk.expected_shortfall));
    for (std::int64_t seed = 0; seed < 20; ++seed) {
      EXPECT_LE(found.expected_shortfall, shortfall_at(this->model_, some_weights(kColumns, seed), alpha));
    }
  }
}

TYPED_TEST(OptimalPortfolioOfFamily, TheBudgetAloneLeavesEqualDerivativesAndWeightsInAKnownSpan) {
  // Means and skewness that do not pay for every loss.
  const MeanVarianceMixture<TypeParam> plain(0.1 * this->model_.mu(), 0.3 * this->model_.gamma(),
                                             this->model_.L_Sigma(), this->model_.subordinator());
  const OptimalPortfolio found = minimum_expected_shortfall(plain, 0.01, PortfolioConstraints{});
  ASSERT_EQ(found.status, OptimumStatus::kOk);
  EXPECT_LE(found.gap, 1e-11);
  const Vector g = portfolio_risk(plain, found.weights, 0.01).expected_shortfall_gradient;
  EXPECT_TRUE(all_close(g, Vector::Constant(kColumns, found.expected_shortfall), 1e-12));
  Matrix three(kColumns, 3);
  three << plain.mu(), plain.gamma(), Vector::Ones(kColumns);
  const Matrix span = plain.sigma().llt().solve(three);
  const Vector projected = span * span.colPivHouseholderQr().solve(found.weights);
  EXPECT_TRUE(all_close(projected, found.weights, 1e-10));
}

TYPED_TEST(OptimalPortfolioOfFamily, DoesNotDependOnUnitsOrderGaugeOrBudget) {
  const OptimalPortfolio found = minimum_expected_shortfall(this->model_, 0.02, long_only(kColumns));
  const auto in_percent =
      transformed(this->model_, 100.0 * Matrix::Identity(kColumns, kColumns), Vector::Zero(kColumns));
  const OptimalPortfolio percent = minimum_expected_shortfall(in_percent, 0.02, long_only(kColumns));
  EXPECT_TRUE(is_close(percent.expected_shortfall, 100.0 * found.expected_shortfall, kSameShortfall));
  EXPECT_TRUE(all_close(percent.weights, found.weights, kSameWeights));
  Eigen::PermutationMatrix<Eigen::Dynamic> order(kColumns);
  order.indices() << 3, 0, 4, 1, 5, 2;
  const auto permuted = transformed(this->model_, Matrix(order), Vector::Zero(kColumns));
  const OptimalPortfolio other = minimum_expected_shortfall(permuted, 0.02, long_only(kColumns));
  EXPECT_TRUE(is_close(other.expected_shortfall, found.expected_shortfall, kSameShortfall));
  EXPECT_TRUE(all_close(other.weights, order * found.weights, kSameWeights));
  const OptimalPortfolio gauge = minimum_expected_shortfall(this->model_.rescale_y(37.0), 0.02, long_only(kColumns));
  EXPECT_TRUE(all_close(gauge.weights, found.weights, kSameWeights));
  PortfolioConstraints thousand = long_only(kColumns);
  thousand.budget = 1000.0;
  const OptimalPortfolio large = minimum_expected_shortfall(this->model_, 0.02, thousand);
  EXPECT_EQ(large.status, OptimumStatus::kOk);
  EXPECT_TRUE(all_close(large.weights, 1000.0 * found.weights, kSameWeights));
}

TYPED_TEST(OptimalPortfolioOfFamily, MeetsBoxesGroupsRowsAndATargetAndItsGapBoundsTheDistance) {
  PortfolioConstraints constraints = long_only(kColumns);
  constraints.upper = Vector::Constant(kColumns, 0.4);
  constraints.lower(0) = -0.2;
  add(constraints, Vector{{1.0, 1.0, 1.0, 0.0, 0.0, 0.0}}, 0.2, 0.5);
  add(constraints, Vector{{0.0, 0.0, 1.0, -2.0, 0.0, 0.0}}, -kInfinity, 0.0);
  const Vector one = minimum_expected_shortfall(this->model_, 0.5, constraints).weights;
  const Vector other_one = minimum_expected_shortfall(this->model_, 1e-4, constraints).weights;
  constraints.target_return = 0.5 * (one + other_one).dot(this->model_.mean());
  const OptimalPortfolio found = minimum_expected_shortfall(this->model_, 0.02, constraints);
  ASSERT_EQ(found.status, OptimumStatus::kOk);
  const Vector& w = found.weights;
  EXPECT_NEAR(w.sum(), 1.0, 1e-13);
  EXPECT_NEAR(w.dot(this->model_.mean()), *constraints.target_return, 1e-12);
  EXPECT_TRUE((w.array() >= constraints.lower.array()).all() && (w.array() <= constraints.upper.array()).all());
  const Vector values = constraints.rows * w;
  EXPECT_TRUE((values.array() >= constraints.low.array() - 1e-14).all());
  EXPECT_TRUE((values.array() <= constraints.high.array() + 1e-14).all());
  // On the way to any other portfolio that meets them it does not fall.
  for (const double alpha : {0.001, 0.1, 0.3}) {
    const Vector v = minimum_expected_shortfall(this->model_, alpha, constraints).weights;
    for (const double share : {1e-6, 1e-3, 1.0}) {
      EXPECT_GE(shortfall_at(this->model_, w + share * (v - w), 0.02),
                found.expected_shortfall - (found.gap + 1e-14) * std::abs(found.expected_shortfall));
    }
  }
}

TYPED_TEST(OptimalPortfolioOfFamily, AnyMultipliersBoundEveryPortfolioFromBelow) {
  const LinearConstraints simplex{Matrix::Ones(1, kColumns), Vector::Ones(1), Vector::Ones(1), Vector::Zero(kColumns),
                                  Vector::Constant(kColumns, kInfinity)};
  const FeasibleSet set = *feasible_set(simplex);
  for (std::int64_t seed = 0; seed < 5; ++seed) {
    const Vector x = some_weights(kColumns, seed);
    const Vector g = portfolio_risk(this->model_, x, 0.05).expected_shortfall_gradient;
    const InteriorPoint point{x, Vector::Constant(1, 0.3), Vector::Ones(kColumns), 1, InteriorEnding::kStopped};
    EXPECT_TRUE(is_close(lower_bound(set, point, g), g.minCoeff(), 1e-13));
    for (std::int64_t other = 100; other < 120; ++other) {
      EXPECT_LE(lower_bound(set, point, g), shortfall_at(this->model_, some_weights(kColumns, other), 0.05));
    }
  }
}

// A grid of step h misses the minimum by a multiple of h^2.
TYPED_TEST(OptimalPortfolioOfFamily, OfTwoColumnsIsThatOfASearchAlongALine) {
  const auto two = some_model<TypeParam>(2, 3, 0.4);
  const OptimalPortfolio found = minimum_expected_shortfall(two, 0.05, PortfolioConstraints{});
  ASSERT_EQ(found.status, OptimumStatus::kOk);
  double best = kInfinity;
  for (int k = -100; k <= 100; ++k) {
    const double w = found.weights(0) + 1e-3 * k;
    best = std::min(best, shortfall_at(two, Vector{{w, 1.0 - w}}, 0.05));
  }
  EXPECT_LE(found.expected_shortfall, best * (1.0 + 1e-14));
  EXPECT_TRUE(is_close(found.expected_shortfall, best, 1e-5));
}

TYPED_TEST(OptimalPortfolioOfFamily, TheLargestMeanFillsTheBestColumnsFirst) {
  PortfolioConstraints constraints = long_only(kColumns);
  constraints.upper = Vector::Constant(kColumns, 0.4);
  const OptimalPortfolio found = maximum_mean(this->model_, 0.05, constraints);
  ASSERT_EQ(found.status, OptimumStatus::kOk);
  Vector mean = this->model_.mean();
  std::sort(mean.begin(), mean.end(), std::greater<>());
  EXPECT_NEAR(found.weights.dot(this->model_.mean()), 0.4 * mean(0) + 0.4 * mean(1) + 0.2 * mean(2), 1e-12);
  EXPECT_EQ(found.expected_shortfall, shortfall_at(this->model_, found.weights, 0.05));
  EXPECT_EQ(maximum_mean(this->model_, 0.05, PortfolioConstraints{}).status, OptimumStatus::kUnbounded);
}

}  // namespace
}  // namespace varimix::tests
