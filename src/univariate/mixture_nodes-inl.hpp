// The functions of a mixture's integrand at the nodes of the trapezoidal rule, for a vector of nodes. This file is
// compiled once per target, so its include guard is a toggle.
#if defined(VARIMIX_UNIVARIATE_MIXTURE_NODES_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_UNIVARIATE_MIXTURE_NODES_INL_HPP_
#undef VARIMIX_UNIVARIATE_MIXTURE_NODES_INL_HPP_
#else
#define VARIMIX_UNIVARIATE_MIXTURE_NODES_INL_HPP_
#endif

#include <hwy/highway.h>

#include <cmath>

#include "mixture_sum.hpp"
#include "special/double_double-inl.hpp"
#include "special/normal_tail-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

// These are the Taylor coefficients in v^2 of (cosh v - 1) / v^2, (sinh v - v) / v^3, (cosh(v/2) - 1) / v^2 and
// sinh(v/2) / v: for |v| <= 1 the first term left out is below 2^-56 of the sum.
constexpr double kCoshRest[] = {1.0 / 2.0,       1.0 / 24.0,        1.0 / 720.0,         1.0 / 40320.0,
                                1.0 / 3628800.0, 1.0 / 479001600.0, 1.0 / 87178291200.0, 1.0 / 20922789888000.0};
constexpr double kSinhRest[] = {1.0 / 6.0,        1.0 / 120.0,        1.0 / 5040.0,         1.0 / 362880.0,
                                1.0 / 39916800.0, 1.0 / 6227020800.0, 1.0 / 1307674368000.0};
constexpr double kCoshHalfRest[] = {1.0 / 8.0,        1.0 / 384.0,        1.0 / 46080.0,
                                    1.0 / 10321920.0, 1.0 / 3715891200.0, 1.0 / 1961990553600.0};
constexpr double kSinhHalf[] = {1.0 / 2.0,         1.0 / 48.0,          1.0 / 3840.0,          1.0 / 645120.0,
                                1.0 / 185794560.0, 1.0 / 81749606400.0, 1.0 / 51011754393600.0};

/// The functions E(v), E(-v) and u(v) of MixtureIntegrand at nodes v.
template <class V>
struct NodeFunctions {
  V rise;
  V fall;
  V u;
};

/// Computes the functions for |v| <= 1, where their closed forms cancel.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE NodeFunctions<V> near_node(D d, V v, const MixtureIntegrand& f) {
  const V square = hn::Mul(v, v);
  const V even = hn::Mul(square, polynomial(d, kCoshRest, square));
  const V odd = hn::Mul(hn::Mul(square, v), polynomial(d, kSinhRest, square));
  const V cosh_rest = hn::Mul(square, polynomial(d, kCoshHalfRest, square));
  const V sinh_half = hn::Mul(v, polynomial(d, kSinhHalf, square));
  const V delta = hn::Set(d, f.delta);
  const V change = hn::NegMulAdd(sinh_half, hn::Set(d, f.c + f.g), hn::Mul(cosh_rest, delta));
  return {hn::Add(even, odd), hn::Sub(even, odd), hn::Add(delta, change)};
}

template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE NodeFunctions<V> far_node(D d, V v, const MixtureIntegrand& f) {
  constexpr double kLargestExponent = 350.0;  // the squares of e^350 and e^-350 are normal doubles
  const V one = hn::Set(d, 1.0);
  const V half = hn::Mul(hn::Set(d, 0.5), v);
  const V root = exp_normal(d, hn::Clamp(half, hn::Set(d, -kLargestExponent), hn::Set(d, kLargestExponent)));
  const V inverse = hn::Div(one, root);
  const V rise = hn::Sub(hn::MulSub(root, root, one), v);
  const V fall = hn::Add(hn::MulSub(inverse, inverse, one), v);
  return {rise, fall, hn::NegMulAdd(root, hn::Set(d, f.g), hn::Mul(inverse, hn::Set(d, f.c)))};
}

template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE NodeFunctions<V> node_functions(D d, V v, const MixtureIntegrand& f) {
  const auto is_near = hn::Le(hn::Abs(v), hn::Set(d, 1.0));
  if (hn::AllTrue(d, is_near)) return near_node(d, v, f);
  const NodeFunctions<V> far = far_node(d, v, f);
  if (hn::AllFalse(d, is_near)) return far;
  const NodeFunctions<V> near = near_node(d, v, f);
  return {hn::IfThenElse(is_near, near.rise, far.rise), hn::IfThenElse(is_near, near.fall, far.fall),
          hn::IfThenElse(is_near, near.u, far.u)};
}

/// Returns e^x with x clamped to [-700, 700], which keeps it finite and above 0.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE V exp_clamped(D d, V x) {
  constexpr double kLargest = 700.0;
  return exp_normal(d, hn::Clamp(x, hn::Set(d, -kLargest), hn::Set(d, kLargest)));
}

/// Returns slope v - a E(v) - b E(-v).
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE V exponent(D d, double slope, double a, double b, V v, const NodeFunctions<V>& at) {
  const V linear = hn::Mul(hn::Set(d, slope), v);
  return hn::NegMulAdd(hn::Set(d, b), at.fall, hn::NegMulAdd(hn::Set(d, a), at.rise, linear));
}

/// Returns true if from v on outward every term is the one before times e^{-rate step}, to 2^-56. `vanishing` is the
/// coefficient of the exponential that dies out on this side: a for v < 0, b for v > 0.
VARIMIX_INLINE bool is_geometric(double v, double vanishing, double u, const MixtureIntegrand& f,
                                 MixtureFactor factor) {
  constexpr double kNothing = 0x1p-56;
  constexpr double kCertain = 9.0;
  if (vanishing * std::exp(-std::abs(v)) > kNothing) return false;
  if (factor == MixtureFactor::kOne || std::abs(u) <= kNothing) return true;
  // Phi is 1 from here on only if the term of u that grows outward is the positive one.
  const double left = f.c * std::exp(-0.5 * v);
  const double right = -f.g * std::exp(0.5 * v);
  const double growing = v < 0.0 ? left : right;
  const double fading = v < 0.0 ? right : left;
  if (u < kCertain || growing < kCertain) return false;
  // u Phi(u) is proportional to one of its two terms only once the other has gone.
  return factor == MixtureFactor::kProbability || std::abs(fading) <= kNothing * growing;
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
