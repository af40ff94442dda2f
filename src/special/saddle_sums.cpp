#include "saddle_sums.hpp"

#include <cmath>

namespace varimix {
namespace {

// Below this argument and order the integrand's left flank is wider than the grids, and the series' leading term is exact
// to rounding: its first correction is of relative size z^2 log z.
constexpr double kSmallArgument = 1e-8;
constexpr double kSmallOrder = 2.0;

// Above this w = hypot(nu, z) the third term of Debye's expansion, of relative size 1/w^2, is below rounding.
constexpr double kLargeArgument = 1e8;

}  // namespace

bool trapezoid_serves(double nu, double z, double w) noexcept {
  return w <= kLargeArgument && (z >= kSmallArgument || nu >= kSmallOrder);
}

double saddle_point(double nu, double z, double w) noexcept {
  return nu < z ? std::asinh(nu / z) : std::log(nu + w) - std::log(z);
}

BesselK from_saddle_sums(double nu, double z, double w, const SaddleSums& sums, bool with_order_derivative) noexcept {
  const double t0 = saddle_point(nu, z, w);
  BesselK result;
  result.log_scaled = nu * t0 - nu * (nu / (z + w)) + std::log(0.5 * sums.step * sums.sum);
  result.ratio_minus = z / (nu + w) * (sums.sum_exp_minus_s / sums.sum);
  result.ratio_plus = result.ratio_minus + 2.0 * nu / z;
  result.dlog_dnu = with_order_derivative ? t0 + sums.sum_s / sums.sum : 0.0;
  return result;
}

BesselK reflected(const BesselK& k) noexcept { return {k.log_scaled, k.ratio_plus, k.ratio_minus, -k.dlog_dnu}; }

}  // namespace varimix
