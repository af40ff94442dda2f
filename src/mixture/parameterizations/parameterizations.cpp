#include "varimix/mixture/parameterizations.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <string>

#include "mixture/families.hpp"
#include "parameter_checks.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/cholesky.hpp"

namespace varimix {
namespace {

/// A parameter of the other form as its users know it: its name, its value, and the values, in words, at which chi (or
/// psi) is zero and positive.
struct NamedWeight {
  const char* name;
  double value;
  std::string zero;
  std::string positive;
};

/// GIG(p, a, b) with the names of the other form.
struct NamedGig {
  GigParameters gig;
  const char* order;
  NamedWeight chi;  // the one that sets b
  NamedWeight psi;  // the one that sets a
};

template <Subordinator S>
std::string for_a(const std::string& constraint) {
  return constraint + " for a " + kFamilyName<S>;
}

/// Returns the law of Y in the family S. Throws std::invalid_argument unless it is of that family.
template <Subordinator S>
S law_of_y(const NamedGig& given);

template <>
InverseGaussian law_of_y(const NamedGig& given) {
  using S = InverseGaussian;
  const auto& [gig, order, chi, psi] = given;
  require(gig.p == -0.5, order, for_a<S>("-0.5"), gig.p);
  require(gig.b > 0.0, chi.name, for_a<S>(chi.positive), chi.value);
  require(gig.a > 0.0, psi.name, for_a<S>(psi.positive), psi.value);
  return {std::sqrt(gig.b) / std::sqrt(gig.a), gig.b};
}

template <>
Gamma law_of_y(const NamedGig& given) {
  using S = Gamma;
  const auto& [gig, order, chi, psi] = given;
  require(gig.p > 0.0, order, for_a<S>("> 0"), gig.p);
  require(gig.b == 0.0, chi.name, for_a<S>(chi.zero), chi.value);
  require(gig.a > 0.0, psi.name, for_a<S>(psi.positive), psi.value);
  return {gig.p, 0.5 * gig.a};
}

template <>
InverseGamma law_of_y(const NamedGig& given) {
  using S = InverseGamma;
  const auto& [gig, order, chi, psi] = given;
  require(gig.p < 0.0, order, for_a<S>("< 0"), gig.p);
  require(gig.b > 0.0, chi.name, for_a<S>(chi.positive), chi.value);
  require(gig.a == 0.0, psi.name, for_a<S>(psi.zero), psi.value);
  return {-gig.p, 0.5 * gig.b};
}

template <>
GeneralizedInverseGaussian law_of_y(const NamedGig& given) {
  const auto& [gig, order, chi, psi] = given;
  require(gig.b > 0.0 || gig.p > 0.0, chi.name, chi.positive + " for " + order + " <= 0", chi.value);
  require(gig.a > 0.0 || gig.p < 0.0, psi.name, psi.positive + " for " + order + " >= 0", psi.value);
  return {gig.p, gig.a, gig.b};
}

/// Returns a^2 - b^2 of a caller's a >= b >= 0, without overflow of its terms.
double difference_of_squares(double a, double b) { return (a - b) * (a + b); }

template <Subordinator S>
MeanVarianceMixture<S> from_scipy(const ScipyGenhyperbolic& given) {
  require(std::isfinite(given.p), "p", "finite", given.p);
  require_positive(given.a, "a");
  require(std::isfinite(given.b), "b", "finite", given.b);
  require(std::abs(given.b) <= given.a, "b", "of absolute value < a, or = a with p < 0", given.b);
  require(std::isfinite(given.loc), "loc", "finite", given.loc);
  require_positive(given.scale, "scale");
  const S y = law_of_y<S>({{given.p, difference_of_squares(given.a, std::abs(given.b)), 1.0},
                           "p",
                           {"scale", given.scale, "0, which scipy does not have,", "> 0"},
                           {"a", given.a, "|b|", "> |b|"}});
  return {Vector::Constant(1, given.loc), Vector::Constant(1, given.scale * given.b),
          Matrix::Constant(1, 1, given.scale), y};
}

/// Returns |Sigma|^{1/(2d)}, a standard deviation, for Sigma = LL'.
double geometric_deviation(const Matrix& L) {
  const double share = 1.0 / static_cast<double>(L.rows());
  double unit = 1.0;
  for (const double pivot : L.diagonal()) unit *= std::pow(pivot, share);
  return unit;
}

/// Returns alpha^2 - beta' Delta beta, Delta = LL', or 0 for lambda < 0 where it is the rounding of L'beta.
double psi_of_alpha(const GhypAlphaBetaDelta& given, const Matrix& L) {
  constexpr double kRoundingsPerTerm = 4.0;
  const double norm = (L.transpose() * given.beta).norm();
  const double sum_of_terms = (L.cwiseAbs().transpose() * given.beta.cwiseAbs()).norm();
  const double rounding = kRoundingsPerTerm * static_cast<double>(L.rows()) * kEpsilon * sum_of_terms;
  if (given.lambda < 0.0 && std::abs(given.alpha - norm) <= rounding) return 0.0;
  require(given.alpha >= norm, "alpha", ">= sqrt(beta' Delta beta) = " + std::to_string(norm), given.alpha);
  return difference_of_squares(given.alpha, norm);
}

}  // namespace

template <Subordinator S>
ScipyGenhyperbolic to_scipy_genhyperbolic(const MeanVarianceMixture<S>& model) {
  require_one_dimensional(model.d());
  const GigParameters gig = model.subordinator().gig();
  require(gig.b > 0.0, "b of GIG(p, a, b)", "> 0: scipy has no Variance Gamma", gig.b);
  const double sigma = model.L_Sigma()(0, 0);
  const double root_chi = std::sqrt(gig.b);
  const double b = model.gamma()(0) / sigma * root_chi;
  return {.p = gig.p,
          .a = representable(std::hypot(std::sqrt(gig.a) * root_chi, b), "a"),
          .b = b,
          .loc = model.mu()(0),
          .scale = representable(sigma * root_chi, "scale")};
}

template <Subordinator S>
MeanVarianceMixture<S> from_scipy_genhyperbolic(const ScipyGenhyperbolic& parameters) {
  return from_scipy<S>(parameters);
}

ScipyNorminvgauss to_scipy_norminvgauss(const NormalInverseGaussian& model) {
  const ScipyGenhyperbolic general = to_scipy_genhyperbolic(model);
  return {.a = general.a, .b = general.b, .loc = general.loc, .scale = general.scale};
}

NormalInverseGaussian from_scipy_norminvgauss(const ScipyNorminvgauss& given) {
  return from_scipy<InverseGaussian>({.p = -0.5, .a = given.a, .b = given.b, .loc = given.loc, .scale = given.scale});
}

template <Subordinator S>
GhypChiPsi to_ghyp_chi_psi(const MeanVarianceMixture<S>& model) {
  const GigParameters gig = model.subordinator().gig();
  return {
      .lambda = gig.p, .chi = gig.b, .psi = gig.a, .mu = model.mu(), .sigma = model.sigma(), .gamma = model.gamma()};
}

template <Subordinator S>
MeanVarianceMixture<S> from_ghyp_chi_psi(const GhypChiPsi& given) {
  require(std::isfinite(given.lambda), "lambda", "finite", given.lambda);
  require(std::isfinite(given.chi) && given.chi >= 0.0, "chi", "finite and >= 0", given.chi);
  require(std::isfinite(given.psi) && given.psi >= 0.0, "psi", "finite and >= 0", given.psi);
  const S y = law_of_y<S>(
      {{given.lambda, given.psi, given.chi}, "lambda", {"chi", given.chi, "0", "> 0"}, {"psi", given.psi, "0", "> 0"}});
  require(given.mu.size() > 0, "mu", "of dimension 1 or more", given.mu.size());
  return {given.mu, given.gamma, checked_cholesky(given.sigma, given.mu.size(), "sigma"), y};
}

template <Subordinator S>
GhypAlphaBetaDelta to_ghyp_alpha_beta_delta(const MeanVarianceMixture<S>& model) {
  const GigParameters gig = model.subordinator().gig();
  const auto factor = model.L_Sigma().template triangularView<Eigen::Lower>();
  const Vector whitened = factor.solve(model.gamma());
  const double unit = geometric_deviation(model.L_Sigma());
  const Matrix L = model.L_Sigma() / unit;
  return {.lambda = gig.p,
          .alpha = representable(std::hypot(std::sqrt(gig.a), whitened.norm()) / unit, "alpha"),
          .delta = gig.b == 0.0 ? 0.0 : representable(std::sqrt(gig.b) * unit, "delta"),
          .beta = factor.transpose().solve(whitened),
          .mu = model.mu(),
          .delta_matrix = L * L.transpose()};
}

template <Subordinator S>
MeanVarianceMixture<S> from_ghyp_alpha_beta_delta(const GhypAlphaBetaDelta& given) {
  require(std::isfinite(given.lambda), "lambda", "finite", given.lambda);
  require(std::isfinite(given.alpha) && given.alpha >= 0.0, "alpha", "finite and >= 0", given.alpha);
  require(std::isfinite(given.delta) && given.delta >= 0.0, "delta", "finite and >= 0", given.delta);
  const Index d = given.mu.size();
  require(d > 0, "mu", "of dimension 1 or more", d);
  require_dimension(given.beta.size(), d, "beta");
  require_finite(given.beta, "beta");
  const Matrix L = checked_cholesky(given.delta_matrix, d, "delta_matrix");
  const double log_determinant = 2.0 * L.diagonal().array().log().sum();
  require(std::abs(log_determinant) <= kUnitDeterminantTolerance, "delta_matrix", "of determinant 1",
          std::exp(log_determinant));
  const S y = law_of_y<S>({{given.lambda, psi_of_alpha(given, L), given.delta * given.delta},
                           "lambda",
                           {"delta", given.delta, "0", "> 0"},
                           {"alpha", given.alpha, "sqrt(beta' Delta beta)", "> sqrt(beta' Delta beta)"}});
  return {given.mu, L * (L.transpose() * given.beta), L, y};
}

#define VARIMIX_INSTANTIATE(S)                                                            \
  template ScipyGenhyperbolic to_scipy_genhyperbolic(const MeanVarianceMixture<S>&);      \
  template MeanVarianceMixture<S> from_scipy_genhyperbolic<S>(const ScipyGenhyperbolic&); \
  template GhypChiPsi to_ghyp_chi_psi(const MeanVarianceMixture<S>&);                     \
  template MeanVarianceMixture<S> from_ghyp_chi_psi<S>(const GhypChiPsi&);                \
  template GhypAlphaBetaDelta to_ghyp_alpha_beta_delta(const MeanVarianceMixture<S>&);    \
  template MeanVarianceMixture<S> from_ghyp_alpha_beta_delta<S>(const GhypAlphaBetaDelta&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
