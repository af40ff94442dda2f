#include "varimix/mixture/parameterizations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "support/close.hpp"
#include "support/models.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

constexpr double kSameLaw = 1e-13;
constexpr double kFewUlp = 8.0 * std::numeric_limits<double>::epsilon();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Returns a model in a gauge far from all that the converters return.
template <Subordinator S>
MeanVarianceMixture<S> some_mixture(Index d, const S& y) {
  const Vector mu = gaussian_rows(1, d, 31).transpose();
  const Vector gamma = gaussian_rows(1, d, 32).transpose();
  return MeanVarianceMixture<S>(mu, gamma, some_factor(d, 33), y).rescale_y(37.0);
}

template <class Action>
void for_every_family(Action&& action) {
  for (const Index d : {1, 3}) {
    SCOPED_TRACE(d);
    action(some_mixture(d, InverseGaussian(1.0, 1.5)));
    action(some_mixture(d, Gamma(1.75, 2.0)));
    action(some_mixture(d, InverseGamma(2.25, 1.5)));
    action(some_mixture(d, GeneralizedInverseGaussian(0.75, 0.5, 2.0)));
    action(some_mixture(d, GeneralizedInverseGaussian(-1.25, 0.75, 0.5)));
    action(some_mixture(d, GeneralizedInverseGaussian(1.5, 2.0, 0.0)));
    action(some_mixture(d, GeneralizedInverseGaussian(-1.5, 0.0, 2.0)));
  }
}

template <class Model>
using SubordinatorOf = typename std::remove_cvref_t<Model>::SubordinatorType;

// The difference of gamma variables of shape C and rates M (gains) and G (losses) has the k-th cumulant
// C (k-1)! (M^-k + (-1)^k G^-k).
TEST(CgmParameters, TellGainsFromLosses) {
  constexpr double C = 1.5;
  constexpr double G = 4.0;
  constexpr double M = 10.0;
  const VarianceGamma model = from_cgm({.C = C, .G = G, .M = M, .mu = 0.25});
  const double variance = C * (1.0 / (M * M) + 1.0 / (G * G));
  EXPECT_TRUE(is_close(model.mean()(0), 0.25 + C * (1.0 / M - 1.0 / G), 1e-15));
  EXPECT_TRUE(is_close(model.cov()(0, 0), variance, 1e-15));
  EXPECT_TRUE(
      is_close(model.skewness()(0), 2.0 * C * (std::pow(M, -3) - std::pow(G, -3)) / std::pow(variance, 1.5), 1e-14));
  EXPECT_LT(model.skewness()(0), 0.0);
  // log f(x) falls as -M x on the right and as -G |x| on the left, but for powers of x.
  const auto slope = [&](double x) {
    const Vector log_density = model.log_prob(RowMatrix{{x}, {1.001 * x}});
    return (log_density(1) - log_density(0)) / (0.001 * x);
  };
  EXPECT_NEAR(slope(1e3), -M, 1e-3);
  EXPECT_NEAR(slope(-1e3), G, 1e-3);
}

TEST(CgmParameters, AreTheFormulaOfSigmaNuTheta) {
  for (const double theta : {-3.0, -0.375, 0.0, 0.5, 40.0}) {
    constexpr double sigma = 0.5;
    constexpr double nu = 0.25;
    const VarianceGammaCgm cgm = to_cgm(from_sigma_nu_theta({.sigma = sigma, .nu = nu, .theta = theta, .mu = 0.0}));
    const double root = std::sqrt(theta * theta * nu * nu / 4.0 + sigma * sigma * nu / 2.0);
    EXPECT_TRUE(is_close(cgm.C, 1.0 / nu, 1e-15));
    EXPECT_TRUE(is_close(1.0 / cgm.G, root - theta * nu / 2.0, 1e-11)) << theta;  // the terms of the formula cancel
    EXPECT_TRUE(is_close(1.0 / cgm.M, root + theta * nu / 2.0, 1e-11)) << theta;
  }
}

TEST(Parameterizations, OfAModelAreThatModel) {
  for_every_family([](const auto& model) {
    using S = SubordinatorOf<decltype(model)>;
    EXPECT_TRUE(from_ghyp_chi_psi<S>(to_ghyp_chi_psi(model)).same_law(model, kSameLaw));
    EXPECT_TRUE(from_ghyp_alpha_beta_delta<S>(to_ghyp_alpha_beta_delta(model)).same_law(model, kSameLaw)) << model;
    if (model.d() > 1) return;
    if (model.subordinator().gig().b > 0.0) {
      EXPECT_TRUE(from_scipy_genhyperbolic<S>(to_scipy_genhyperbolic(model)).same_law(model, kSameLaw)) << model;
    }
    if constexpr (std::is_same_v<S, InverseGaussian>) {
      EXPECT_TRUE(from_scipy_norminvgauss(to_scipy_norminvgauss(model)).same_law(model, kSameLaw));
    }
    if constexpr (std::is_same_v<S, Gamma>) {
      EXPECT_TRUE(from_sigma_nu_theta(to_sigma_nu_theta(model)).same_law(model, kSameLaw));
      EXPECT_TRUE(from_cgm(to_cgm(model)).same_law(model, kSameLaw));
    }
  });
}

