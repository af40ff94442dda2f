#include "varimix/risk/optimal_portfolio.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>

#include "support/close.hpp"
#include "support/models.hpp"
#include "support/optimal_portfolios.hpp"

namespace varimix::tests {
namespace {

using namespace optimal_portfolios;

NormalInverseGaussian stocks() { return some_model<InverseGaussian>(kColumns, 7, 0.4); }

TEST(OptimalPortfolio, EqualBoundsPinAWeight) {
  PortfolioConstraints constraints = long_only(kColumns);
  constraints.upper = Vector::Constant(kColumns, kInfinity);
  constraints.lower(2) = constraints.upper(2) = 0.3;
  const OptimalPortfolio pinned = minimum_expected_shortfall(stocks(), 0.05, constraints);
  ASSERT_EQ(pinned.status, OptimumStatus::kOk);
  EXPECT_EQ(pinned.weights(2), 0.3);
  PortfolioConstraints by_row = long_only(kColumns);
  add(by_row, Vector::Unit(kColumns, 2), 0.3, 0.3);
  EXPECT_TRUE(all_close(minimum_expected_shortfall(stocks(), 0.05, by_row).weights, pinned.weights, kSameWeights));
  constraints.lower = constraints.upper = Vector::Constant(kColumns, 1.0 / kColumns);
  const OptimalPortfolio all = minimum_expected_shortfall(stocks(), 0.05, constraints);
  EXPECT_EQ(all.status, OptimumStatus::kOk);
  EXPECT_EQ(all.weights, constraints.lower);
  EXPECT_LE(all.gap, 1e-14);
}

TEST(OptimalPortfolio, RedundantConstraintsChangeNothing) {
  const OptimalPortfolio plain = minimum_expected_shortfall(stocks(), 0.05, long_only(kColumns));
  PortfolioConstraints twice = long_only(kColumns);
  add(twice, Vector::Constant(kColumns, 2.0), 2.0, 2.0);
  add(twice, Vector::Ones(kColumns), -kInfinity, 1.0);
  add(twice, Vector::Zero(kColumns), -1.0, 1.0);
  add(twice, Vector::Unit(kColumns, 0), 0.0, 1.0);
  const OptimalPortfolio found = minimum_expected_shortfall(stocks(), 0.05, twice);
  ASSERT_EQ(found.status, OptimumStatus::kOk);
  EXPECT_TRUE(all_close(found.weights, plain.weights, kSameWeights));
}

TEST(OptimalPortfolio, ASetWithoutInteriorHasItsMinimum) {
  PortfolioConstraints constraints = long_only(kColumns);
  add(constraints, Vector{{1.0, 1.0, 0.0, 0.0, 0.0, 0.0}}, 0.6, kInfinity);
  add(constraints, Vector{{0.0, 0.0, 1.0, 1.0, 1.0, 0.0}}, 0.4, kInfinity);  // so that w_5 = 0, and both are equalities
  const OptimalPortfolio found = minimum_expected_shortfall(stocks(), 0.05, constraints);
  ASSERT_EQ(found.status, OptimumStatus::kOk);
  EXPECT_EQ(found.weights(5), 0.0);
  EXPECT_NEAR(found.weights.head(2).sum(), 0.6, 1e-9);
  constraints.low(1) += 1e-6;
  EXPECT_EQ(minimum_expected_shortfall(stocks(), 0.05, constraints).status, OptimumStatus::kInfeasible);
}

TEST(OptimalPortfolio, ATargetIsMetUpToTheLargestMeanAndNotBeyond) {
  const NormalInverseGaussian model = stocks();
  PortfolioConstraints constraints = long_only(kColumns);
  Index best = 0;
  const double largest = model.mean().maxCoeff(&best);
  constraints.target_return = largest;
  const OptimalPortfolio end = minimum_expected_shortfall(model, 0.05, constraints);
  ASSERT_EQ(end.status, OptimumStatus::kOk);
  EXPECT_TRUE(all_close(end.weights, Vector::Unit(kColumns, best), 1e-8));
  constraints.target_return = largest + 1e-6;
  const OptimalPortfolio none = minimum_expected_shortfall(model, 0.05, constraints);
  EXPECT_EQ(none.status, OptimumStatus::kInfeasible);
  EXPECT_EQ(none.weights.size(), 0);
  EXPECT_EQ(none.expected_shortfall, kInfinity);
  EXPECT_EQ(none.gap, kInfinity);
}

TEST(OptimalPortfolio, ConstraintsThatContradictEachOtherAreInfeasible) {
  const auto status = [](const PortfolioConstraints& constraints) {
    return minimum_expected_shortfall(stocks(), 0.05, constraints).status;
  };
  PortfolioConstraints rows = long_only(kColumns);
  add(rows, Vector::Ones(kColumns), 2.0, 2.0);
  EXPECT_EQ(status(rows), OptimumStatus::kInfeasible);
  PortfolioConstraints groups = long_only(kColumns);
  add(groups, Vector{{1.0, 1.0, 1.0, 0.0, 0.0, 0.0}}, 0.6, 1.0);
  add(groups, Vector{{0.0, 0.0, 0.0, 1.0, 1.0, 1.0}}, 0.6, 1.0);
  EXPECT_EQ(status(groups), OptimumStatus::kInfeasible);
  PortfolioConstraints boxes = long_only(kColumns);
  boxes.upper = Vector::Constant(kColumns, 0.1);
  EXPECT_EQ(status(boxes), OptimumStatus::kInfeasible);
  PortfolioConstraints zero_row = long_only(kColumns);
  add(zero_row, Vector::Zero(kColumns), 1.0, 2.0);
  EXPECT_EQ(status(zero_row), OptimumStatus::kInfeasible);
}

TEST(OptimalPortfolio, WhereADirectionPaysForNothingThereIsNone) {
  // Two columns of the same law but for their means: a spread without risk in the limit of the large mean.
  const NormalInverseGaussian model(Vector{{5.0, 0.0}}, Vector::Zero(2), Matrix::Identity(2, 2),
                                    InverseGaussian(1.0, 1.0));
  const OptimalPortfolio none = minimum_expected_shortfall(model, 0.05, PortfolioConstraints{});
  EXPECT_EQ(none.status, OptimumStatus::kUnbounded);
  EXPECT_EQ(none.expected_shortfall, -kInfinity);
  EXPECT_EQ(none.weights.size(), 0);
  PortfolioConstraints half_open;
  half_open.upper = Vector{{kInfinity, 0.0}};
  EXPECT_EQ(minimum_expected_shortfall(model, 0.05, half_open).status, OptimumStatus::kUnbounded);
  const OptimalPortfolio bounded = minimum_expected_shortfall(model, 0.05, long_only(2));
  EXPECT_EQ(bounded.status, OptimumStatus::kOk);
}

TEST(OptimalPortfolio, ASymmetricLawWithoutMeansHasTheMinimumOfTheVariance) {
  const Matrix factor = some_factor(kColumns, 3);
  const NormalInverseGamma model(Vector::Zero(kColumns), Vector::Zero(kColumns), factor, InverseGamma(0.8, 1.0));
  const OptimalPortfolio found = minimum_expected_shortfall(model, 1e-4, PortfolioConstraints{});
  ASSERT_EQ(found.status, OptimumStatus::kOk);
  Vector expected = model.sigma().llt().solve(Vector::Ones(kColumns));
  expected /= expected.sum();
  EXPECT_TRUE(all_close(found.weights, expected, 1e-10));
}

TEST(OptimalPortfolio, HostileLawsAreSolved) {
  const Vector mu = gaussian_rows(1, kColumns, 1).transpose() * 0.1;
  const Vector zero = Vector::Zero(kColumns);
  const Matrix factor = some_factor(kColumns, 3);
  const auto expect_solved = [&](const auto& model, double alpha, const char* what) {
    const OptimalPortfolio found = minimum_expected_shortfall(model, alpha, long_only(kColumns));
    EXPECT_EQ(found.status, OptimumStatus::kOk) << what << " " << alpha << ": gap " << found.gap;
    EXPECT_TRUE(found.weights.allFinite()) << what;
  };
  for (const double alpha : {1e-12, 1e-6, 0.05, 0.5, 0.9}) {
    expect_solved(NormalInverseGaussian(mu, mu, factor, InverseGaussian(1.0, 1e8)), alpha, "near Gaussian");
    expect_solved(NormalInverseGaussian(mu, 2.0 * mu, factor, InverseGaussian(1.0, 1.0)), alpha, "collinear");
    expect_solved(NormalInverseGaussian(Vector::Ones(kColumns), zero, factor, InverseGaussian(1.0, 1.0)), alpha,
                  "equal means");
    expect_solved(VarianceGamma(mu, -mu, factor, Gamma(0.9, 0.9)), alpha, "variance gamma");
    expect_solved(NormalInverseGamma(mu, mu, factor, InverseGamma(1.3, 0.3)), alpha, "skewed t");
  }
}

TEST(OptimalPortfolio, OneColumnIsTheOnlyPortfolio) {
  const OptimalPortfolio found = minimum_expected_shortfall(univariate(0.1, -0.2, 1.0, 1.0, 1.0), 0.05, long_only(1));
  EXPECT_EQ(found.status, OptimumStatus::kOk);
  EXPECT_EQ(found.weights, Vector::Ones(1));
}

TEST(OptimalPortfolio, WhereOnlyARightTailHasAMeanItIsThere) {
  const NormalInverseGamma model(Vector::Zero(3), Vector{{-0.5, 0.3, 0.1}}, some_factor(3, 3), InverseGamma(0.9, 1.0));
  const OptimalPortfolio found = minimum_expected_shortfall(model, 0.05, long_only(3));
  ASSERT_EQ(found.status, OptimumStatus::kOk);
  EXPECT_GT(found.weights.dot(model.gamma()), 0.0);
  const NormalInverseGamma left(Vector::Zero(3), Vector{{-0.5, -0.3, -0.1}}, some_factor(3, 3), InverseGamma(0.9, 1.0));
  const OptimalPortfolio none = minimum_expected_shortfall(left, 0.05, long_only(3));
  EXPECT_EQ(none.status, OptimumStatus::kInfiniteExpectedShortfall);
  EXPECT_EQ(none.weights.size(), 0);
  const NormalInverseGamma symmetric(Vector::Zero(3), Vector::Zero(3), some_factor(3, 3), InverseGamma(0.4, 1.0));
  EXPECT_EQ(minimum_expected_shortfall(symmetric, 0.05, long_only(3)).status,
            OptimumStatus::kInfiniteExpectedShortfall);
}

// Var(Y | R) is infinite where w'gamma = 0, as at the start here.
TEST(OptimalPortfolio, AnInfiniteHessianAtTheStartIsNoHindrance) {
  const NormalInverseGamma model(Vector{{0.1, 0.0}}, Vector{{0.5, -0.5}}, Matrix{{1.0, 0.0}, {0.3, 0.9}},
                                 InverseGamma(1.3, 1.0));
  EXPECT_EQ(minimum_expected_shortfall(model, 0.05, long_only(2)).status, OptimumStatus::kOk);
  EXPECT_EQ(equal_contribution(model, 0.05).status, OptimumStatus::kOk);
}

TEST(OptimalPortfolio, WhatIsNoConstraintIsRefusedByName) {
  const auto error = [](const PortfolioConstraints& constraints, double alpha = 0.05) {
    return error_of([&] { (void)minimum_expected_shortfall(stocks(), alpha, constraints); });
  };
  EXPECT_EQ(error(long_only(kColumns), 0.0), "alpha must be in (0, 1), got 0");
  EXPECT_EQ(error(long_only(kColumns), std::nan("")), "alpha must be in (0, 1), got nan");
  EXPECT_EQ(error(long_only(2)), "lower must be of dimension 6, got 2");
  PortfolioConstraints constraints = long_only(kColumns);
  constraints.upper = Vector::Constant(kColumns, -1.0);
  EXPECT_EQ(error(constraints),
            "lower and upper must be numbers, or infinite and open, in order, got 0 and -1 in place 0");
  constraints = long_only(kColumns);
  constraints.budget = kInfinity;
  EXPECT_EQ(error(constraints), "budget must be finite, got inf");
  constraints.budget = std::nullopt;
  EXPECT_NE(error(constraints).find("w = 0"), std::string::npos);
  constraints = long_only(kColumns);
  add(constraints, Vector::Constant(kColumns, std::nan("")), 0.0, 1.0);
  EXPECT_EQ(error(constraints), "rows must be finite, got NaN or inf");
  constraints = long_only(kColumns);
  constraints.low = Vector::Ones(1);
  EXPECT_EQ(error(constraints), "low must be of dimension 0, got 1");
  constraints = long_only(kColumns);
  constraints.target_return = std::nan("");
  EXPECT_EQ(error(constraints), "target_return must be finite, got nan");
  const NormalInverseGamma no_mean(Vector::Zero(2), Vector{{0.5, 0.3}}, Matrix::Identity(2, 2), InverseGamma(0.9, 1.0));
  constraints = long_only(2);
  constraints.target_return = 0.1;
  EXPECT_NE(error_of([&] { (void)minimum_expected_shortfall(no_mean, 0.05, constraints); }).find("target_return"),
            std::string::npos);
  EXPECT_NE(error_of([&] { (void)maximum_mean(no_mean, 0.05, long_only(2)); }).find("the mean of X"),
            std::string::npos);
  EXPECT_NE(error_of([&] { (void)maximum_mean(stocks(), 0.05, constraints); }).find("target_return must be none"),
            std::string::npos);
}

TEST(OptimalPortfolio, EveryStatusButOkHasItsSentence) {
  EXPECT_EQ(sentence(OptimumStatus::kOk), "");
  for (std::size_t k = 1; k < kWords<OptimumStatus>.size(); ++k) EXPECT_NE(sentence(static_cast<OptimumStatus>(k)), "");
}

}  // namespace
}  // namespace varimix::tests
