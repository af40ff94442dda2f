#include <array>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

#include "gig_functions.hpp"
#include "gig_nodes.hpp"
#include "special/boost_policy.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix {
namespace {

constexpr double kThree = 3.0;  // these are binomial coefficients in central moments
constexpr double kFour = 4.0;
constexpr double kSix = 6.0;

/// Returns the cumulants of Y = unit (offset + D) from the moments m of D, m[k-1] = E[D^k].
Cumulants cumulants_from_moments(double unit, double offset, const std::array<double, 4>& m) {
  const double d = m[0];
  const double second = m[1] - d * d;
  const double third = m[2] - kThree * d * m[1] + 2.0 * d * d * d;
  const double fourth = m[3] - kFour * d * m[2] + kSix * d * d * m[1] - kThree * d * d * d * d;
  const double unit_squared = unit * unit;
  return {unit * (offset + d), unit_squared * second, unit_squared * unit * third,
          unit_squared * unit_squared * (fourth - kThree * second * second)};
}

Cumulants cumulants_by_nodes(double p, double a, double b) {
  const GigNodes nodes(p, std::sqrt(a) * std::sqrt(b));
  const double sign = p < 0.0 ? -1.0 : 1.0;
  double total = 0.0;
  std::array<double, 4> moments{};
  nodes.for_each([&](double s, double /*exponent*/, double weight) {
    const double deviation = std::expm1(sign * s);
    total += weight;
    double power = weight;
    for (double& moment : moments) moment += power *= deviation;
  });
  for (double& moment : moments) moment /= total;
  const double w_plus_order = std::hypot(p, std::sqrt(a) * std::sqrt(b)) + std::abs(p);
  return cumulants_from_moments(p < 0.0 ? b / w_plus_order : w_plus_order / a, 1.0, moments);
}

/// Uses E[Y^k] = E[Y]^k times the product over j = 1, ..., k - 1 of K_{p+j+1} K_p / (K_{p+j} K_{p+1}).
Cumulants cumulants_by_ratios(double p, double a, double b) {
  const double z = std::sqrt(a) * std::sqrt(b);
  std::array<double, 4> nu = {p, p + 1.0, p + 2.0, p + kThree};
  const std::array<double, 4> arguments = {z, z, z, z};
  std::array<double, 4> ratio{};
  bessel_k(nu, arguments, {.ratio_plus = ratio.data()});
  const double mean = std::sqrt(b) / std::sqrt(a) * ratio[0];
  std::array<double, 4> moments = {1.0, 1.0, 1.0, 1.0};
  for (std::size_t k = 1; k < moments.size(); ++k) moments[k] = moments[k - 1] * (ratio[k] / ratio[0]);
  Cumulants c = cumulants_from_moments(mean, 0.0, moments);
  c.mean = mean;
  for (double* value : {&c.second, &c.third, &c.fourth}) {
    if (!std::isfinite(*value)) *value = std::numeric_limits<double>::infinity();  // it is beyond the doubles
  }
  return c;
}

}  // namespace

Cumulants gig_cumulants(double p, double a, double b) noexcept {
  const bool has_nodes = std::hypot(p, std::sqrt(a) * std::sqrt(b)) >= kGigNodesFrom;
  return has_nodes ? cumulants_by_nodes(p, a, b) : cumulants_by_ratios(p, a, b);
}

double gig_log_normaliser(double p, double a, double b) noexcept {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  const double z = std::sqrt(a) * std::sqrt(b);
  if (std::isnan(p) || !(a >= 0.0) || !(b >= 0.0)) return std::numeric_limits<double>::quiet_NaN();
  if (std::isnormal(z)) return kLogTwo + bessel_k(p, z).log_scaled - z + p * (0.5 * (std::log(b) - std::log(a)));
  if (p == 0.0 || (p > 0.0 ? a : b) == 0.0) return kInfinite;
  return boost::math::lgamma(std::abs(p), InfinityOnOverflow()) - std::abs(p) * std::log(0.5 * (p > 0.0 ? a : b));
}

}  // namespace varimix
