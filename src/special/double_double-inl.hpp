// Sums, products and logarithms of numbers that are unevaluated sums of two doubles. This file is compiled once per
// target, so its include guard is a toggle.
#if defined(VARIMIX_SPECIAL_DOUBLE_DOUBLE_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_SPECIAL_DOUBLE_DOUBLE_INL_HPP_
#undef VARIMIX_SPECIAL_DOUBLE_DOUBLE_INL_HPP_
#else
#define VARIMIX_SPECIAL_DOUBLE_DOUBLE_INL_HPP_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// The number high + low, |low| <= ulp(high) / 2 or little more.
template <class V>
struct Pair {
  V high;
  V low;
};

/// Returns a + b exactly.
template <class V>
VARIMIX_INLINE Pair<V> exact_sum(V a, V b) {
  const V sum = hn::Add(a, b);
  const V b_rounded = hn::Sub(sum, a);
  const V a_rounded = hn::Sub(sum, b_rounded);
  return {sum, hn::Add(hn::Sub(a, a_rounded), hn::Sub(b, b_rounded))};
}

/// Returns a * b exactly, if nothing overflows or underflows.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE Pair<V> exact_product(D d, V a, V b) {
  const V product = hn::Mul(a, b);
#if HWY_NATIVE_FMA
  (void)d;
  return {product, hn::MulSub(a, b, product)};
#else
  // The upper 26 bits of each factor are split off, so that their product is exact.
  const hn::RebindToUnsigned<D> du;
  const auto upper = hn::BitCast(d, hn::Set(du, 0xFFFFFFFFF8000000ULL));
  const V a_high = hn::And(a, upper);
  const V b_high = hn::And(b, upper);
  const V a_low = hn::Sub(a, a_high);
  const V b_low = hn::Sub(b, b_high);
  const V error = hn::Add(hn::Add(hn::Sub(hn::Mul(a_high, b_high), product), hn::Mul(a_high, b_low)),
                          hn::Add(hn::Mul(a_low, b_high), hn::Mul(a_low, b_low)));
  return {product, error};
#endif
}

/// Returns a + b, to about 2^-104.
template <class V>
VARIMIX_INLINE Pair<V> sum(const Pair<V>& a, const Pair<V>& b) {
  const Pair<V> high = exact_sum(a.high, b.high);
  return {high.high, hn::Add(high.low, hn::Add(a.low, b.low))};
}

template <class V>
VARIMIX_INLINE Pair<V> negative(const Pair<V>& a) {
  return {hn::Neg(a.high), hn::Neg(a.low)};
}

/// Returns a * b, to about 2^-104.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE Pair<V> product(D d, const Pair<V>& a, V b) {
  const Pair<V> high = exact_product(d, a.high, b);
  return {high.high, hn::MulAdd(a.low, b, high.low)};
}

/// Returns a / b, to about 2^-102. `inverse_b` is 1 / b.high, rounded.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE Pair<V> quotient(D d, const Pair<V>& a, const Pair<V>& b, V inverse_b) {
  const V high = hn::Mul(a.high, inverse_b);
  const Pair<V> back = exact_product(d, high, b.high);
  const V rest = hn::Add(hn::Sub(hn::Sub(a.high, back.high), back.low), hn::NegMulAdd(high, b.low, a.low));
  return exact_sum(high, hn::Mul(rest, inverse_b));
}

/// Returns the square root of a, to about 2^-102. `high` is sqrt(a.high), rounded, and `inverse_high` is 1 / high.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE Pair<V> square_root(D d, const Pair<V>& a, V high, V inverse_high) {
  const Pair<V> back = exact_product(d, high, high);
  const V rest = hn::Add(hn::Sub(hn::Sub(a.high, back.high), back.low), a.low);
  return {high, hn::Mul(hn::Mul(hn::Set(d, 0.5), rest), inverse_high)};
}

// log 2 is held in two parts. The first has 32 bits, so that its product with an exponent is exact.
constexpr double kLogTwoHigh = 0x1.62e42fee00000p-1;
constexpr double kLogTwoLow = 0x1.a39ef35793c76p-33;

