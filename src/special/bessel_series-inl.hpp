// K_nu(z) for small z and moderate nu >= 0, with derivatives in the order. Temme's series (J. Comput. Phys. 19 (1975)
// 324) gives K at an order in [-1/2, 1/2] and at one beside it; a recurrence climbs upwards in the order. Each lane
// holds one point. This file is compiled once per target.
#if defined(VARIMIX_SPECIAL_BESSEL_SERIES_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_SPECIAL_BESSEL_SERIES_INL_HPP_
#undef VARIMIX_SPECIAL_BESSEL_SERIES_INL_HPP_
#else
#define VARIMIX_SPECIAL_BESSEL_SERIES_INL_HPP_
#endif

#include "bessel_coefficients.hpp"
#include "bessel_lanes-inl.hpp"
#include "bessel_regions.hpp"
#include "double_double-inl.hpp"
#include "jet-inl.hpp"
#include "varimix/core/constants.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

/// Computes the sum of coefficients[k] q^k with q = m^2, as a function of m.
template <bool kSecond, int kCount, class D, class V = hn::Vec<D>>
VARIMIX_INLINE Jet<kSecond, V> even_polynomial(D d, const double (&coefficients)[kCount], V m) {
  const V q = hn::Mul(m, m);
  V value = hn::Set(d, coefficients[kCount - 1]);
  V first = hn::Zero(d);
  V half_second = hn::Zero(d);
  for (int k = kCount - 2; k >= 0; --k) {
    if constexpr (kSecond) half_second = hn::MulAdd(half_second, q, first);
    first = hn::MulAdd(first, q, value);
    value = hn::MulAdd(value, q, hn::Set(d, coefficients[k]));
  }
  const V two_first = hn::Add(first, first);
  Jet<kSecond, V> out{value, hn::Mul(m, two_first), first};
  if constexpr (kSecond) out.second = hn::MulAdd(hn::Mul(hn::Set(d, 8.0), q), half_second, two_first);
  return out;
}

/// Returns 1 / (k - m) or 1 / (k + m) as a function of m, from its value and from the value with the sign of the slope.
template <bool kSecond, class V>
VARIMIX_INLINE Jet<kSecond, V> inverse_of_linear(V value, V signed_value) {
  const V square = hn::Mul(value, value);
  Jet<kSecond, V> out{value, hn::Mul(value, signed_value), value};
  if constexpr (kSecond) out.second = hn::Mul(hn::Add(value, value), square);
  return out;
}

/// The functions of m that the series takes from T = log(2/z), as jets. A value is scaled as its comment says. The
/// derivatives are those of the function times e^{-m tilt} (times e^{m tilt} for `minus`), scaled likewise; those of
/// `decay` and `growth` are of e^{-2 m tilt} and e^{2 m tilt}. Without a tilt the jets are centred, which K_m' needs
/// where m T is small. With tilt = T the jets of the larger exponential are constant, which K_m'' needs where m T is
/// large, and which K_{1+m} and K_{1-m} always need.
template <bool kSecond, class V>
struct Exponentials {
  Jet<kSecond, V> cosh;    // e^{-m T} cosh(m T)
  Jet<kSecond, V> sinh;    // e^{-m T} sinh(m T) / m
  Jet<kSecond, V> plus;    // 1, in place of e^{m T}
  Jet<kSecond, V> minus;   // 1, in place of e^{-m T}; its tilt has the opposite sign
  Jet<kSecond, V> decay;   // e^{-2 m T}
  Jet<kSecond, V> growth;  // z e^{2 m T} <= 2 (e^{2 m T} alone can come close to the largest double)
  V tilt;
};

