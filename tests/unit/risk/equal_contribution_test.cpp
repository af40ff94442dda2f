#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <string>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "varimix/risk/optimal_portfolio.hpp"
#include "varimix/risk/portfolio.hpp"

namespace varimix::tests {
namespace {

constexpr Index kColumns = 6;
constexpr double kShares = 1e-13;

/// Returns a model whose long-only portfolios all lose in the tail.
template <class S>
MeanVarianceMixture<S> lossy_model() {
  const auto model = some_model<S>(kColumns, 7, 0.4);
  return {0.1 * model.mu(), 0.3 * model.gamma(), model.L_Sigma(), model.subordinator()};
}

template <class S>
class EqualContributionOfFamily : public ::testing::Test {
 protected:
  MeanVarianceMixture<S> model_ = lossy_model<S>();
};
TYPED_TEST_SUITE(EqualContributionOfFamily, Families, FamilyNames);

TYPED_TEST(EqualContributionOfFamily, ItsPartsAreEqual) {
  for (const double alpha : {1e-6, 0.01, 0.05, 0.2}) {
    const OptimalPortfolio found = equal_contribution(this->model_, alpha);
    ASSERT_EQ(found.status, OptimumStatus::kOk) << alpha;
    EXPECT_NEAR(found.weights.sum(), 1.0, 1e-15);
    EXPECT_GT(found.weights.minCoeff(), 0.0);
    const PortfolioRisk risk = portfolio_risk(this->model_, found.weights, alpha);
    EXPECT_TRUE(is_close(found.expected_shortfall, risk.expected_shortfall, kShares));
    const Vector shares = risk.expected_shortfall_contributions() / risk.expected_shortfall;
    EXPECT_TRUE(all_close(shares, Vector::Constant(kColumns, 1.0 / kColumns), kShares)) << alpha;
    EXPECT_LE(found.gap, kShares);
  }
}

TYPED_TEST(EqualContributionOfFamily, ItsPartsAreInTheRatiosOfBudgets) {
  const Vector budgets{{1.0, 2.0, 3.0, 4.0, 5.0, 1e-3}};
  const OptimalPortfolio found = equal_contribution(this->model_, 0.05, budgets);
  ASSERT_EQ(found.status, OptimumStatus::kOk);
  const PortfolioRisk risk = portfolio_risk(this->model_, found.weights, 0.05);
  EXPECT_TRUE(
      all_close(risk.expected_shortfall_contributions() / risk.expected_shortfall, budgets / budgets.sum(), kShares));
  const OptimalPortfolio scaled = equal_contribution(this->model_, 0.05, 1e300 * budgets);
  EXPECT_TRUE(all_close(scaled.weights, found.weights, 1e-12));
}

TYPED_TEST(EqualContributionOfFamily, DoesNotDependOnUnitsOrOrder) {
  const OptimalPortfolio found = equal_contribution(this->model_, 0.05);
  const auto in_percent =
      transformed(this->model_, 100.0 * Matrix::Identity(kColumns, kColumns), Vector::Zero(kColumns));
  EXPECT_TRUE(all_close(equal_contribution(in_percent, 0.05).weights, found.weights, 1e-12));
  Eigen::PermutationMatrix<Eigen::Dynamic> order(kColumns);
  order.indices() << 3, 0, 4, 1, 5, 2;
  const auto permuted = transformed(this->model_, Matrix(order), Vector::Zero(kColumns));
  EXPECT_TRUE(all_close(equal_contribution(permuted, 0.05).weights, order * found.weights, 1e-12));
}

TEST(EqualContribution, OfIndependentSymmetricColumnsIsInverseVolatility) {
  const Vector sizes{{1.0, 2.0, 5.0}};
  const NormalInverseGaussian model(Vector::Zero(3), Vector::Zero(3), Matrix(sizes.asDiagonal()),
                                    InverseGaussian(1.0, 1.0));
  const Vector inverse = sizes.cwiseInverse();
  EXPECT_TRUE(all_close(equal_contribution(model, 0.05).weights, inverse / inverse.sum(), 1e-14));
}

TEST(EqualContribution, NeedsLossesAndMeans) {
  const Matrix unit = Matrix::Identity(2, 2);
  const NormalInverseGaussian gains(Vector{{9.0, 9.0}}, Vector::Zero(2), unit, InverseGaussian(1.0, 1.0));
  const OptimalPortfolio none = equal_contribution(gains, 0.05);
  EXPECT_EQ(none.status, OptimumStatus::kNonpositiveShortfall);
  EXPECT_EQ(none.weights.size(), 0);
  // One column gains for certain, the other loses: somewhere between them the shortfall is 0.
  const NormalInverseGaussian one(Vector{{2.9, -1.0}}, Vector::Zero(2), unit, InverseGaussian(1.0, 1.0));
  EXPECT_EQ(equal_contribution(one, 0.05).status, OptimumStatus::kNonpositiveShortfall);
  const NormalInverseGamma heavy(Vector::Zero(2), Vector{{-0.2, -0.1}}, unit, InverseGamma(0.9, 1.0));
  EXPECT_EQ(equal_contribution(heavy, 0.05).status, OptimumStatus::kInfiniteExpectedShortfall);
}

TEST(EqualContribution, OneColumnIsThePortfolio) {
  EXPECT_EQ(equal_contribution(univariate(0.0, 0.0, 1.0, 1.0, 1.0), 0.05).weights, Vector::Ones(1));
}

TEST(EqualContribution, WhatIsNoBudgetIsRefusedByName) {
  const NormalInverseGaussian model = lossy_model<InverseGaussian>();
  const auto error = [&](const Vector& budgets, double alpha = 0.05) {
    return error_of([&] { (void)equal_contribution(model, alpha, budgets); });
  };
  EXPECT_EQ(error(Vector::Ones(2)), "budgets must be of dimension 6, got 2");
  EXPECT_EQ(error(Vector::Zero(6)), "budgets must be finite and > 0, got 0");
  EXPECT_EQ(error(Vector::Constant(6, std::numeric_limits<double>::infinity())),
            "budgets must be finite and > 0, got inf");
  EXPECT_EQ(error(Vector::Constant(6, std::nan(""))), "budgets must be finite and > 0, got nan");
  EXPECT_EQ(error(Vector(), 1.0), "alpha must be in (0, 1), got 1");
}

}  // namespace
}  // namespace varimix::tests