/// Computes log(x 2^exponent) for a normal x > 0 and an integer exponent, with an absolute error of about
/// 2^-60 + 2^-102 |log|. With x = 2^k m, m in [sqrt(1/2), sqrt(2)), log m = 2 artanh(s), s = (m - 1)/(m + 1), only the
/// leading term 2 s has to be a pair.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE Pair<V> log_pair(D d, const Pair<V>& x, V exponent) {
  // 2 artanh(s) - 2 s = 2 s^3 (1/3 + s^2/5 + ...), |s| <= 3 - 2 sqrt(2): the first term left out is below 1e-19.
  constexpr double kSeries[] = {2.0 / 3.0,  2.0 / 5.0,  2.0 / 7.0,  2.0 / 9.0,  2.0 / 11.0,
                                2.0 / 13.0, 2.0 / 15.0, 2.0 / 17.0, 2.0 / 19.0, 2.0 / 21.0};
  const hn::RebindToSigned<D> di;
  const hn::RebindToUnsigned<D> du;
  const V one = hn::Set(d, 1.0);
  // Subtracting the bits of sqrt(1/2) puts the carry into the exponent where m would be sqrt(2) or more.
  constexpr long long kRootHalfBits = 0x3FE6A09E667F3BCDLL;
  const auto bits = hn::BitCast(di, x.high);
  const auto k = hn::ShiftRight<52>(hn::Sub(bits, hn::Set(di, kRootHalfBits)));
  const auto mantissa = hn::Sub(bits, hn::ShiftLeft<52>(k));
  const V m = hn::BitCast(d, mantissa);
  // The low part is scaled by the same power of two, 2^-k, |k| <= 1023.
  const V scale = hn::BitCast(d, hn::BitCast(du, hn::ShiftLeft<52>(hn::Sub(hn::Set(di, 1023), k))));
  const V m_low = hn::Mul(x.low, scale);
  const Pair<V> m_plus_one = sum(exact_sum(m, one), {m_low, hn::Zero(d)});
  const Pair<V> s = quotient(d, {hn::Sub(m, one), m_low}, m_plus_one, hn::Div(one, m_plus_one.high));
  const V s2 = hn::Mul(s.high, s.high);
  V series = hn::Set(d, kSeries[9]);
  for (int i = 8; i >= 0; --i) series = hn::MulAdd(series, s2, hn::Set(d, kSeries[i]));
  const V rest = hn::Mul(hn::Mul(s.high, s2), series);
  const V e = hn::Add(hn::ConvertTo(d, k), exponent);
  const Pair<V> whole = exact_sum(hn::Mul(e, hn::Set(d, kLogTwoHigh)), hn::Add(s.high, s.high));
  const V low = hn::Add(whole.low, hn::MulAdd(e, hn::Set(d, kLogTwoLow), hn::Add(hn::Add(s.low, s.low), rest)));
  return exact_sum(whole.high, low);
}

/// Returns e^x where that is a finite double; inf or NaN where it overflows.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE V exp_pair(D d, const Pair<V>& x) {
  const V e = hn::Exp(d, x.high);
  return hn::MulAdd(e, x.low, e);
}

/// Returns e^x where that is a normal double, with a relative error below 2^-52; elsewhere the result is arbitrary. It
/// is cheaper than hn::Exp, which also serves subnormal results: exponentials take most of the time of a trapezoidal
/// rule.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE V exp_normal(D d, V x) {
  constexpr double kInverseLogTwo = 1.44269504088896340736;
  constexpr double kRound = 0x1.8p52;  // adding it leaves the nearest integer in the last bits
  const hn::RebindToUnsigned<D> du;
  const V shifted = hn::MulAdd(x, hn::Set(d, kInverseLogTwo), hn::Set(d, kRound));
  const V n = hn::Sub(shifted, hn::Set(d, kRound));
  const V r = hn::NegMulAdd(n, hn::Set(d, kLogTwoLow), hn::NegMulAdd(n, hn::Set(d, kLogTwoHigh), x));
  // This is the Taylor polynomial of degree 13, |r| <= log(2)/2: the next term is 4e-18. Its terms are summed in pairs,
  // pairs of pairs, and so on.
  const auto pair = [&](double a, double b) { return hn::MulAdd(hn::Set(d, b), r, hn::Set(d, a)); };
  const V r2 = hn::Mul(r, r);
  const V r4 = hn::Mul(r2, r2);
  const V r8 = hn::Mul(r4, r4);
  const V terms2_5 = hn::MulAdd(pair(1.0 / 24.0, 1.0 / 120.0), r2, pair(1.0 / 2.0, 1.0 / 6.0));
  const V terms6_9 = hn::MulAdd(pair(1.0 / 40320.0, 1.0 / 362880.0), r2, pair(1.0 / 720.0, 1.0 / 5040.0));
  const V terms10_13 =
      hn::MulAdd(pair(1.0 / 479001600.0, 1.0 / 6227020800.0), r2, pair(1.0 / 3628800.0, 1.0 / 39916800.0));
  const V tail = hn::MulAdd(terms10_13, r8, hn::MulAdd(terms6_9, r4, terms2_5));
  const V mantissa = hn::Add(hn::MulAdd(tail, r2, r), hn::Set(d, 1.0));
  return hn::BitCast(d, hn::Add(hn::BitCast(du, mantissa), hn::ShiftLeft<52>(hn::BitCast(du, shifted))));
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