/// Computes the functions of m. With x = 2 m T and h_j = Int_0^1 t^j e^{-x t} dt, e^{-m T} sinh(m T) / m = T h_0. Its
/// first two derivatives are T^2 (h_0 - 2 h_1) and T^3 (h_0 - 4 h_1 + 4 h_2) when centred, -2 T^2 h_1 and 4 T^3 h_2
/// with the tilt. The downward recurrence h_{j-1} = (x h_j + e^-x) / j loses no digits. `beside` marks the lanes of
/// K_{1+m} and K_{1-m}.
template <bool kSecond, class D, class V = hn::Vec<D>>
VARIMIX_INLINE Exponentials<kSecond, V> exponentials(D d, V m, V z, const Pair<V>& big_t, hn::Mask<D> beside) {
  using J = Jet<kSecond, V>;
  constexpr double kLarge = 2.0;  // above it h_2 = (2 - e^-x (2 + 2 x + x^2)) / x^3 loses a third at most
  constexpr int kTerms = 18;      // h_2 = e^-x sum over j of x^j 2! / (j + 3)!: the next term is below 1e-17 at x = 2
  const V one = hn::Set(d, 1.0);
  const V two = hn::Set(d, 2.0);
  const V half = hn::Set(d, 0.5);
  const V t = big_t.high;
  const Pair<V> x_pair = product(d, big_t, hn::Add(m, m));
  const V x = x_pair.high;
  const V e_plus = exp_pair(d, x_pair);
  const V e = hn::Div(one, e_plus);
  const auto is_large = hn::Gt(x, hn::Set(d, kLarge));
  const auto tilted = hn::Or(is_large, beside);

  V series = one;
  for (int j = kTerms; j >= 1; --j) series = hn::MulAdd(hn::Mul(series, x), hn::Set(d, 1.0 / (j + 3)), one);
  series = hn::Mul(hn::Mul(series, e), hn::Set(d, 1.0 / 3.0));
  const V closed = hn::Div(hn::NegMulAdd(e, hn::MulAdd(x, hn::Add(x, two), two), two), hn::Mul(x, hn::Mul(x, x)));
  const V h2 = hn::IfThenElse(is_large, closed, series);
  const V h1 = hn::Mul(half, hn::MulAdd(x, h2, e));
  const V h0 = hn::MulAdd(x, h1, e);
  const V centred_first = hn::Mul(x, hn::Sub(h1, h2));  // h_0 - 2 h_1
  const V four_h2 = hn::Mul(hn::Set(d, 4.0), h2);
  const V t2 = hn::Mul(t, t);
  const V t3 = hn::Mul(t, t2);

  const V tilt = hn::IfThenElseZero(tilted, t);
  const V rest = hn::Sub(t, tilt);
  const V two_tilt = hn::Add(tilt, tilt);
  const V two_tilt_squared = hn::Mul(two_tilt, two_tilt);
  const V rest_squared = hn::Mul(rest, rest);
  const V sinh_value = hn::Mul(t, h0);
  const V cosh_value = hn::Mul(half, hn::Add(one, e));
  const J sinh = {
      sinh_value, hn::Mul(t2, hn::IfThenElse(tilted, hn::Mul(hn::Set(d, -2.0), h1), centred_first)),
      hn::Mul(t3, hn::IfThenElse(tilted, four_h2, hn::Add(hn::Sub(four_h2, hn::Add(h1, h1)), centred_first)))};
  const J cosh = {cosh_value, hn::IfThenElse(tilted, hn::Neg(hn::Mul(t, e)), hn::Mul(t, hn::Mul(m, sinh_value))),
                  hn::Mul(t2, hn::IfThenElse(tilted, hn::Add(e, e), cosh_value))};
  return {cosh,
          sinh,
          J{one, rest, rest_squared},
          J{one, hn::Neg(rest), rest_squared},
          e * J{one, hn::Neg(two_tilt), two_tilt_squared},
          hn::Mul(z, e_plus) * J{one, two_tilt, two_tilt_squared},
          tilt};
}

/// K at three orders, as functions of m in [0, 1/2], with T = log(2/z):
///   K_m = e^{m T} at_m,   K_{1+m} = (2/z) e^{m T} above,   K_{1-m} = (2/z) e^{-m T} below.
/// The derivatives in the jets are those of e^{-m tilt} K_m, e^{-m tilt} K_{1+m} and e^{m tilt} K_{1-m}.
template <bool kSecond, class V>
struct TemmeSums {
  Jet<kSecond, V> at_m, above, below;
};