TEST(Parameterizations, DoNotDependOnTheGauge) {
  for_every_family([](const auto& model) {
    const auto other = model.rescale_y(1e-3);
    const GhypAlphaBetaDelta one = to_ghyp_alpha_beta_delta(model);
    const GhypAlphaBetaDelta two = to_ghyp_alpha_beta_delta(other);
    EXPECT_TRUE(is_close(one.alpha, two.alpha, 1e-14));
    EXPECT_TRUE(is_close(one.delta, two.delta, 1e-14));
    EXPECT_TRUE(all_close(one.beta, two.beta, 1e-14));
    EXPECT_TRUE(all_close(one.delta_matrix, two.delta_matrix, 1e-14));
    EXPECT_NEAR(one.delta_matrix.determinant(), 1.0, 1e-14);
  });
}

TEST(Parameterizations, ComeBackToAFewUlp) {
  const auto close = [](double actual, double expected) { return is_close(actual, expected, kFewUlp); };
  const ScipyNorminvgauss nig = to_scipy_norminvgauss(from_scipy_norminvgauss({3.0, -1.25, 0.75, 0.0625}));
  EXPECT_TRUE(close(nig.a, 3.0) && close(nig.b, -1.25) && nig.loc == 0.75 && close(nig.scale, 0.0625));
  for (const double p : {-2.5, -0.5, 0.0, 1.75}) {
    const ScipyGenhyperbolic gh = to_scipy_genhyperbolic(from_scipy_genhyperbolic({p, 2.5, 1.25, -7.0, 12.0}));
    EXPECT_TRUE(gh.p == p && close(gh.a, 2.5) && close(gh.b, 1.25) && gh.loc == -7.0 && close(gh.scale, 12.0)) << p;
  }
  const VarianceGammaSigmaNuTheta mcc = to_sigma_nu_theta(from_sigma_nu_theta({0.12, 0.17, -0.14, 0.03}));
  EXPECT_TRUE(close(mcc.sigma, 0.12) && close(mcc.nu, 0.17) && close(mcc.theta, -0.14) && mcc.mu == 0.03);
  for (const double M : {0.5, 7.0, 9.0}) {
    const VarianceGammaCgm cgm = to_cgm(from_cgm({1.3, 7.0, M, -0.5}));
    EXPECT_TRUE(close(cgm.C, 1.3) && close(cgm.G, 7.0) && close(cgm.M, M) && cgm.mu == -0.5) << M;
  }
  const Matrix delta{{1.25, 0.75}, {0.75, 1.25}};  // of determinant 1
  const GhypAlphaBetaDelta given{-1.5, 3.0, 0.5, Vector{{1.5, -0.5}}, Vector{{1.0, 2.0}}, delta};
  const GhypAlphaBetaDelta back = to_ghyp_alpha_beta_delta(from_ghyp_alpha_beta_delta(given));
  EXPECT_TRUE(back.lambda == given.lambda && close(back.alpha, given.alpha) && close(back.delta, given.delta));
  EXPECT_TRUE(all_close(back.beta, given.beta, kFewUlp) && all_close(back.delta_matrix, delta, kFewUlp));
  EXPECT_EQ(back.mu, given.mu);
}

TEST(Parameterizations, OfTheSkewedTKeepItOnItsFace) {
  for (std::int64_t seed = 0; seed < 50; ++seed) {
    const Vector gamma = gaussian_rows(1, 4, seed).transpose();
    const NormalInverseGamma model(Vector::Zero(4), gamma, some_factor(4, seed), InverseGamma(1.5, 0.75));
    EXPECT_EQ(from_ghyp_alpha_beta_delta(to_ghyp_alpha_beta_delta(model)).subordinator().a(), 0.0);
    const NormalInverseGamma line = model.project(Vector::Unit(4, 0));
    EXPECT_EQ(from_scipy_genhyperbolic(to_scipy_genhyperbolic(line)).subordinator().a(), 0.0);
  }
}

TEST(Parameterizations, OfASpecialFamilyAreThoseOfTheGeneralOne) {
  for_every_family([](const auto& model) {
    const auto general = from_ghyp_chi_psi(to_ghyp_chi_psi(model));
    const RowMatrix x = model.rvs(20, Seed{7});
    EXPECT_TRUE(all_close(general.log_prob(x), model.log_prob(x), 1e-13));
    EXPECT_TRUE(
        all_close(from_ghyp_alpha_beta_delta(to_ghyp_alpha_beta_delta(model)).log_prob(x), model.log_prob(x), 1e-12));
  });
}

