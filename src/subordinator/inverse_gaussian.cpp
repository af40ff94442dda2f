#include "varimix/subordinator/inverse_gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "moment_checks.hpp"
#include "trial_lanes.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix {

InverseGaussian::InverseGaussian(double mu_ig, double lam) : mu_ig_(mu_ig), lam_(lam) {
  require(std::isfinite(mu_ig) && mu_ig > 0.0, "mu_ig", "finite and > 0", mu_ig);
  require(std::isfinite(lam) && lam > 0.0, "lam", "finite and > 0", lam);
  require(std::isnormal(gig().a), "lam / mu_ig^2", "within the range of doubles", lam / mu_ig / mu_ig);
}

InverseGaussian InverseGaussian::from_expectation(double E_inv_Y, double E_Y, std::optional<double> /*E_log_Y*/) {
  require(std::isfinite(E_Y) && E_Y > 0.0, "E_Y", "finite and > 0", E_Y);
  const double tail_weight = std::fma(E_inv_Y, E_Y, -1.0);
  require(std::isfinite(tail_weight) && tail_weight > 0.0, "E_inv_Y * E_Y", "finite and > 1", E_inv_Y * E_Y);
  return {E_Y, E_Y / tail_weight};
}

ShapeFit<InverseGaussian> InverseGaussian::maximum_likelihood(double E_inv_Y, double E_Y,
                                                              std::optional<double> /*E_log_Y*/,
                                                              const HeldParameters<InverseGaussian>& held) {
  require_moment(E_inv_Y, "E_inv_Y");
  require_moment(E_Y, "E_Y");
  const double tail_weight = std::fma(E_inv_Y, E_Y, -1.0);
  require(tail_weight > -kMomentRounding, "E_inv_Y * E_Y", "> 1", E_inv_Y * E_Y);
  const double mu_ig = held.values[0].value_or(E_Y);
  if (held.values[1].has_value()) return {InverseGaussian(mu_ig, *held.values[1])};
  // 1/lam = E[(Y - m)^2 / (m^2 Y)] = (tail weight + (1 - E[Y]/m)^2) / E[Y], m = mu_ig.
  const double deviation = 1.0 - E_Y / mu_ig;
  const double spread = std::max(tail_weight, 0.0) + deviation * deviation;
  if (spread < kGaussianTailWeight) return {InverseGaussian(mu_ig, kLargestShape * E_Y), ShapeLimit::kGaussian};
  return {InverseGaussian(mu_ig, E_Y / spread)};
}

GigParameters InverseGaussian::gig() const noexcept {
  const double square = mu_ig_ * mu_ig_;
  // The square leaves the range of doubles before the quotient does; elsewhere one division rounds less.
  return {-0.5, std::isnormal(square) ? lam_ / square : lam_ / mu_ig_ / mu_ig_, lam_};
}

InverseGaussian InverseGaussian::from_natural(const std::array<double, 2>& theta) {
  require(theta[0] < 0.0, "theta[0]", "< 0", theta[0]);
  require(theta[1] < 0.0, "theta[1]", "< 0", theta[1]);
  return {std::sqrt(theta[0] / theta[1]), -2.0 * theta[0]};
}

double InverseGaussian::log_constant() const noexcept { return 0.5 * (std::log(lam_) - kLogTwoPi); }

double InverseGaussian::log_prob(double y) const noexcept {
  if (std::isnan(y)) return y;
  if (!(y > 0.0) || std::isinf(y)) return -std::numeric_limits<double>::infinity();
  const double deviation = (y - mu_ig_) / mu_ig_;
  return log_constant() - 1.5 * std::log(y) - 0.5 * lam_ * deviation * deviation / y;
}

double InverseGaussian::E_log_Y() const noexcept { return std::log(mu_ig_) + bessel_k(-0.5, lam_ / mu_ig_).dlog_dnu; }

Cumulants InverseGaussian::cumulants() const noexcept {
  const double v = mu_ig_ / lam_;
  const double second = mu_ig_ * mu_ig_ * v;
  return {mu_ig_, second, 3.0 * second * mu_ig_ * v, 15.0 * second * second * v};
}

double InverseGaussian::sample(CounterStream& stream) const noexcept {
  const double normal = stream.normal();
  const double r = 0.5 * mu_ig_ / lam_ * normal * normal;
  const double root = r > simd::kRootIsLinear ? r : std::sqrt(r * (r + 2.0));
  const double small_root = mu_ig_ / (1.0 + r + root);
  const bool take_small = stream.uniform() * (mu_ig_ + small_root) <= mu_ig_;
  return take_small ? small_root : mu_ig_ * (mu_ig_ / small_root);
}

}  // namespace varimix
