#include "varimix/risk/portfolio.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <string>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "varimix/univariate/tail_risk.hpp"

namespace varimix::tests {
namespace {

constexpr Index kColumns = 5;
constexpr double kRounding = 1e-13;
constexpr double kAlphas[] = {1e-12, 1e-6, 0.01, 0.25, 0.7};

template <class S>
class PortfolioOfFamily : public ::testing::Test {
 protected:
  MeanVarianceMixture<S> model = some_model<S>(kColumns, 7, 0.4);
  Vector w{{0.4, -0.1, 0.3, 0.0, 0.4}};
};
TYPED_TEST_SUITE(PortfolioOfFamily, Families, FamilyNames);

double size_of(const PortfolioRisk& risk) {
  return std::max(std::abs(risk.value_at_risk), std::abs(risk.expected_shortfall));
}

TYPED_TEST(PortfolioOfFamily, ItsPartsSumToTheWhole) {
  constexpr double kEulerError = 1e-14;  // of the sizes of the parts' terms
  for (const double alpha : kAlphas) {
    const PortfolioRisk risk = portfolio_risk(this->model, this->w, alpha);
    const double scale = size_of(risk) + this->w.cwiseAbs().dot(this->model.mu().cwiseAbs()) + 1.0;
    EXPECT_LE(error_in(scale, risk.value_at_risk_contributions().sum(), risk.value_at_risk), kEulerError) << alpha;
    EXPECT_LE(error_in(scale, risk.expected_shortfall_contributions().sum(), risk.expected_shortfall), kEulerError)
        << alpha;
    EXPECT_EQ(risk.expected_shortfall_contributions()(3), 0.0);
  }
}

TYPED_TEST(PortfolioOfFamily, IsTheRiskOfItsProjection) {
  const UnivariateLaw law = this->model.project(this->w).univariate_law();
  for (const double alpha : kAlphas) {
    const PortfolioRisk risk = portfolio_risk(this->model, this->w, alpha);
    EXPECT_LE(error_in(size_of(risk), risk.value_at_risk, tail_value_at_risk(law, alpha)), kRounding);
    EXPECT_LE(error_in(size_of(risk), risk.expected_shortfall, tail_expected_shortfall(law, alpha)), kRounding);
  }
}

TYPED_TEST(PortfolioOfFamily, IsHomogeneousInItsWeights) {
  const PortfolioRisk one = portfolio_risk(this->model, this->w, 0.02);
  const PortfolioRisk three = portfolio_risk(this->model, 3.0 * this->w, 0.02);
  EXPECT_TRUE(is_close(three.expected_shortfall, 3.0 * one.expected_shortfall, kRounding));
  EXPECT_TRUE(is_close(three.value_at_risk, 3.0 * one.value_at_risk, kRounding));
  EXPECT_TRUE(all_close(three.expected_shortfall_gradient, one.expected_shortfall_gradient, kRounding));
  EXPECT_TRUE(all_close(three.value_at_risk_gradient, one.value_at_risk_gradient, kRounding));
  EXPECT_TRUE(all_close(expected_shortfall_hessian(this->model, three),
                        expected_shortfall_hessian(this->model, one) / 3.0, kRounding));
}

TYPED_TEST(PortfolioOfFamily, AShiftOfTheReturnsLowersIt) {
  const Vector shift = Vector::LinSpaced(kColumns, -1.0, 2.0);
  const auto shifted = transformed(this->model, Matrix::Identity(kColumns, kColumns), shift);
  const PortfolioRisk before = portfolio_risk(this->model, this->w, 0.02);
  const PortfolioRisk after = portfolio_risk(shifted, this->w, 0.02);
  EXPECT_NEAR(after.value_at_risk, before.value_at_risk - this->w.dot(shift), kRounding);
  EXPECT_NEAR(after.expected_shortfall, before.expected_shortfall - this->w.dot(shift), kRounding);
  EXPECT_TRUE(all_close(after.expected_shortfall_gradient, before.expected_shortfall_gradient - shift, kRounding));
}

TYPED_TEST(PortfolioOfFamily, FollowsAPermutationOfItsColumns) {
  Eigen::PermutationMatrix<Eigen::Dynamic> order(kColumns);
  order.indices() << 3, 0, 4, 1, 2;
  const auto permuted = transformed(this->model, Matrix(order), Vector::Zero(kColumns));
  const PortfolioRisk before = portfolio_risk(this->model, this->w, 0.02);
  const PortfolioRisk after = portfolio_risk(permuted, order * this->w, 0.02);
  EXPECT_TRUE(is_close(after.expected_shortfall, before.expected_shortfall, kRounding));
  EXPECT_TRUE(all_close(after.expected_shortfall_gradient, order * before.expected_shortfall_gradient, kRounding));
  EXPECT_TRUE(all_close(expected_shortfall_hessian(permuted, after),
                        order * expected_shortfall_hessian(this->model, before) * order.transpose(), kRounding));
}

TYPED_TEST(PortfolioOfFamily, IsTheSameInEveryGauge) {
  const auto other = this->model.rescale_y(37.0);
  const PortfolioRisk before = portfolio_risk(this->model, this->w, 0.02);
  const PortfolioRisk after = portfolio_risk(other, this->w, 0.02);
  EXPECT_TRUE(is_close(after.expected_shortfall, before.expected_shortfall, kRounding));
  EXPECT_TRUE(all_close(after.value_at_risk_gradient, before.value_at_risk_gradient, kRounding));
  EXPECT_TRUE(all_close(after.expected_shortfall_gradient, before.expected_shortfall_gradient, kRounding));
  EXPECT_TRUE(
      all_close(expected_shortfall_hessian(other, after), expected_shortfall_hessian(this->model, before), kRounding));
  EXPECT_TRUE(is_close(after.E_Y_in_tail, 37.0 * before.E_Y_in_tail, kRounding));
}

TYPED_TEST(PortfolioOfFamily, ItsHessianIsPositiveSemidefiniteAndHasTheWeightsInItsKernel) {
  for (const double alpha : kAlphas) {
    const Matrix hessian = expected_shortfall_hessian(this->model, portfolio_risk(this->model, this->w, alpha));
    const double scale = hessian.cwiseAbs().maxCoeff();
    EXPECT_LE((hessian * this->w).cwiseAbs().maxCoeff(), kRounding * scale) << alpha;
    EXPECT_EQ(hessian, hessian.transpose().eval());
    const Vector values = hessian.template selfadjointView<Eigen::Lower>().eigenvalues();
    EXPECT_GE(values.minCoeff(), -kRounding * scale) << alpha;
    EXPECT_GT(values(1), kRounding * scale) << alpha;  // w alone is in the kernel
  }
}

// The error of a central difference is h^2 times a third derivative and the rounding over h.
TYPED_TEST(PortfolioOfFamily, GradientAndHessianAreDerivatives) {
  constexpr double kStep = 1e-4;
  constexpr double kDifference = 1e-6;
  for (const double alpha : {1e-6, 0.05}) {
    const PortfolioRisk risk = portfolio_risk(this->model, this->w, alpha);
    const Matrix hessian = expected_shortfall_hessian(this->model, risk);
    Vector var(kColumns), es(kColumns);
    Matrix differences(kColumns, kColumns);
    for (Index j = 0; j < kColumns; ++j) {
      const Vector step = kStep * Vector::Unit(kColumns, j);
      const PortfolioRisk up = portfolio_risk(this->model, this->w + step, alpha);
      const PortfolioRisk down = portfolio_risk(this->model, this->w - step, alpha);
      var(j) = (up.value_at_risk - down.value_at_risk) / (2.0 * kStep);
      es(j) = (up.expected_shortfall - down.expected_shortfall) / (2.0 * kStep);
      differences.col(j) = (up.expected_shortfall_gradient - down.expected_shortfall_gradient) / (2.0 * kStep);
    }
    EXPECT_TRUE(all_close(var, risk.value_at_risk_gradient, kDifference)) << alpha;
    EXPECT_TRUE(all_close(es, risk.expected_shortfall_gradient, kDifference)) << alpha;
    EXPECT_TRUE(all_close(differences, hessian, kDifference)) << alpha;
  }
}

TYPED_TEST(PortfolioOfFamily, WhatCannotBeIsRefusedByName) {
  const auto error = [&](const Vector& weights, double alpha) {
    return error_of([&] { (void)portfolio_risk(this->model, weights, alpha); });
  };
  EXPECT_EQ(error(this->w, 0.0), "alpha must be in (0, 1), got 0");
  EXPECT_EQ(error(this->w, 1.0), "alpha must be in (0, 1), got 1");
  EXPECT_EQ(error(this->w, std::nan("")), "alpha must be in (0, 1), got nan");
  EXPECT_EQ(error(Vector::Ones(4), 0.01), "w must be of dimension 5, got 4");
  EXPECT_NE(error(Vector::Zero(5), 0.01).find("w must be not zero"), std::string::npos);
  EXPECT_NE(error(Vector::Constant(5, std::nan("")), 0.01).find("w must be finite"), std::string::npos);
}

NormalInverseGamma skewed_t(double alpha, const Vector& gamma) {
  return {Vector{{0.1, 0.0}}, gamma, Matrix{{1.0, 0.0}, {0.3, 0.9}}, InverseGamma(alpha, 1.0)};
}

TEST(Portfolio, AShortfallThatIsInfiniteIsNamedAndTheValueAtRiskStays) {
  const Vector w{{0.5, 0.5}};
  const NormalInverseGamma left = skewed_t(1.0, Vector{{-0.2, -0.1}});
  const PortfolioRisk risk = portfolio_risk(left, w, 0.01);
  EXPECT_EQ(risk.status, PortfolioStatus::kInfiniteExpectedShortfall);
  EXPECT_EQ(risk.expected_shortfall, std::numeric_limits<double>::infinity());
  EXPECT_EQ(risk.expected_shortfall_gradient.size(), 0);
  EXPECT_TRUE(is_close(risk.value_at_risk_contributions().sum(), risk.value_at_risk, kRounding));
  EXPECT_NE(error_of([&] { (void)expected_shortfall_hessian(left, risk); }).find("the status of the portfolio"),
            std::string::npos);
  // The other position has the light tail: its shortfall exists, though the mean does not.
  const PortfolioRisk short_position = portfolio_risk(left, -w, 0.01);
  EXPECT_EQ(short_position.status, PortfolioStatus::kOk);
  EXPECT_TRUE(std::isfinite(short_position.expected_shortfall));
}

TEST(Portfolio, AHedgeOfInfiniteMeansHasAShortfallButNoContributions) {
  const NormalInverseGamma model = skewed_t(0.8, Vector{{0.5, -0.5}});
  const PortfolioRisk risk = portfolio_risk(model, Vector{{0.5, 0.5}}, 0.01);  // w'gamma = 0
  EXPECT_EQ(risk.status, PortfolioStatus::kInfiniteExpectedContribution);
  EXPECT_TRUE(std::isfinite(risk.expected_shortfall));
  EXPECT_TRUE(std::isinf(risk.E_Y_in_tail));
  EXPECT_EQ(risk.expected_shortfall_contributions().size(), 0);
  EXPECT_TRUE(is_close(risk.value_at_risk_contributions().sum(), risk.value_at_risk, kRounding));
}

TEST(Portfolio, ASymmetricTHasAHessianWhereTheVarianceOfYIsInfinite) {
  const NormalInverseGamma model = skewed_t(0.9, Vector::Zero(2));
  const Matrix hessian = expected_shortfall_hessian(model, portfolio_risk(model, Vector{{0.5, 0.5}}, 0.05));
  EXPECT_TRUE(hessian.allFinite());
  const NormalInverseGamma hedged = skewed_t(1.4, Vector{{0.5, -0.5}});
  const PortfolioRisk risk = portfolio_risk(hedged, Vector{{0.5, 0.5}}, 0.05);
  EXPECT_EQ(risk.status, PortfolioStatus::kOk);
  EXPECT_NE(error_of([&] { (void)expected_shortfall_hessian(hedged, risk); }).find("the variance of Y"),
            std::string::npos);
}

// The density of R is unbounded at m for alpha_Y <= 1/2; the tail's means are not.
TEST(Portfolio, AQuantileAtAPoleOfTheDensityHasFiniteNumbers) {
  const VarianceGamma model(Vector::Zero(2), Vector{{0.5, -0.5}}, Matrix{{1.0, 0.0}, {0.3, 0.9}}, Gamma(0.3, 0.3));
  const PortfolioRisk risk = portfolio_risk(model, Vector{{0.5, 0.5}}, 0.5);  // w'gamma = 0
  EXPECT_EQ(risk.value_at_risk, 0.0);
  EXPECT_EQ(risk.E_Y_at_quantile, 0.0);
  EXPECT_TRUE(risk.value_at_risk_gradient.allFinite());
  EXPECT_TRUE(risk.expected_shortfall_gradient.allFinite());
  // Var(Y | R)/E[Y | R] has the limit 2 (alpha_Y + 1/2)/a, from which it differs as |R - m|^{1 - 2 alpha_Y}.
  EXPECT_TRUE(is_close(risk.index_of_dispersion, 2.0 * 0.8 / 0.6, kRounding));
  const PortfolioRisk beside = portfolio_risk(model, Vector{{0.5, 0.5}}, 0.5 - 1e-12);
  EXPECT_TRUE(all_close(expected_shortfall_hessian(model, beside), expected_shortfall_hessian(model, risk), 1e-6));
}

TEST(Portfolio, NearTheGaussianLimitItIsThatOfTheNormalLaw) {
  constexpr double kLargeShape = 1e14;
  const Matrix factor{{1.0, 0.0}, {0.3, 0.9}};
  const NormalInverseGaussian model(Vector{{0.1, 0.0}}, Vector::Zero(2), factor, InverseGaussian(1.0, kLargeShape));
  const Vector w{{0.5, 0.5}};
  const double s = (factor.transpose() * w).norm();
  const PortfolioRisk risk = portfolio_risk(model, w, 0.01);
  // These are the quantile of the normal law at 1% and phi there over 1%.
  EXPECT_TRUE(is_close(risk.value_at_risk, 2.3263478740408408 * s - 0.05, 1e-12));
  EXPECT_TRUE(is_close(risk.expected_shortfall, 2.6652142203457745 * s - 0.05, 1e-12));
}

TEST(Portfolio, AQuantileBeyondAllScalesIsRefused) {
  const NormalInverseGamma model = skewed_t(0.001, Vector::Zero(2));
  EXPECT_NE(error_of([&] {
              (void)portfolio_risk(model, Vector{{0.5, 0.5}}, 1e-3);
            }).find("alpha must be such that"),
            std::string::npos);
}

TEST(Portfolio, EveryStatusHasItsSentence) {
  EXPECT_EQ(sentence(PortfolioStatus::kOk), "");
  EXPECT_NE(sentence(PortfolioStatus::kInfiniteExpectedShortfall), "");
  EXPECT_NE(sentence(PortfolioStatus::kInfiniteExpectedContribution), "");
}

}  // namespace
}  // namespace varimix::tests
