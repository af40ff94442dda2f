#include "varimix/subordinator/gamma.hpp"

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

#include "gamma_functions.hpp"
#include "gamma_shape.hpp"
#include "moment_checks.hpp"
#include "special/boost_policy.hpp"
#include "varimix/core/require.hpp"

namespace varimix {

Gamma::Gamma(double alpha, double beta) : alpha_(alpha), beta_(beta) {
  require(std::isnormal(alpha) && alpha > 0.0, "alpha", "finite and > 0", alpha);
  require(std::isnormal(beta) && beta > 0.0 && std::isfinite(2.0 * beta), "beta", "finite and > 0", beta);
}

Gamma Gamma::from_expectation(double E_inv_Y, double E_Y, std::optional<double> E_log_Y) {
  require_moment(E_Y, "E_Y");
  const double log_y = required_log_moment(E_log_Y);
  require(log_y < std::log(E_Y), "E_log_Y", "< log E_Y", log_y);
  return maximum_likelihood(E_inv_Y, E_Y, log_y).law;
}

ShapeFit<Gamma> Gamma::maximum_likelihood(double /*E_inv_Y*/, double E_Y, std::optional<double> E_log_Y,
                                          const HeldParameters<Gamma>& held) {
  require_moment(E_Y, "E_Y");
  const GammaShape shape = gamma_maximum_likelihood(E_Y, required_log_moment(E_log_Y), held.values);
  return {Gamma(shape.alpha, shape.beta), shape.limit};
}

double Gamma::log_constant() const noexcept {
  return alpha_ * std::log(beta_) - boost::math::lgamma(alpha_, InfinityOnOverflow());
}

double Gamma::log_prob(double y) const noexcept {
  if (std::isnan(y)) return y;
  if (y == 0.0 && alpha_ <= 1.0) return alpha_ < 1.0 ? std::numeric_limits<double>::infinity() : std::log(beta_);
  if (!(y > 0.0)) return -std::numeric_limits<double>::infinity();
  return log_gamma_kernel(alpha_, beta_, y) - std::log(y);
}

double Gamma::E_inv_Y() const noexcept {
  return alpha_ > 1.0 ? beta_ / (alpha_ - 1.0) : std::numeric_limits<double>::infinity();
}

double Gamma::E_log_Y() const noexcept { return std::log(alpha_) - std::log(beta_) - log_minus_digamma(alpha_); }

Cumulants Gamma::cumulants() const noexcept {
  const double mean = E_Y();
  const double second = mean / beta_;
  const double third = 2.0 * second / beta_;
  return {mean, second, third, 3.0 * third / beta_};
}

double Gamma::sample(CounterStream& stream) const noexcept {
  return sample_gamma_law(stream, alpha_, beta_, /*inverse=*/false);
}

}  // namespace varimix
