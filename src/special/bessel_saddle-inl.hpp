// Two methods expand K_nu(z) = (1/2) Int exp(nu t - z cosh t) dt, nu >= 0, about its saddle point t0 = asinh(nu/z):
// the trapezoidal rule and Debye's expansion. Each lane holds one point. This file is compiled once per target.
#if defined(VARIMIX_SPECIAL_BESSEL_SADDLE_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_SPECIAL_BESSEL_SADDLE_INL_HPP_
#undef VARIMIX_SPECIAL_BESSEL_SADDLE_INL_HPP_
#else
#define VARIMIX_SPECIAL_BESSEL_SADDLE_INL_HPP_
#endif

#include <algorithm>

#include "bessel_coefficients.hpp"
#include "bessel_lanes-inl.hpp"
#include "double_double-inl.hpp"
#include "saddle_grid.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

/// The point where the integrand is largest, and the logarithm of its value there.
template <class V>
struct Saddle {
  V w, inverse_w;  // w = hypot(nu, z)
  V inverse_z;
  V t0;            // asinh(nu / z)
  Pair<V> phase;   // nu t0 - w
  V scaled_phase;  // nu t0 - w + z >= 0
};

/// Computes asinh(y) = log(x 2^exponent) from x 2^exponent = y + hypot(1, y); for small y as y - y^3/6, which keeps the
/// relative accuracy.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE Pair<V> asinh_pair(D d, V y, const Pair<V>& x, V exponent) {
  constexpr double kSmall = 0x1p-14;  // the next term is 3/40 y^4 < 1e-18 of the sum
  const auto is_small = hn::Lt(y, hn::Set(d, kSmall));
  const Pair<V> logarithm = log_pair(d, x, exponent);
  const V series = hn::NegMulAdd(hn::Mul(y, hn::Mul(y, y)), hn::Set(d, 1.0 / 6.0), y);
  return {hn::IfThenElse(is_small, series, logarithm.high), hn::IfThenZeroElse(is_small, logarithm.low)};
}

/// Computes the saddle point. nu t0 - w vanishes near z = 0.66 nu, where only twice the precision leaves digits: at
/// nu = 1e4 both terms are about 1e4.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE Saddle<V> saddle_point(D d, V nu, V z) {
  const V zero = hn::Zero(d);
  const auto is_huge = hn::Gt(z, hn::Set(d, 0x1p500));   // its square would overflow; nu is smaller
  const auto is_tiny = hn::Lt(z, hn::Set(d, 0x1p-500));  // a quotient by it would overflow
  const V down = hn::IfThenElse(is_huge, hn::Set(d, 0x1p-600), hn::Set(d, 1.0));
  const V up = hn::IfThenElse(is_huge, hn::Set(d, 0x1p600), hn::Set(d, 1.0));
  const V nu_scaled = hn::Mul(nu, down);
  const V z_scaled = hn::Mul(z, down);
  const V one = hn::Set(d, 1.0);
  const Pair<V> square = sum(exact_product(d, nu_scaled, nu_scaled), exact_product(d, z_scaled, z_scaled));
  const V root = hn::Sqrt(square.high);
  const V inverse_root = hn::Div(one, root);
  const Pair<V> w = square_root(d, square, root, inverse_root);
  const V raise = hn::IfThenElse(is_tiny, hn::Set(d, 0x1p512), down);
  const V divisor = hn::Mul(z, raise);
  const V inverse_divisor = hn::Div(one, divisor);
  const V inverse_z = hn::Mul(inverse_divisor, raise);
  const V exponent = hn::IfThenElseZero(is_tiny, hn::Set(d, 512.0));
  const Pair<V> t0 = asinh_pair(d, hn::Mul(nu, inverse_z),
                                quotient(d, sum(w, {nu_scaled, zero}), {divisor, zero}, inverse_divisor), exponent);
  const Pair<V> w_unscaled = {hn::Mul(w.high, up), hn::Mul(w.low, up)};
  const V less = hn::Mul(nu, hn::Div(nu, hn::Add(w_unscaled.high, z)));  // w - z without the cancellation for large z
  return {w_unscaled.high,
          hn::Mul(inverse_root, down),
          inverse_z,
          t0.high,
          sum(product(d, t0, nu), negative(w_unscaled)),
          hn::MulSub(nu, t0.high, less)};
}