TEST(Parameterizations, NameWhatDoesNotFitAFamily) {
  const GhypChiPsi hyperbolic{1.0, 1.0, 2.0, Vector{{0.0}}, Matrix{{1.0}}, Vector{{0.5}}};
  EXPECT_THAT(error_of([&] { (void)from_ghyp_chi_psi<InverseGaussian>(hyperbolic); }),
              HasSubstr("lambda must be -0.5 for a NormalInverseGaussian, got 1"));
  EXPECT_THAT(error_of([&] { (void)from_ghyp_chi_psi<Gamma>(hyperbolic); }),
              HasSubstr("chi must be 0 for a VarianceGamma, got 1"));
  GhypChiPsi student = hyperbolic;
  student.lambda = -1.0;
  EXPECT_THAT(error_of([&] { (void)from_ghyp_chi_psi<InverseGamma>(student); }),
              HasSubstr("psi must be 0 for a NormalInverseGamma, got 2"));
  EXPECT_THAT(error_of([&] {
                (void)from_scipy_genhyperbolic<InverseGamma>({-1.0, 2.0, 1.0, 0.0, 1.0});
              }),
              HasSubstr("a must be |b| for a NormalInverseGamma, got 2"));
  EXPECT_THAT(error_of([&] {
                (void)from_scipy_genhyperbolic<Gamma>({1.0, 2.0, 1.0, 0.0, 1.0});
              }),
              HasSubstr("scale must be 0, which scipy does not have, for a VarianceGamma, got 1"));
  EXPECT_THAT(error_of([&] { (void)to_scipy_genhyperbolic(some_mixture(1, Gamma(2.0, 1.0))); }),
              HasSubstr("scipy has no Variance Gamma"));
  EXPECT_THAT(error_of([&] { (void)to_scipy_genhyperbolic(some_mixture(2, InverseGamma(2.0, 1.0))); }),
              HasSubstr("the model must be one-dimensional in this form, got 2"));
}

TEST(Parameterizations, OutsideTheirDomainAreNamed) {
  const auto nig_error = [](const ScipyNorminvgauss& p) { return error_of([&] { (void)from_scipy_norminvgauss(p); }); };
  EXPECT_THAT(nig_error({1.0, -1.5, 0.0, 1.0}), HasSubstr("b must be of absolute value < a"));
  EXPECT_THAT(nig_error({1.0, 1.0, 0.0, 1.0}), HasSubstr("a must be > |b| for a NormalInverseGaussian, got 1"));
  EXPECT_THAT(nig_error({0.0, 0.0, 0.0, 1.0}), HasSubstr("a must be finite and > 0, got 0"));
  EXPECT_THAT(nig_error({1.0, kNan, 0.0, 1.0}), HasSubstr("b must be finite, got nan"));
  EXPECT_THAT(nig_error({1.0, 0.0, kNan, 1.0}), HasSubstr("loc must be finite"));
  EXPECT_THAT(nig_error({1.0, 0.0, 0.0, -1.0}), HasSubstr("scale must be finite and > 0, got -1"));
  EXPECT_THAT(error_of([] {
                (void)from_scipy_genhyperbolic({1.0, 2.0, 2.0, 0.0, 1.0});
              }),
              HasSubstr("a must be > |b| for p >= 0, got 2"));
  EXPECT_THAT(error_of([] {
                (void)from_sigma_nu_theta({0.1, 0.0, 0.0, 0.0});
              }),
              HasSubstr("nu must be finite and > 0"));
  EXPECT_THAT(error_of([] { (void)from_cgm({1.0, -1.0, 1.0, 0.0}); }), HasSubstr("G must be finite and > 0, got -1"));
  GhypAlphaBetaDelta p{1.0, 1.0, 1.0, Vector{{2.0}}, Vector{{0.0}}, Matrix{{1.0}}};
  const auto error = [&p] { return error_of([&] { (void)from_ghyp_alpha_beta_delta(p); }); };
  EXPECT_THAT(error(), HasSubstr("alpha must be >= sqrt(beta' Delta beta) = 2.000000, got 1"));
  p.beta(0) = 0.5;
  p.delta_matrix(0, 0) = 1.5;
  EXPECT_THAT(error(), HasSubstr("delta_matrix must be of determinant 1, got 1.4"));
  p.delta_matrix(0, 0) = 1.0;
  p.delta = 0.0;
  p.lambda = 0.0;
  EXPECT_THAT(error(), HasSubstr("delta must be > 0 for lambda <= 0, got 0"));
}

}  // namespace
}  // namespace varimix::tests
