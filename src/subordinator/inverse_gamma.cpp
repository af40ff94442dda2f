#include "varimix/subordinator/inverse_gamma.hpp"

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

#include "gamma_functions.hpp"
#include "gamma_shape.hpp"
#include "moment_checks.hpp"
#include "special/boost_policy.hpp"
#include "varimix/core/require.hpp"

namespace varimix {

InverseGamma::InverseGamma(double alpha, double beta) : alpha_(alpha), beta_(beta) {
  require(std::isnormal(alpha) && alpha > 0.0, "alpha", "finite and > 0", alpha);
  require(std::isnormal(beta) && beta > 0.0 && std::isfinite(2.0 * beta), "beta", "finite and > 0", beta);
}

InverseGamma InverseGamma::from_expectation(double E_inv_Y, double E_Y, std::optional<double> E_log_Y) {
  require_moment(E_inv_Y, "E_inv_Y");
  const double log_y = required_log_moment(E_log_Y);
  require(log_y > -std::log(E_inv_Y), "E_log_Y", "> -log E_inv_Y", log_y);
  return maximum_likelihood(E_inv_Y, E_Y, log_y).law;
}

ShapeFit<InverseGamma> InverseGamma::maximum_likelihood(double E_inv_Y, double /*E_Y*/, std::optional<double> E_log_Y,
                                                        const HeldParameters<InverseGamma>& held) {
  require_moment(E_inv_Y, "E_inv_Y");
  const GammaShape shape = gamma_maximum_likelihood(E_inv_Y, -required_log_moment(E_log_Y), held.values);
  return {InverseGamma(shape.alpha, shape.beta), shape.limit};
}

double InverseGamma::log_constant() const noexcept {
  return alpha_ * std::log(beta_) - boost::math::lgamma(alpha_, InfinityOnOverflow());
}

double InverseGamma::log_prob(double y) const noexcept {
  if (std::isnan(y)) return y;
  if (!(y > 0.0)) return -std::numeric_limits<double>::infinity();
  return log_gamma_kernel(alpha_, beta_, 1.0 / y) - std::log(y);
}

double InverseGamma::E_Y() const noexcept {
  return alpha_ > 1.0 ? beta_ / (alpha_ - 1.0) : std::numeric_limits<double>::infinity();
}

double InverseGamma::E_log_Y() const noexcept { return std::log(beta_) - std::log(alpha_) + log_minus_digamma(alpha_); }

Cumulants InverseGamma::cumulants() const noexcept {
  // The skewness is 4 sqrt(alpha - 2) / (alpha - 3), the excess kurtosis 6 (5 alpha - 11) / ((alpha-3)(alpha-4)).
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  constexpr double kThird = 3.0;
  constexpr double kFourth = 4.0;
  const double mean = E_Y();
  const double second = alpha_ > 2.0 ? mean * mean / (alpha_ - 2.0) : kInfinite;
  const double third = alpha_ > kThird ? 4.0 * second * mean / (alpha_ - kThird) : kInfinite;
  const double fourth = alpha_ > kFourth
                            ? 6.0 * second * second * (5.0 * alpha_ - 11.0) / ((alpha_ - kThird) * (alpha_ - kFourth))
                            : kInfinite;
  return {mean, second, third, fourth};
}

double InverseGamma::sample(CounterStream& stream) const noexcept {
  return sample_gamma_law(stream, alpha_, beta_, /*inverse=*/true);
}

}  // namespace varimix