/// Sums Temme's series. f, p and q are Temme's f_k, p_k and q_k, divided by e^{m T}, e^{m T} and e^{-m T}.
template <bool kSecond, class D, class V = hn::Vec<D>>
VARIMIX_INLINE TemmeSums<kSecond, V> temme_series(D d, V m, V z, const Exponentials<kSecond, V>& exps) {
  using J = Jet<kSecond, V>;
  const V zero = hn::Zero(d);
  const V one = hn::Set(d, 1.0);
  const V half = hn::Set(d, 0.5);
  const J even = even_polynomial<kSecond>(d, kReciprocalGammaEven, m);  // the even part of 1 / Gamma(1 + m)
  const J odd_over_m = even_polynomial<kSecond>(d, kReciprocalGammaOdd, m);
  const J odd = J{m, one, zero} * odd_over_m;
  const J gamma_plus = reciprocal(even + odd, one);   // Gamma(1 + m)
  const J gamma_minus = reciprocal(even - odd, one);  // Gamma(1 - m)
  J f = (gamma_plus * gamma_minus) * (exps.sinh * even - exps.cosh * odd_over_m);
  J p = half * gamma_plus * exps.plus;
  J q = half * gamma_minus * exps.minus;
  J at_m = f;
  J above = p;
  J below = q;
  J k_f = {zero, zero, zero};  // sum of c_k k f_k, c_k = (z/2)^{2k} / k!
  V c = one;
  for (int k = 1; k <= kTemmeTerms; ++k) {
    const V order = hn::Set(d, static_cast<double>(k));
    const V minus = hn::Sub(order, m);
    const V plus = hn::Add(order, m);
    const V u = hn::Div(one, hn::Mul(minus, plus));
    const J over_minus = inverse_of_linear<kSecond>(hn::Mul(plus, u), hn::Mul(plus, u));
    const J over_plus = inverse_of_linear<kSecond>(hn::Mul(minus, u), hn::Neg(hn::Mul(minus, u)));
    f = ((order * f + p) + exps.decay * q) * (over_minus * over_plus);
    p = p * over_minus;
    q = q * over_plus;
    c = hn::Mul(hn::Mul(c, hn::Mul(hn::Mul(half, z), hn::Mul(half, z))), hn::Set(d, 1.0 / k));
    at_m = at_m + c * f;
    above = above + c * p;
    below = below + c * q;
    k_f = k_f + hn::Mul(c, order) * f;
  }
  return {at_m, above - k_f, below - exps.growth * (hn::Div(one, z) * k_f)};
}

/// The state while the order nu is raised: K_{nu-1}/K_nu, the factor of K_nu (small_argument_series), and the first two
/// derivatives of log K_nu in the order. For Slope::kLogY and kLogYReflected `slope` also includes -T and T.
template <bool kSecond, class V>
struct Climb {
  Jet<kSecond, V> ratio_minus;
  V factor, slope, curvature;
};

/// Raises the order from mu + 1 to mu + n, lane by lane. Each step multiplies the factor by
/// t = z K_{nu+1}/K_nu = 2 nu + z K_{nu-1}/K_nu.
template <bool kSecond, class D, class V = hn::Vec<D>>
VARIMIX_INLINE void raise_order(D d, V z, V mu, V n, Climb<kSecond, V>& climb) {
  const V one = hn::Set(d, 1.0);
  for (V j = one;; j = hn::Add(j, one)) {
    const auto goes_on = hn::Lt(j, n);
    if (hn::AllFalse(d, goes_on)) return;
    Jet<kSecond, V>& ratio = climb.ratio_minus;
    const V order = hn::Add(mu, j);
    const V t = hn::MulAdd(z, ratio.value, hn::Add(order, order));
    const V inverse = hn::Div(one, t);
    const V slope = hn::Mul(hn::MulAdd(z, ratio.first, hn::Set(d, 2.0)), inverse);  // t' / t
    const V next = hn::Mul(z, inverse);
    if constexpr (kSecond) {
      const V bend = hn::Mul(hn::Mul(z, ratio.second), inverse);  // t'' / t
      const V square = hn::Mul(slope, slope);
      climb.curvature = hn::Add(climb.curvature, hn::IfThenElseZero(goes_on, hn::Sub(bend, square)));
      ratio.second = hn::IfThenElse(goes_on, hn::Mul(next, hn::Sub(hn::Add(square, square), bend)), ratio.second);
    }
    ratio.first = hn::IfThenElse(goes_on, hn::Neg(hn::Mul(next, slope)), ratio.first);
    ratio.value = hn::IfThenElse(goes_on, next, ratio.value);
    climb.slope = hn::Add(climb.slope, hn::IfThenElseZero(goes_on, slope));
    climb.factor = hn::IfThenElse(goes_on, hn::Mul(climb.factor, t), climb.factor);
  }
}

