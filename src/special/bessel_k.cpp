#include "varimix/special/bessel_k.hpp"

#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "saddle_grid.hpp"
#include "saddle_sums.hpp"
#include "varimix/core/constants.hpp"

namespace varimix {
namespace {

template <bool kWithOrderDerivative>
BesselK saddle_trapezoid(double nu, double z, double w) noexcept {
  const SaddleGrid& grid = saddle_grid(saddle_grid_index(w));
  const double cosh_weight = z * z / (w + nu);  // w - nu
  double sum = 1.0;                             // the node s = 0
  double sum_exp_minus_s = 1.0;
  double sum_s = 0.0;
  for (const SaddleNode& node : grid.nodes) {
    const double exponent = -cosh_weight * node.cosh_minus_one - nu * node.exp_minus_one_minus_s;
    const double term = std::exp(exponent);
    sum += term;
    sum_exp_minus_s += term * node.exp_minus_s;
    if constexpr (kWithOrderDerivative) sum_s += term * node.s;
    if (exponent < kNegligibleExponent) break;
  }
  for (const SaddleNode& node : grid.nodes) {  // at -s
    const double exponent = -cosh_weight * node.cosh_minus_one - nu * node.exp_minus_one_plus_s;
    const double term = std::exp(exponent);
    sum += term;
    sum_exp_minus_s += term * node.exp_s;
    if constexpr (kWithOrderDerivative) sum_s -= term * node.s;
    if (exponent + node.s < kNegligibleExponent) break;  // e^{-s} grows leftwards: its product has to be negligible
  }
  return from_saddle_sums(nu, z, w, {grid.step, sum, sum_exp_minus_s, sum_s}, kWithOrderDerivative);
}

BesselK large_argument(double nu, double z, double w) noexcept {
  const double p = nu / w;
  const double first_term = (3.0 - 5.0 * p * p) / (24.0 * w);
  const double t0 = saddle_point(nu, z, w);
  BesselK result;
  result.log_scaled =
      nu * t0 - nu * (nu / (z + w)) + 0.5 * std::log(std::numbers::pi / (2.0 * w)) + std::log1p(-first_term);
  result.ratio_minus = z / (nu + w) + 0.5 * (z / w) / w;
  result.ratio_plus = result.ratio_minus + 2.0 * nu / z;
  result.dlog_dnu = t0 - 0.5 * p / w;
  return result;
}

// log K_v and its derivative in v as z -> 0.
struct LogK {
  double value;
  double derivative;
};

// Between these orders both leading terms below are exact to 3e-15: for small v the two powers of z compete,
//   K_v = e^A sinh(y) / v,  y = B - v log(z/2),  A, B the even and odd parts of log Gamma(1 + v);
// for larger v one dominates, K_v = Gamma(v) (z/2)^{-v} / 2.
constexpr double kTwoPowersOrder = 0.98;

// y coth(y) - 1 and log(sinh(y) / y), by their series where the closed forms cancel.
constexpr double kSeriesArgument = 0.1;  // the first term left out is below 3e-18

double y_coth_y_minus_one(double y) noexcept {
  if (y > kSeriesArgument) return y / std::tanh(y) - 1.0;
  const double s = y * y;
  return s * (1.0 / 3.0 - s * (1.0 / 45.0 - s * (2.0 / 945.0 - s * (1.0 / 4725.0 - s * (2.0 / 93555.0)))));
}

double log_sinh_y_over_y(double y) noexcept {
  if (y > kSeriesArgument) return y + std::log(-0.5 * std::expm1(-2.0 * y) / y);
  const double s = y * y;
  return std::log1p(s / 6.0 * (1.0 + s / 20.0 * (1.0 + s / 42.0 * (1.0 + s / 72.0))));
}

LogK log_k_two_powers(double v, double log_half_z) noexcept {
  using boost::math::digamma;
  using boost::math::lgamma;
  const double even = 0.5 * (lgamma(1.0 + v) + lgamma(1.0 - v));
  const double even_slope = 0.5 * (digamma(1.0 + v) - digamma(1.0 - v));
  const double odd_slope = 0.5 * (digamma(1.0 + v) + digamma(1.0 - v));
  if (v == 0.0) return {std::log(odd_slope - log_half_z), 0.0};
  // B = -euler v - zeta(3) v^3 / 3 - zeta(5) v^5 / 5 - ...; the first term left out is below 1e-16 of the sum.
  constexpr double kZeta3 = 1.2020569031595942854;
  constexpr double kZeta5 = 1.0369277551433699263;
  constexpr double kZeta7 = 1.0083492773819228268;
  constexpr double kSeriesOrder = 0.01;
  const double s = v * v;
  const bool series = v < kSeriesOrder;
  const double odd = series ? -v * (std::numbers::egamma + s * (kZeta3 / 3.0 + s * (kZeta5 / 5.0 + s * kZeta7 / 7.0)))
                            : 0.5 * (lgamma(1.0 + v) - lgamma(1.0 - v));
  const double bend =  // v B' - B
      series ? -v * s * (2.0 / 3.0 * kZeta3 + s * (4.0 / 5.0 * kZeta5 + s * 6.0 / 7.0 * kZeta7)) : v * odd_slope - odd;
  const double y = odd - v * log_half_z;
  const double r = bend / y;
  return {even + std::log(y / v) + log_sinh_y_over_y(y), even_slope + (y_coth_y_minus_one(y) * (1.0 + r) + r) / v};
}

LogK log_k_small_argument(double v, double log_half_z) noexcept {
  if (v < kTwoPowersOrder) return log_k_two_powers(v, log_half_z);
  return {boost::math::lgamma(v) - v * log_half_z - kLogTwo, boost::math::digamma(v) - log_half_z};
}

BesselK small_argument(double nu, double z) noexcept {
  const double log_half_z = std::log(z) - kLogTwo;
  const LogK at_nu = log_k_small_argument(nu, log_half_z);
  const LogK below = log_k_small_argument(std::abs(nu - 1.0), log_half_z);  // K_{nu-1} = K_{1-nu}
  BesselK result;
  result.log_scaled = z + at_nu.value;
  result.ratio_minus = std::exp(below.value - at_nu.value);
  result.ratio_plus = result.ratio_minus + 2.0 * nu / z;
  result.dlog_dnu = at_nu.derivative;
  return result;
}

BesselK limit_at_zero(double nu) noexcept {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double ratio_minus = nu > 0.5 ? 0.0 : (nu < 0.5 ? kInfinity : 1.0);
  return {kInfinity, ratio_minus, kInfinity, nu > 0.0 ? kInfinity : 0.0};
}

template <bool kWithOrderDerivative>
BesselK evaluate(double nu, double z) noexcept {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  if (std::isnan(nu) || !(z >= 0.0)) return {kNan, kNan, kNan, kNan};
  const double v = std::abs(nu);
  const double w = std::hypot(v, z);
  BesselK result;
  if (z == 0.0) {
    result = limit_at_zero(v);
  } else if (std::isinf(z)) {
    result = {-z, 1.0, 1.0, 0.0};
  } else if (trapezoid_serves(v, z, w)) {
    result = saddle_trapezoid<kWithOrderDerivative>(v, z, w);
  } else {
    result = z < 1.0 ? small_argument(v, z) : large_argument(v, z, w);
  }
  if (!kWithOrderDerivative) result.dlog_dnu = 0.0;
  return nu < 0.0 ? reflected(result) : result;
}

}  // namespace

BesselK bessel_k(double nu, double z) noexcept { return evaluate<true>(nu, z); }

BesselK bessel_k_ratios(double nu, double z) noexcept { return evaluate<false>(nu, z); }

double log_bessel_k(double nu, double z) noexcept { return evaluate<false>(nu, z).log_scaled - z; }

}  // namespace varimix
