#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/models.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/mixture/missing.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kRounding = 1e-14;

/// Returns a skewed t, which is a t with nu degrees of freedom in every column j with gamma_j = 0.
NormalInverseGamma skewed_t(double nu, const Vector& gamma) {
  return {Vector{{0.0, 1.0}}, gamma, some_factor(2, 5), InverseGamma(0.5 * nu, 0.5 * nu)};
}

NormalInverseGamma symmetric_t(double nu) { return skewed_t(nu, Vector::Zero(2)); }

TEST(SymmetricTMoments, TheCovarianceIsNuOverNuMinusTwoSigma) {
  for (const double nu : {2.001, 2.5, 3.0, 4.0, 4.001, 30.0}) {
    const NormalInverseGamma t = symmetric_t(nu);
    EXPECT_TRUE(all_close(t.cov(), Matrix(nu / (nu - 2.0) * t.sigma()), 1e-12)) << nu;
  }
}

TEST(SymmetricTMoments, AreThoseOfTheTableOfStudentsT) {
  struct Case {
    double nu;
    bool has_mean, has_skewness;
    double variance, kurtosis;  // of the first column over Sigma_00; NaN where it does not exist
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Case& c : {Case{0.8, false, false, kInfinity, nan}, Case{1.0, false, false, kInfinity, nan},
                        Case{1.5, true, false, kInfinity, nan}, Case{2.0, true, false, kInfinity, nan},
                        Case{3.0, true, false, 3.0, kInfinity}, Case{4.0, true, true, 2.0, kInfinity},
                        Case{6.0, true, true, 1.5, 3.0}}) {
    const NormalInverseGamma t = symmetric_t(c.nu);
    if (c.has_mean)
      EXPECT_EQ(t.mean(), t.mu()) << c.nu;
    else
      EXPECT_TRUE(t.mean().array().isNaN().all()) << c.nu;
    if (c.has_skewness)
      EXPECT_EQ(t.skewness(), Vector(Vector::Zero(2))) << c.nu;
    else
      EXPECT_TRUE(t.skewness().array().isNaN().all()) << c.nu;
    const double variance = t.cov()(0, 0) / t.sigma()(0, 0);
    EXPECT_TRUE(variance == c.variance || is_close(variance, c.variance, kRounding)) << c.nu;
    if (std::isnan(c.kurtosis))
      EXPECT_TRUE(t.kurtosis().array().isNaN().all()) << c.nu;
    else
      EXPECT_TRUE(t.kurtosis()(0) == c.kurtosis || is_close(t.kurtosis()(0), c.kurtosis, 1e-13)) << c.nu;
  }
}

TEST(SymmetricTMoments, WhatDoesNotExistOffTheDiagonalIsNaN) {
  const Matrix covariance = symmetric_t(2.0).cov();
  EXPECT_EQ(covariance(1, 1), kInfinity);
  EXPECT_TRUE(std::isnan(covariance(1, 0)) && std::isnan(covariance(0, 1)));
}

TEST(MixedColumns, OnlyTheSkewedOnesHaveInfiniteMoments) {
  const NormalInverseGamma law = skewed_t(3.4, Vector{{0.0, -0.5}});  // alpha = 1.7
  EXPECT_EQ(law.mean()(0), 0.0);
  EXPECT_TRUE(std::isfinite(law.mean()(1)));
  const Matrix covariance = law.cov();
  const double mean_y = law.subordinator().E_Y();
  EXPECT_TRUE(is_close(covariance(0, 0), mean_y * law.sigma()(0, 0), kRounding));
  EXPECT_TRUE(is_close(covariance(1, 0), mean_y * law.sigma()(1, 0), kRounding));  // E[Y^{3/2}] is finite
  EXPECT_EQ(covariance(1, 1), kInfinity);
  EXPECT_EQ(law.skewness()(0), 0.0);
  EXPECT_TRUE(std::isnan(law.skewness()(1)));
  EXPECT_EQ(law.kurtosis()(0), kInfinity);
  EXPECT_TRUE(std::isnan(law.kurtosis()(1)));
  EXPECT_TRUE(std::isnan(skewed_t(2.8, Vector{{0.0, -0.5}}).cov()(1, 0)));  // E[Y^{3/2}] is infinite
}