/// Computes K_nu(z) for z <= kSeriesArgument and nu < kSeriesOrder. With n the nearest integer to nu, mu = nu - n and
/// m = |mu|, it starts at order m where n = 0, otherwise at 1 + mu, which is 1 + m or 1 - m. With T = log(2/z),
/// log K_nu = nu T + log(factor) - max(n - 1, 0) log 2.
template <bool kSecond, Slope kSlope, class D, class V = hn::Vec<D>>
VARIMIX_INLINE BesselLanes<V> small_argument_series(D d, V nu, V z) {
  using J = Jet<kSecond, V>;
  const V zero = hn::Zero(d);
  const V one = hn::Set(d, 1.0);
  const V n = hn::Round(nu);
  const V mu = hn::Sub(nu, n);
  const auto from_m = hn::Eq(n, zero);
  const auto from_below = hn::AndNot(from_m, hn::Lt(mu, zero));
  const V m = hn::Abs(mu);
  const Pair<V> big_t = negative(log_pair(d, {z, zero}, hn::Set(d, -1.0)));  // log(2/z)
  const Exponentials<kSecond, V> exps = exponentials<kSecond>(d, m, z, big_t, hn::Not(from_m));
  const TemmeSums<kSecond, V> sums = temme_series<kSecond>(d, m, z, exps);

  const J at = select(from_m, sums.at_m, select(from_below, sums.below, sums.above));
  const J beside =
      select(from_m, exps.decay * sums.below,
             select(from_below, hn::Set(d, 0.5) * (exps.growth * sums.at_m), hn::Mul(hn::Set(d, 0.5), z) * sums.at_m));
  J ratio = beside * reciprocal(at, one);
  ratio = hn::IfThenElse(from_m, hn::Div(hn::Set(d, 2.0), z), one) * ratio;
  const V sign = hn::IfThenElse(from_below, hn::Neg(one), one);  // dm / dnu
  ratio.first = hn::Mul(sign, ratio.first);
  // The part -T of log z = log 2 - T joins the slope before anything is rounded to the size of T.
  V tilt = exps.tilt;
  if constexpr (kSlope == Slope::kLogY) tilt = hn::Sub(tilt, big_t.high);
  if constexpr (kSlope == Slope::kLogYReflected) tilt = hn::Add(tilt, big_t.high);
  const V at_slope = hn::Div(at.first, at.value);
  Climb<kSecond, V> climb{ratio, at.value, hn::MulAdd(sign, at_slope, tilt), zero};
  if constexpr (kSecond) climb.curvature = hn::NegMulAdd(at_slope, at_slope, hn::Div(at.second, at.value));
  raise_order<kSecond>(d, z, mu, n, climb);

  const V halvings = hn::Max(hn::Sub(n, one), zero);
  const Pair<V> power = product(d, big_t, nu);
  const V rest = hn::NegMulAdd(halvings, hn::Set(d, kLogTwo), hn::Log(d, climb.factor));
  BesselLanes<V> out;
  out.log_k = hn::Add(power.high, hn::Add(power.low, rest));
  out.log_scaled = hn::Add(out.log_k, z);
  out.ratio_minus = climb.ratio_minus.value;
  out.ratio_plus = hn::Add(out.ratio_minus, hn::Div(hn::Add(nu, nu), z));
  out.dlog_dnu = climb.slope;
  if constexpr (kSlope == Slope::kLogY) out.dlog_dnu = hn::Add(climb.slope, hn::Set(d, kLogTwo));
  if constexpr (kSlope == Slope::kLogYReflected) out.dlog_dnu = hn::Sub(hn::Set(d, kLogTwo), climb.slope);
  out.d2log_dnu2 = climb.curvature;
  out.dratio_minus_dnu = climb.ratio_minus.first;
  return out;
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
