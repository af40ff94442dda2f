#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix::tests {
namespace {

constexpr double kLimitError = 1e-10;

/// Returns the model with the same mu, gamma and Sigma and another law of Y.
template <Subordinator To, Subordinator From>
MeanVarianceMixture<To> with_law(const MeanVarianceMixture<From>& model, const To& law) {
  return {model.mu(), model.gamma(), model.L_Sigma(), law};
}

/// Returns rows in the body and far out, none at mu.
RowMatrix body_and_tail(Index d) {
  RowMatrix x = gaussian_rows(40, d, 3);
  x.bottomRows(20) *= 20.0;
  return x;
}

/// Expects that both models give rows in the body and far out the same log density and posterior moments.
template <Subordinator S, Subordinator T>
void expect_same_on_rows(const MeanVarianceMixture<S>& actual, const MeanVarianceMixture<T>& expected,
                         const std::string& what) {
  const RowMatrix x = body_and_tail(expected.d());
  const Vector log_density = expected.log_prob(x);
  EXPECT_TRUE(close_in_scale(actual.log_prob(x).cwiseQuotient(log_density), Vector::Ones(x.rows()), kLimitError, 1.0))
      << what;
  for (Index i = 0; i < x.rows(); ++i) {
    const RowView row = RowView(x).slice(i, 1);
    EXPECT_TRUE(same_eta(actual.e_step(row).eta, expected.e_step(row).eta, kLimitError)) << what << ", row " << i;
  }
}

TEST(FamilyLimits, AGeneralizedHyperbolicOfOrderMinusOneHalfIsTheNormalInverseGaussian) {
  for (const double tail_weight : {1e-3, 0.1, 1.0, 30.0}) {
    for (const Index d : {1, 2, 7}) {
      const auto nig = some_model(d, 4, tail_weight);
      const GigParameters gig = nig.subordinator().gig();
      const auto gh = with_law(nig, GeneralizedInverseGaussian(-0.5, gig.a, gig.b));
      expect_same_on_rows(gh, nig, "tail weight " + std::to_string(tail_weight));
      EXPECT_TRUE(same_eta(gh.compute_eta_from_model(), nig.compute_eta_from_model(), kLimitError));
    }
  }
}

// For p > 0 a b > 0 changes the results by the order of b^min(p, 1).
TEST(FamilyLimits, AGeneralizedHyperbolicWithoutBIsTheVarianceGamma) {
  for (const double alpha : {1.2, 3.0, 40.0}) {
    for (const Index d : {1, 2, 7}) {
      const auto vg = model_with_law(d, 5, Gamma(alpha, alpha));
      for (const double b : {0.0, 1e-300, 1e-30, 1e-14}) {
        expect_same_on_rows(with_law(vg, GeneralizedInverseGaussian(alpha, 2.0 * alpha, b)), vg,
                            "alpha = " + std::to_string(alpha) + ", b = " + std::to_string(b));
      }
    }
  }
}

TEST(FamilyLimits, AGeneralizedHyperbolicWithoutAIsTheSkewedT) {
  for (const double alpha : {1.2, 3.0, 40.0}) {
    for (const Index d : {1, 2, 7}) {
      const auto skewed_t = model_with_law(d, 6, InverseGamma(alpha, alpha));
      for (const double a : {0.0, 1e-300, 1e-30, 1e-14}) {
        expect_same_on_rows(with_law(skewed_t, GeneralizedInverseGaussian(-alpha, a, 2.0 * alpha)), skewed_t,
                            "alpha = " + std::to_string(alpha) + ", a = " + std::to_string(a));
      }
    }
  }
}

// With gamma = 0 X is Student's t with 2 alpha degrees of freedom and scale matrix beta/alpha Sigma.
TEST(FamilyLimits, ASymmetricNormalInverseGammaIsStudentsT) {
  const RowMatrix x = body_and_tail(3);
  for (const double alpha : {0.3, 1.0, 5.0}) {
    const double beta = 0.7;
    const NormalInverseGamma model(Vector{{0.1, 0.0, -0.2}}, Vector::Zero(3), some_factor(3, 7),
                                   InverseGamma(alpha, beta));
    const Vector actual = model.log_prob(x);
    for (Index i = 0; i < x.rows(); ++i) {
      const Vector u = model.L_Sigma().triangularView<Eigen::Lower>().solve(x.row(i).transpose() - model.mu());
      const double log_constant = std::lgamma(alpha + 1.5) - std::lgamma(alpha) - 1.5 * std::log(2.0 * beta) -
                                  1.5 * std::log(std::numbers::pi) - 0.5 * model.log_det_sigma();
      const double expected = log_constant - (alpha + 1.5) * std::log1p(0.5 * u.squaredNorm() / beta);
      EXPECT_TRUE(is_close(actual(i), expected, 1e-12)) << "alpha = " << alpha << ", row " << i;
    }
  }
}

template <class S>
class GaussianLimit : public ::testing::Test {};
TYPED_TEST_SUITE(GaussianLimit, Families, FamilyNames);

/// Returns a law of Y of mean about 1 and of variance about `variance`.
template <Subordinator S>
S nearly_constant(double variance) {
  const double shape = 1.0 / variance;
  if constexpr (std::same_as<S, InverseGaussian>) return {1.0, shape};
  if constexpr (std::same_as<S, Gamma> || std::same_as<S, InverseGamma>) return {shape, shape};
  if constexpr (std::same_as<S, GeneralizedInverseGaussian>) return {0.7, shape, shape};
}

/// Returns the largest error of a model's log density on some rows against N(mu + gamma, Sigma), relative to
/// max(1, |log f|).
template <Subordinator S>
double gaussian_error(const MeanVarianceMixture<S>& model) {
  const Index d = model.d();
  const RowMatrix x = gaussian_rows(20, d, 9);
  const Vector actual = model.log_prob(x);
  double worst = 0.0;
  for (Index i = 0; i < x.rows(); ++i) {
    const Vector centred = x.row(i).transpose() - model.mu() - model.gamma();
    const Vector u = model.L_Sigma().template triangularView<Eigen::Lower>().solve(centred);
    const double expected = -0.5 * (static_cast<double>(d) * kLogTwoPi + model.log_det_sigma() + u.squaredNorm());
    worst = std::max(worst, logarithm_error(actual(i), expected));
  }
  return worst;
}

// With Y = 1 + O(sqrt(v)) the log density is the Gaussian's but for terms of order v q^2, where the squared distance q
// is some 100 at most here. Where the shape is 1/v, it is a difference of numbers of size log(1/v)/v, whose rounding is
// allowed for.
TYPED_TEST(GaussianLimit, IsApproachedAsTheVarianceOfYVanishes) {
  constexpr double kLargestTerm = 1e3;
  for (const Index d : {1, 2, 7}) {
    for (const double v : {1e-4, 1e-5, 1e-6, 1e-7}) {
      const auto model = model_with_law(d, 8, nearly_constant<TypeParam>(v));
      EXPECT_LT(gaussian_error(model), kLargestTerm * v + kEpsilon * -std::log(v) / v) << "d = " << d << ", v = " << v;
    }
  }
}

// The order p of these laws does not change as v vanishes, so that nothing cancels.
TEST(GaussianLimitOfBoundedOrder, IsMetToTenToTheMinusTen) {
  for (const Index d : {1, 2, 7}) {
    EXPECT_LT(gaussian_error(model_with_law(d, 8, nearly_constant<InverseGaussian>(1e-12))), kLimitError);
    EXPECT_LT(gaussian_error(model_with_law(d, 8, nearly_constant<GeneralizedInverseGaussian>(1e-12))), kLimitError);
  }
}

// Moments do not cancel in any family.
TYPED_TEST(GaussianLimit, PosteriorMomentsAreThoseOfAConstantY) {
  for (const Index d : {1, 2, 7}) {
    const auto model = model_with_law(d, 8, nearly_constant<TypeParam>(1e-12));
    const Eta eta = model.e_step(gaussian_rows(20, d, 9)).eta;
    EXPECT_TRUE(is_close(eta.E_Y(), 1.0, kLimitError));
    EXPECT_TRUE(is_close(eta.E_inv_Y(), 1.0, kLimitError));
    EXPECT_NEAR(*eta.E_log_Y(), 0.0, kLimitError);
  }
}

}  // namespace
}  // namespace varimix::tests
