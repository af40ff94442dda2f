// A function of one variable by its value and derivatives, with arithmetic. This file is compiled once per target.
#if defined(VARIMIX_SPECIAL_JET_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_SPECIAL_JET_INL_HPP_
#undef VARIMIX_SPECIAL_JET_INL_HPP_
#else
#define VARIMIX_SPECIAL_JET_INL_HPP_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// The value, the first derivative and, if kSecond, the second derivative. Otherwise `second` means nothing.
template <bool kSecond, class V>
struct Jet {
  V value, first, second;
};

template <bool kSecond, class V>
VARIMIX_INLINE Jet<kSecond, V> operator+(const Jet<kSecond, V>& a, const Jet<kSecond, V>& b) {
  Jet<kSecond, V> c{hn::Add(a.value, b.value), hn::Add(a.first, b.first), a.second};
  if constexpr (kSecond) c.second = hn::Add(a.second, b.second);
  return c;
}

template <bool kSecond, class V>
VARIMIX_INLINE Jet<kSecond, V> operator-(const Jet<kSecond, V>& a, const Jet<kSecond, V>& b) {
  Jet<kSecond, V> c{hn::Sub(a.value, b.value), hn::Sub(a.first, b.first), a.second};
  if constexpr (kSecond) c.second = hn::Sub(a.second, b.second);
  return c;
}

template <bool kSecond, class V>
VARIMIX_INLINE Jet<kSecond, V> operator*(V a, const Jet<kSecond, V>& b) {
  Jet<kSecond, V> c{hn::Mul(a, b.value), hn::Mul(a, b.first), b.second};
  if constexpr (kSecond) c.second = hn::Mul(a, b.second);
  return c;
}

template <bool kSecond, class V>
VARIMIX_INLINE Jet<kSecond, V> operator*(const Jet<kSecond, V>& a, const Jet<kSecond, V>& b) {
  Jet<kSecond, V> c{hn::Mul(a.value, b.value), hn::MulAdd(a.value, b.first, hn::Mul(a.first, b.value)), a.second};
  if constexpr (kSecond) {
    const V cross = hn::Mul(a.first, b.first);
    c.second = hn::Add(hn::MulAdd(a.value, b.second, hn::Mul(a.second, b.value)), hn::Add(cross, cross));
  }
  return c;
}

template <bool kSecond, class V>
VARIMIX_INLINE Jet<kSecond, V> reciprocal(const Jet<kSecond, V>& a, V one) {
  const V inverse = hn::Div(one, a.value);
  const V slope = hn::Neg(hn::Mul(a.first, inverse));  // the slope of log(1/a)
  Jet<kSecond, V> c{inverse, hn::Mul(inverse, slope), a.second};
  if constexpr (kSecond) {
    c.second = hn::Mul(inverse, hn::NegMulAdd(a.second, inverse, hn::Mul(hn::Add(slope, slope), slope)));
  }
  return c;
}

template <bool kSecond, class M, class V>
VARIMIX_INLINE Jet<kSecond, V> select(M mask, const Jet<kSecond, V>& yes, const Jet<kSecond, V>& no) {
  Jet<kSecond, V> out{hn::IfThenElse(mask, yes.value, no.value), hn::IfThenElse(mask, yes.first, no.first), no.second};
  if constexpr (kSecond) out.second = hn::IfThenElse(mask, yes.second, no.second);
  return out;
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
