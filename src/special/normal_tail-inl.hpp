// The normal tail without its exponential, for a vector of points. This file is compiled once per target, so its
// include guard is a toggle. phi and Phi are the standard normal density and distribution function.
#if defined(VARIMIX_SPECIAL_NORMAL_TAIL_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_SPECIAL_NORMAL_TAIL_INL_HPP_
#undef VARIMIX_SPECIAL_NORMAL_TAIL_INL_HPP_
#else
#define VARIMIX_SPECIAL_NORMAL_TAIL_INL_HPP_
#endif

#include <hwy/highway.h>

#include "normal_tail_coefficients.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Computes c[0] + c[1] x + ... as two chains, of even and of odd powers.
template <int kCount, class D, class V = hn::Vec<D>>
VARIMIX_INLINE V polynomial(D d, const double (&c)[kCount], V x) {
  const V square = hn::Mul(x, x);
  constexpr int kLastEven = (kCount - 1) / 2 * 2;
  constexpr int kLastOdd = kCount / 2 * 2 - 1;
  V even = hn::Set(d, c[kLastEven]);
  V odd = hn::Set(d, c[kLastOdd]);
  for (int i = kLastEven - 2; i >= 0; i -= 2) even = hn::MulAdd(even, square, hn::Set(d, c[i]));
  for (int i = kLastOdd - 2; i >= 1; i -= 2) odd = hn::MulAdd(odd, square, hn::Set(d, c[i]));
  return hn::MulAdd(odd, x, even);
}

/// Returns q = (u - K) / (u + K), K = kNormalTailScale.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE V normal_tail_map(D d, V u) {
  const V scale = hn::Set(d, kNormalTailScale);
  return hn::Div(hn::Sub(u, scale), hn::Add(u, scale));
}

/// Computes e^{u^2/2} Phi(-u) for finite u >= 0. The relative error is below 2^-50.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE V scaled_tail(D d, V u) {
  return hn::Div(polynomial(d, kScaledTail, normal_tail_map(d, u)), hn::Add(u, hn::Set(d, 1.0)));
}

/// Computes e^{u^2/2} (phi(u) - u Phi(-u)) for u in [0, 1e150]. The relative error is below 2^-50.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE V scaled_excess(D d, V u) {
  const V u_plus_one = hn::Add(u, hn::Set(d, 1.0));
  return hn::Div(polynomial(d, kScaledExcess, normal_tail_map(d, u)), hn::Mul(u_plus_one, u_plus_one));
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
