#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "support/close.hpp"
#include "support/integrate.hpp"
#include "varimix/mixture/parameterizations.hpp"

// The laws of other packages and papers are compared with figures that these publish.

namespace varimix::tests {
namespace {

constexpr double kFewUlp = 8.0 * std::numeric_limits<double>::epsilon();

struct DensityAt {
  double x, density;
};

template <Subordinator S>
void expect_densities(const MeanVarianceMixture<S>& model, const std::vector<DensityAt>& points, double tolerance) {
  for (const auto& [x, density] : points) {
    EXPECT_TRUE(is_close(model.pdf(RowMatrix{{x}})(0), density, tolerance)) << "x = " << x;
  }
}

// The densities are those of scipy 1.17.1, norminvgauss(1, 0.5).pdf and norminvgauss(2.25, -0.75, loc=0.25,
// scale=1.5).pdf.
TEST(ScipyNorminvgaussParameters, GiveScipysDensity) {
  expect_densities(from_scipy_norminvgauss({.a = 1.0, .b = 0.5, .loc = 0.0, .scale = 1.0}),
                   {{-7.0, 1.3596007831695866e-06},
                    {-1.0, 0.10197666901926492},
                    {0.0, 0.45550142663115395},
                    {0.3, 0.47071032144287556},
                    {4.0, 0.014710548482971238}},
                   1e-14);
  expect_densities(from_scipy_norminvgauss({.a = 2.25, .b = -0.75, .loc = 0.25, .scale = 1.5}),
                   {{-2.0, 0.07966706392721062},
                    {-0.5, 0.37567033398898714},
                    {0.25, 0.40315270157328387},
                    {1.0, 0.1774541006334435},
                    {6.0, 3.3340174068540485e-06}},
                   1e-14);
}

// The values are the integral of norminvgauss(1, 0.5).pdf, computed in mpmath. (R's spline integration, 8.034920282e-07
// and 2.512671945e-05 for the first two, which scipy's own tests quote, is off by 1e-6.)
TEST(ScipyNorminvgaussParameters, GiveScipysDistributionFunction) {
  const NormalInverseGaussian model = from_scipy_norminvgauss({.a = 1.0, .b = 0.5, .loc = 0.0, .scale = 1.0});
  const std::vector<DensityAt> cdf = {{-7.0, 8.0349114827299734e-07},
                                      {-5.0, 2.5126699611884910e-05},
                                      {0.0, 0.31866610539552129},
                                      {8.0, 0.99886506417391877},
                                      {15.0, 0.99998487654768939}};
  for (const auto& [x, probability] : cdf) EXPECT_TRUE(is_close(model.cdf(x), probability, 1e-12)) << x;
}

// The densities are those of scipy 1.17.1, genhyperbolic(1.5, 2, -0.5).pdf and genhyperbolic(-0.75, 1.25, 0.625,
// loc=-0.5, scale=2).pdf.
TEST(ScipyGenhyperbolicParameters, GiveScipysDensity) {
  expect_densities(from_scipy_genhyperbolic({.p = 1.5, .a = 2.0, .b = -0.5, .loc = 0.0, .scale = 1.0}),
                   {{-6.0, 0.0006426537784887541},
                    {-1.0, 0.31423780422274555},
                    {0.0, 0.3817312331227142},
                    {0.5, 0.2448481407461509},
                    {3.0, 0.0018171076848532398}},
                   1e-14);
  expect_densities(from_scipy_genhyperbolic({.p = -0.75, .a = 1.25, .b = 0.625, .loc = -0.5, .scale = 2.0}),
                   {{-3.0, 0.021805722804410333},
                    {-0.5, 0.25983353509163487},
                    {0.25, 0.26373905169572215},
                    {2.0, 0.10402928533978803},
                    {9.0, 0.0019286623123422172}},
                   1e-14);
}

// The densities are those of the R package GeneralizedHyperbolic, as scipy's tests of genhyperbolic quote them:
// dghyp(x, lambda = 2, alpha = 2, beta = 1, delta = 1.5, mu = 0.5), x = -10, -10 + 20/9, ...
TEST(GhypAlphaBetaDeltaParameters, GiveRsDensity) {
  constexpr std::array kDensities = {
      2.94895678275316e-13, 1.75746848647696e-10, 9.48149804073045e-08, 4.17862521692026e-05, 0.0103947630463822,
      0.240864958986839,    0.162833527161649,    0.0374609592899472,   0.00634894847327781,  0.000941920705790324};
  std::vector<DensityAt> points;
  for (std::size_t k = 0; k < kDensities.size(); ++k) {
    points.push_back({-10.0 + 20.0 * static_cast<double>(k) / 9.0, kDensities.at(k)});
  }
  const GhypAlphaBetaDelta given{.lambda = 2.0,
                                 .alpha = 2.0,
                                 .delta = 1.5,
                                 .beta = Vector{{1.0}},
                                 .mu = Vector{{0.5}},
                                 .delta_matrix = Matrix{{1.0}}};
  const GeneralizedHyperbolic model = from_ghyp_alpha_beta_delta(given);
  expect_densities(model, points, 1e-13);
  // In scipy's form a = alpha delta and b = beta delta.
  const ScipyGenhyperbolic scipy = to_scipy_genhyperbolic(model);
  EXPECT_TRUE(is_close(scipy.a, 3.0, kFewUlp));
  EXPECT_TRUE(is_close(scipy.b, 1.5, kFewUlp));
  EXPECT_TRUE(is_close(scipy.scale, 1.5, kFewUlp));
  expect_densities(from_scipy_genhyperbolic(scipy), points, 1e-13);
  expect_densities(from_ghyp_chi_psi(to_ghyp_chi_psi(model)), points, 1e-13);
}

// The moments are those of the R package fBasics, from the examples of its page dist-ghMoments: ghMean, ghKurt and
// ghMoments(4), raw and "central", of alpha = 1.1, beta = 0.1, delta = 0.8, mu = -0.3, lambda = 1, to the seven digits
// that R prints.
TEST(GhypAlphaBetaDeltaParameters, GiveTheMomentsOfFBasics) {
  constexpr double kPrinted = 5e-7;
  const GhypAlphaBetaDelta given{.lambda = 1.0,
                                 .alpha = 1.1,
                                 .delta = 0.8,
                                 .beta = Vector{{0.1}},
                                 .mu = Vector{{-0.3}},
                                 .delta_matrix = Matrix{{1.0}}};
  const GhypChiPsi same_law{.lambda = 1.0,
                            .chi = 0.8 * 0.8,
                            .psi = 1.1 * 1.1 - 0.1 * 0.1,
                            .mu = Vector{{-0.3}},
                            .sigma = Matrix{{1.0}},
                            .gamma = Vector{{0.1}}};
  for (const GeneralizedHyperbolic& model : {from_ghyp_alpha_beta_delta(given), from_ghyp_chi_psi(same_law)}) {
    const double mean = model.mean()(0), variance = model.cov()(0, 0), excess = model.kurtosis()(0);
    const double third = model.skewness()(0) * std::pow(variance, 1.5);
    const double fourth = (excess + 3.0) * variance * variance;
    EXPECT_TRUE(is_close(mean, -0.08410502, kPrinted));
    EXPECT_TRUE(is_close(excess, 2.044599, kPrinted));
    EXPECT_TRUE(is_close(fourth, 24.18639, kPrinted));
    EXPECT_TRUE(
        is_close(fourth + 4.0 * third * mean + 6.0 * variance * mean * mean + std::pow(mean, 4), 23.96634, kPrinted));
    const GhypAlphaBetaDelta back = to_ghyp_alpha_beta_delta(model);
    EXPECT_TRUE(is_close(back.alpha, 1.1, kFewUlp) && is_close(back.delta, 0.8, kFewUlp));
    EXPECT_TRUE(is_close(back.beta(0), 0.1, kFewUlp));
  }
}

/// Returns the price of a call on spot exp(rate - yield + omega + X), where E[exp(omega + X)] = 1. It is exp(-rate)
/// times the integral of P(price > s) over s > strike.
double call_price(const VarianceGamma& model, double spot, double rate, double yield, double strike, double omega) {
  const double log_strike = std::log(strike / spot) - (rate - yield + omega);
  constexpr double kLowLog = -20.0, kHighLog = 2.0;  // the ends of log t, with t = log(s / strike) up to e^2
  constexpr int kIntervals = 1'000;
  const double integral = integrate_positive([&](double t) { return std::exp(t) * model.sf(log_strike + t); }, kLowLog,
                                             kHighLog, kIntervals);
  return std::exp(-rate) * strike * integral;
}

// The prices are those of QuantLib, test-suite/variancegamma.cpp, for European calls with spot 6000, rate 5 % and a
// year to run. QuantLib holds its own two engines to 0.01.
TEST(SigmaNuThetaParameters, GiveTheOptionPricesOfQuantLib) {
  constexpr double kPublishedError = 1e-3;
  struct Process {
    double yield;
    VarianceGammaSigmaNuTheta parameters;
    std::array<double, 3> prices;  // at the strikes below
  };
  constexpr std::array kStrikes = {5550.0, 6000.0, 6550.0};
  for (const auto& [yield, given, prices] :
       {Process{0.0, {.sigma = 0.2, .nu = 0.05, .theta = -0.5, .mu = 0.0}, {955.1637, 687.2032, 433.7400}},
        Process{0.02, {.sigma = 0.15, .nu = 0.01, .theta = -0.5, .mu = 0.0}, {732.8705, 457.9064, 228.4057}}}) {
    const double omega = std::log1p(-given.theta * given.nu - 0.5 * given.sigma * given.sigma * given.nu) / given.nu;
    const VarianceGamma model = from_sigma_nu_theta(given);
    const VarianceGamma by_rates = from_cgm(to_cgm(model));
    for (std::size_t k = 0; k < kStrikes.size(); ++k) {
      EXPECT_NEAR(call_price(model, 6000.0, 0.05, yield, kStrikes.at(k), omega), prices.at(k), kPublishedError);
      EXPECT_NEAR(call_price(by_rates, 6000.0, 0.05, yield, kStrikes.at(k), omega), prices.at(k), kPublishedError);
    }
    const VarianceGammaSigmaNuTheta back = to_sigma_nu_theta(by_rates);
    EXPECT_TRUE(is_close(back.sigma, given.sigma, kFewUlp) && is_close(back.nu, given.nu, kFewUlp));
    EXPECT_TRUE(is_close(back.theta, given.theta, kFewUlp));
  }
}

// The densities are Theorem 1 of Madan, Carr and Chang (1998), computed in mpmath with sigma = 1/2, nu = 1/4, theta =
// -3/8 and a shift of 1/8.
TEST(SigmaNuThetaParameters, GiveTheDensityOfMadanCarrAndChang) {
  const VarianceGamma model = from_sigma_nu_theta({.sigma = 0.5, .nu = 0.25, .theta = -0.375, .mu = 0.125});
  const std::vector<DensityAt> points = {{-1.5, 0.061471812407344031663},
                                         {-0.25, 0.79367660727037419378},
                                         {0.5, 0.25766906883493091579},
                                         {2.0, 0.00010641128805347658481}};
  expect_densities(model, points, 1e-14);
  expect_densities(from_cgm(to_cgm(model)), points, 1e-13);
}

// Section 2 of Madan, Carr and Chang (1998) gives the mean theta, the variance theta^2 nu + sigma^2, the third central
// moment 2 theta^3 nu^2 + 3 sigma^2 theta nu, and the fourth 3 sigma^4 nu + 12 sigma^2 theta^2 nu^2 + 6 theta^4 nu^3 +
// 3 variance^2.
TEST(SigmaNuThetaParameters, GiveTheMomentsOfMadanCarrAndChang) {
  for (const double theta : {-0.375, 0.0, 0.5}) {
    constexpr double sigma = 0.5;
    constexpr double nu = 0.25;
    const VarianceGamma model = from_sigma_nu_theta({.sigma = sigma, .nu = nu, .theta = theta, .mu = 0.125});
    const double variance = theta * theta * nu + sigma * sigma;
    const double third = 2.0 * std::pow(theta, 3) * nu * nu + 3.0 * sigma * sigma * theta * nu;
    const double fourth_cumulant = 3.0 * std::pow(sigma, 4) * nu + 12.0 * std::pow(sigma * theta * nu, 2) +
                                   6.0 * std::pow(theta, 4) * std::pow(nu, 3);
    EXPECT_TRUE(is_close(model.mean()(0), theta + 0.125, 1e-15));
    EXPECT_TRUE(is_close(model.cov()(0, 0), variance, 1e-15));
    EXPECT_TRUE(is_close(model.skewness()(0), third / std::pow(variance, 1.5), 1e-14));
    EXPECT_TRUE(is_close(model.kurtosis()(0), fourth_cumulant / (variance * variance), 1e-14));
  }
}

}  // namespace
}  // namespace varimix::tests