/// Sets log K and log(e^z K) from rest = log(e^{-phase} K).
template <class V>
VARIMIX_INLINE void set_logarithms(const Saddle<V>& saddle, V rest, BesselLanes<V>& out) {
  out.log_k = hn::Add(saddle.phase.high, hn::Add(saddle.phase.low, rest));
  out.log_scaled = hn::Add(saddle.scaled_phase, rest);
}

/// Sums over the nodes of the integrand f = exp(-(w - nu)(cosh s - 1) - nu (e^s - 1 - s)), s = t - t0, and of its
/// products with e^{-s}, s, s^2 and s e^{-s}.
template <class V>
struct SaddleSums {
  V one, exp_minus_s, s, s_squared, s_exp_minus_s;
};

/// Adds the nodes of one side, outwards, until no lane's term matters to any sum.
template <bool kSecond, class D, class V = hn::Vec<D>>
VARIMIX_INLINE void add_side(D d, const SaddleNode* node, const SaddleNode* end, V minus_cosh_weight, V minus_nu,
                             SaddleSums<V>& sums) {
  for (; node != end; ++node) {
    const V s = hn::Set(d, node->s);
    const V exponent = hn::MulAdd(minus_cosh_weight, hn::Set(d, node->cosh_minus_one),
                                  hn::Mul(minus_nu, hn::Set(d, node->exp_minus_one_minus_s)));
    // Each lane ends by itself: its sums have the same bits whatever its neighbours need.
    const auto matters = hn::Ge(exponent, hn::Set(d, node->negligible));
    const V f = hn::IfThenElseZero(matters, exp_normal(d, exponent));
    const V f_exp = hn::Mul(f, hn::Set(d, node->exp_minus_s));
    const V f_s = hn::Mul(f, s);
    sums.one = hn::Add(sums.one, f);
    sums.exp_minus_s = hn::Add(sums.exp_minus_s, f_exp);
    sums.s = hn::Add(sums.s, f_s);
    if constexpr (kSecond) {
      sums.s_squared = hn::MulAdd(f_s, s, sums.s_squared);
      sums.s_exp_minus_s = hn::MulAdd(f_exp, s, sums.s_exp_minus_s);
    }
    if (hn::AllFalse(d, matters)) return;
  }
}

/// Computes the trapezoidal rule for lanes that one grid serves.
template <bool kSecond, Slope kSlope, class D, class V = hn::Vec<D>>
VARIMIX_INLINE BesselLanes<V> saddle_trapezoid(D d, const SaddleGrid& grid, V nu, V z) {
  const Saddle<V> saddle = saddle_point(d, nu, z);
  const V w_plus_nu = hn::Add(saddle.w, nu);
  const V scale = hn::Div(z, w_plus_nu);                   // e^{-t0}
  const V minus_cosh_weight = hn::Neg(hn::Mul(z, scale));  // nu - w
  const V minus_nu = hn::Neg(nu);
  const V one = hn::Set(d, 1.0);
  const V zero = hn::Zero(d);
  SaddleSums<V> sums{one, one, zero, zero, zero};  // the node s = 0
  add_side<kSecond>(d, grid.right.data(), grid.right.data() + grid.right.size(), minus_cosh_weight, minus_nu, sums);
  add_side<kSecond>(d, grid.left.data(), grid.left.data() + grid.left.size(), minus_cosh_weight, minus_nu, sums);

  const V inverse_sum = hn::Div(one, sums.one);
  const V mean_exp = hn::Mul(sums.exp_minus_s, inverse_sum);
  const V mean_s = hn::Mul(sums.s, inverse_sum);
  BesselLanes<V> out;
  set_logarithms(saddle, hn::Log(d, hn::Mul(hn::Set(d, 0.5 * grid.step), sums.one)), out);
  out.ratio_minus = hn::Mul(scale, mean_exp);
  out.ratio_plus = hn::MulAdd(hn::Add(nu, nu), saddle.inverse_z, out.ratio_minus);
  set_slope<kSlope>(d, saddle.t0, w_plus_nu, z, scale, mean_s, out);
  if constexpr (kSecond) {
    out.d2log_dnu2 = hn::NegMulAdd(mean_s, mean_s, hn::Mul(sums.s_squared, inverse_sum));
    out.dratio_minus_dnu = hn::Mul(scale, hn::NegMulAdd(mean_exp, mean_s, hn::Mul(sums.s_exp_minus_s, inverse_sum)));
  }
  return out;
}