TEST(MixedColumns, TheSignOfAnInfiniteMomentIsThatOfGamma) {
  const NormalInverseGamma heavy = skewed_t(1.6, Vector{{0.5, -0.5}});
  EXPECT_EQ(heavy.mean()(0), kInfinity);
  EXPECT_EQ(heavy.mean()(1), -kInfinity);
  EXPECT_EQ(heavy.cov()(1, 0), -kInfinity);
  EXPECT_EQ(skewed_t(5.0, Vector{{0.5, -0.5}}).skewness()(1), -kInfinity);
  EXPECT_EQ(skewed_t(7.0, Vector{{1e-200, -0.5}}).kurtosis()(0), kInfinity);
}

TEST(MixedColumns, AreLeftOutOfTheExpectationsToo) {
  const auto eta = mixture_statistics(skewed_t(1.6, Vector{{0.0, 0.5}}).compute_eta_from_model());
  EXPECT_EQ(eta.x(0), 0.0);
  EXPECT_EQ(eta.x(1), kInfinity);
  EXPECT_TRUE(std::isfinite(eta.xx_inv_y(0, 0)) && std::isfinite(eta.xx_inv_y(1, 0)));
  EXPECT_EQ(eta.xx_inv_y(1, 1), kInfinity);
}

TEST(Portfolio, OfWhichTheSkewnessCancelsIsSymmetric) {
  const Vector gamma{{0.1, 0.2, 0.3}};  // 0.1 + 0.2 - 0.3 is 5.6e-17 in doubles
  const NormalInverseGamma law(Vector::Zero(3), gamma, some_factor(3, 5), InverseGamma(1.5, 1.5));
  const NormalInverseGamma hedged = law.project(Vector{{1.0, 1.0, -1.0}});
  EXPECT_EQ(hedged.gamma()(0), 0.0);
  EXPECT_TRUE(is_close(hedged.cov()(0, 0), 3.0 * hedged.sigma()(0, 0), 1e-13));
  EXPECT_EQ(hedged.mean()(0), 0.0);
  EXPECT_TRUE(std::isfinite(hedged.expected_shortfall(0.99)));
  EXPECT_EQ(law.project(Vector{{0.0, 1e-300, 0.0}}).gamma()(0), 0.2 * 1e-300);  // its square underflows
}

TEST(MixtureMoments, OfProjectionsWhoseVarianceLeavesTheDoublesHaveAStandardDeviation) {
  const NormalInverseGaussian law = tutorial_model();
  const Vector w{{0.6, -0.8}};
  const double std = law.project(w).std();
  for (const double scale : {1e-300, 1e-200, 1e200, 1e299}) {
    const NormalInverseGaussian projected = law.project(scale * w);
    EXPECT_TRUE(is_close(projected.std() / scale, std, 1e-13)) << scale;
    EXPECT_TRUE(is_close(projected.ppf(0.999) / scale, law.project(w).ppf(0.999), 1e-12)) << scale;
  }
  for (const double scale : {1e-307, 1e302}) {
    EXPECT_THAT(error_of([&] { (void)law.project(scale * w); }), ::testing::HasSubstr("lies within doubles"));
  }
}

TEST(StandardisedMoments, DoNotDependOnTheScaleOfX) {
  for (const double scale : {1e-100, 1e100}) {
    const NormalInverseGaussian unit(Vector{{0.0}}, Vector{{0.4}}, Matrix{{1.0}}, InverseGaussian(1.0, 2.0));
    const NormalInverseGaussian scaled(Vector{{0.0}}, Vector{{0.4 * scale}}, Matrix{{scale}}, unit.subordinator());
    EXPECT_TRUE(is_close(scaled.skewness()(0), unit.skewness()(0), 1e-13));
    EXPECT_TRUE(is_close(scaled.kurtosis()(0), unit.kurtosis()(0), 1e-13));
  }
}

TEST(StandardisedMoments, TendToThoseOfYAsGammaGrows) {
  const InverseGaussian y(1.0, 2.0);
  const Cumulants c = y.cumulants();
  const NormalInverseGaussian law(Vector{{0.0}}, Vector{{-1e120}}, Matrix{{1.0}}, y);
  EXPECT_TRUE(is_close(law.skewness()(0), -c.third / std::pow(c.second, 1.5), 1e-13));
  EXPECT_TRUE(is_close(law.kurtosis()(0), c.fourth / (c.second * c.second), 1e-13));
}

TEST(ConditionalLaw, HasMomentsForEveryShapeThatAModelTakes) {
  const NormalInverseGamma law(Vector::Zero(2), Vector{{0.3, 0.2}}, some_factor(2, 5), InverseGamma(1e30, 1e30));
  const RowMatrix x{{0.5, std::numeric_limits<double>::quiet_NaN()}};
  EXPECT_NO_THROW((void)conditional(law, x));
}

}  // namespace
}  // namespace varimix::tests
