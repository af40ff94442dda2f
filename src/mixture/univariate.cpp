#include "varimix/mixture/univariate.hpp"

#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "families.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/special/log_normal_cdf.hpp"

namespace varimix {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The integrand of log_cdf in t = log sqrt(b/a) + tau, where (a e^t + b e^-t)/2 = z cosh(tau), z = sqrt(ab).
struct TailIntegrand {
  double p, z, log_scale;  // of Y ~ GIG(p, a, b); log_scale = log sqrt(b/a)
  double log_constant;
  double c, g;

  [[nodiscard]] double argument_of_phi(double tau) const {
    const double root = std::exp(0.5 * (tau + log_scale));
    return c / root - g * root;
  }
  /// log of the integrand; exp(z) of the law's constant meets z cosh(tau) in -2 z sinh^2(tau/2).
  double operator()(double tau) const {
    const double sinh_half = std::sinh(0.5 * tau);
    return log_constant + p * (tau + log_scale) - 2.0 * z * sinh_half * sinh_half +
           log_normal_cdf(argument_of_phi(tau));
  }
};

/// The integrand's mode, well within its width wherever the integral is summed.
double find_mode(const TailIntegrand& integrand) {
  double low = 0.0;
  double high = 0.0;
  double left = 1.0;
  double right = 1.0;
  for (; integrand(low - left) > integrand(low); left *= 2.0) low -= left;
  for (; integrand(high + right) > integrand(high); right *= 2.0) high += right;
  constexpr int kBits = 26;  // all that a minimum of doubles has
  std::uintmax_t iterations = 100;
  return boost::math::tools::brent_find_minima([&](double tau) { return -integrand(tau); }, low - left, high + right,
                                               kBits, iterations)
      .first;
}

/// Less the second derivative of the integrand's logarithm at its mode, as if Phi were its exponential tail.
double curvature_at_mode(const TailIntegrand& integrand, double mode) {
  double curvature = integrand.z * std::cosh(mode);
  if (integrand.argument_of_phi(mode) < 0.0) {
    const double root = std::exp(0.5 * (mode + integrand.log_scale));
    const double c_part = integrand.c / root;
    const double g_part = integrand.g * root;
    curvature += 0.5 * (c_part * c_part + g_part * g_part);
  }
  return curvature;
}

/// A step at which the trapezoidal rule is exact to 1e-13: from the curvature at the mode, and where c g > 0 from the
/// saddle of Phi's argument, which bends it most.
double step_at_mode(const TailIntegrand& integrand, double curvature) {
  constexpr double kLargestStep = 0.2;
  constexpr double kStepInWidths = 0.5;
  double step = std::min(kLargestStep, kStepInWidths / std::sqrt(curvature));
  const double cg = integrand.c * integrand.g;
  if (cg > 0.0) step = std::min(step, kStepInWidths / std::sqrt(cg));
  return step;
}

double log_integral(const TailIntegrand& integrand) {
  constexpr double kNegligibleExponent = -40.0;
  // Far below the smallest double: Laplace's approximation is good to 1e-5 in the logarithm.
  constexpr double kLaplaceExponent = -1e5;
  const double mode = find_mode(integrand);
  const double peak = integrand(mode);
  const double curvature = curvature_at_mode(integrand, mode);
  if (peak < kLaplaceExponent) return peak + 0.5 * (kLogTwoPi - std::log(curvature));
  const double step = step_at_mode(integrand, curvature);
  double sum = 1.0;
  for (const double direction : {-step, step}) {
    for (int k = 1;; ++k) {
      const double exponent = integrand(mode + k * direction) - peak;
      if (!(exponent > kNegligibleExponent)) break;
      sum += std::exp(exponent);
    }
  }
  return peak + std::log(step * sum);
}

template <Subordinator S>
double log_tail(const NormalMixture<S>& model, double x, double sign) {
  const GigParameters gig = model.subordinator().gig();
  const double sigma = model.L_Sigma()(0, 0);
  const double c = sign * (x - model.mu()(0)) / sigma;
  // Beyond, squares overflow; the tail fell below the smallest double long before.
  constexpr double kFarTail = 1e150;
  if (std::abs(c) > kFarTail) return c > 0.0 ? 0.0 : -kInfinity;
  const double root_a = std::sqrt(gig.a);
  const double root_b = std::sqrt(gig.b);
  const double log_probability = log_integral({.p = gig.p,
                                               .z = root_a * root_b,
                                               .log_scale = std::log(root_b / root_a),
                                               .log_constant = model.subordinator().log_constant(),
                                               .c = c,
                                               .g = sign * model.gamma()(0) / sigma});
  return log_probability > 0.0 ? 0.0 : log_probability;  // a rounding above 1
}

}  // namespace

template <Subordinator S>
double log_cdf(const NormalMixture<S>& model, double x) {
  if (std::isnan(x)) return x;
  if (std::isinf(x)) return x > 0.0 ? 0.0 : -kInfinity;
  return log_tail(model, x, 1.0);
}

template <Subordinator S>
double log_sf(const NormalMixture<S>& model, double x) {
  if (std::isnan(x)) return x;
  if (std::isinf(x)) return x > 0.0 ? -kInfinity : 0.0;
  return log_tail(model, x, -1.0);
}

template <Subordinator S>
double quantile(const NormalMixture<S>& model, double q) {
  const bool lower = q < 0.5;
  const double target = lower ? std::log(q) : std::log1p(-q);
  // Increasing in x for either tail.
  const auto excess = [&](double x) { return lower ? log_cdf(model, x) - target : target - log_sf(model, x); };
  double low = model.mean()(0);
  double high = low;
  double width = std::sqrt(model.cov()(0, 0));
  while (excess(low) > 0.0) low -= width *= 2.0;
  width = std::sqrt(model.cov()(0, 0));
  while (excess(high) < 0.0) high += width *= 2.0;
  if (low == high) return low;
  constexpr int kBits = 50;
  std::uintmax_t iterations = 100;
  const auto bracket = boost::math::tools::toms748_solve(excess, low, high,
                                                         boost::math::tools::eps_tolerance<double>(kBits), iterations);
  return 0.5 * (bracket.first + bracket.second);
}

#define VARIMIX_INSTANTIATE(S)                              \
  template double log_cdf(const NormalMixture<S>&, double); \
  template double log_sf(const NormalMixture<S>&, double);  \
  template double quantile(const NormalMixture<S>&, double);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