/// Computes the sum over k < kTerms of (sum over j <= k + kExtra of rows[k][j] q^j) x^k.
template <int kExtra, int kTerms, int kRows, int kColumns, class D, class V = hn::Vec<D>>
VARIMIX_INLINE V debye_sum(D d, const double (&rows)[kRows][kColumns], V q, V x) {
  static_assert(kTerms <= kRows);
  V total = hn::Zero(d);
  HWY_UNROLL(16)
  for (int k = kTerms - 1; k >= 0; --k) {
    V row = hn::Set(d, rows[k][k + kExtra]);
    HWY_UNROLL(16)
    for (int j = k + kExtra - 1; j >= 0; --j) row = hn::MulAdd(row, q, hn::Set(d, rows[k][j]));
    total = hn::MulAdd(total, x, row);
  }
  return total;
}

/// Debye's series of log K: value = S = sum over k >= 1 of C_k(q) x^k, with x = 1/w, q = (nu/w)^2 and the polynomials
/// C_k of kDebyeLog. x_slope = x dS/dx and q_slope = dS/dq give the series of ratio_minus and dlog_dnu.
template <class V>
struct DebyeSeries {
  V value, x_slope, q_slope;
};

template <int kTerms, class D, class V = hn::Vec<D>>
VARIMIX_INLINE DebyeSeries<V> debye_series(D d, V q, V x) {
  V value = hn::Zero(d);
  V x_slope = hn::Zero(d);
  V q_slope = hn::Zero(d);
  HWY_UNROLL(16)
  for (int k = kTerms; k >= 1; --k) {
    const auto& row = kDebyeLog[k - 1];
    V term = hn::Set(d, row[k]);
    V slope = hn::Zero(d);
    HWY_UNROLL(16)
    for (int j = k - 1; j >= 0; --j) {
      slope = hn::MulAdd(slope, q, term);
      term = hn::MulAdd(term, q, hn::Set(d, row[j]));
    }
    value = hn::MulAdd(value, x, term);
    x_slope = hn::MulAdd(x_slope, x, hn::Mul(hn::Set(d, static_cast<double>(k)), term));
    q_slope = hn::MulAdd(q_slope, x, slope);
  }
  return {hn::Mul(value, x), hn::Mul(x_slope, x), hn::Mul(q_slope, x)};
}

/// Computes Debye's expansion with kTerms terms after the first.
template <int kTerms, bool kSecond, Slope kSlope, class D, class V = hn::Vec<D>>
VARIMIX_INLINE BesselLanes<V> debye_expansion(D d, V nu, V z) {
  constexpr double kLogHalfPi = 0.45158270528945486473;  // log(pi / 2)
  const Saddle<V> saddle = saddle_point(d, nu, z);
  const V half = hn::Set(d, 0.5);
  const V x = saddle.inverse_w;
  const V p = hn::Mul(nu, x);
  const V q = hn::Mul(p, p);
  const V z_over_w_squared = hn::Mul(hn::Mul(z, x), x);
  const V w_plus_nu = hn::Add(saddle.w, nu);
  const V scale = hn::Div(z, w_plus_nu);  // e^{-t0}
  const V half_log = hn::Mul(half, hn::Sub(hn::Set(d, kLogHalfPi), hn::Log(d, saddle.w)));
  const DebyeSeries<V> series = debye_series<kTerms>(d, q, x);
  const V two_slope = hn::Add(series.q_slope, series.q_slope);
  BesselLanes<V> out;
  set_logarithms(saddle, hn::Add(half_log, series.value), out);
  out.ratio_minus = hn::MulAdd(z_over_w_squared, hn::MulAdd(q, two_slope, hn::Add(half, series.x_slope)), scale);
  out.ratio_plus = hn::MulAdd(hn::Add(nu, nu), saddle.inverse_z, out.ratio_minus);
  const V excess =
      hn::Mul(hn::Mul(p, x), hn::Sub(hn::NegMulAdd(q, two_slope, two_slope), hn::Add(half, series.x_slope)));
  set_slope<kSlope>(d, saddle.t0, w_plus_nu, z, scale, excess, out);
  if constexpr (kSecond) {
    constexpr int kDerivativeTerms = std::min(kTerms, kDebyeDerivativeTerms) + 1;
    out.d2log_dnu2 = hn::MulAdd(hn::Mul(x, x), debye_sum<1, kDerivativeTerms>(d, kDebyeOrderSecond, q, x), x);
    const V rest =
        hn::Mul(hn::Mul(z_over_w_squared, hn::Mul(p, x)), debye_sum<0, kDerivativeTerms>(d, kDebyeRatioOrder, q, x));
    out.dratio_minus_dnu = hn::NegMulAdd(scale, x, rest);
  }
  return out;
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
