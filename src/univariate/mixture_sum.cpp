#include "mixture_sum.hpp"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "univariate/mixture_sum.cpp"
#include <hwy/foreach_target.h>
// Highway's header must come after foreach_target.h.
#include <hwy/highway.h>

#include "mixture_nodes-inl.hpp"
#include "special/normal_tail-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

/// Returns e^{w(v)} times the factor. With T = e^{u^2/2} Phi(-|u|), Phi(u) is e^{-u^2/2} T for u < 0 and
/// 1 - e^{-u^2/2} T for u >= 0; the excess is similar. For delta < 0, w - u^2/2 + delta^2/2 has the form of w with
/// coefficients of its own, all of one sign.
template <MixtureFactor kFactor, class D, class V = hn::Vec<D>>
VARIMIX_INLINE V value_at(D d, V v, const NodeFunctions<V>& at, const MixtureIntegrand& f) {
  constexpr double kCertain = 9.0;  // Phi(-9) = 1e-19
  const V weight = exponent(d, f.slope, f.a, f.b, v, at);
  if constexpr (kFactor == MixtureFactor::kOne) return exp_clamped(d, weight);
  const bool in_tail = f.delta < 0.0;
  const double c_half = 0.5 * f.c * f.c;
  const double g_half = 0.5 * f.g * f.g;
  const auto is_below = hn::Lt(at.u, hn::Zero(d));
  V whole = hn::Zero(d);
  if (!hn::AllTrue(d, is_below)) {
    whole = exp_clamped(d, in_tail ? hn::Add(weight, hn::Set(d, 0.5 * f.delta * f.delta)) : weight);
    if constexpr (kFactor == MixtureFactor::kExcess) whole = hn::Mul(whole, at.u);
    if (hn::AllTrue(d, hn::Gt(at.u, hn::Set(d, kCertain)))) return whole;
  }
  const V distance = hn::Abs(at.u);
  const V damped = exp_clamped(d, in_tail ? exponent(d, f.slope - (g_half - c_half), f.a + g_half, f.b + c_half, v, at)
                                          : hn::NegMulAdd(hn::Mul(hn::Set(d, 0.5), distance), distance, weight));
  if constexpr (kFactor == MixtureFactor::kExcess) {
    const V rest = hn::Mul(damped, scaled_excess(d, distance));
    return hn::IfThenElse(is_below, rest, hn::Add(whole, rest));
  }
  const V rest = hn::Mul(damped, scaled_tail(d, distance));
  return hn::IfThenElse(is_below, rest, hn::Sub(whole, rest));
}

template <MixtureFactor kFactor>
VARIMIX_INLINE void add_side(double direction, std::size_t first, const MixtureIntegrand& f, MixtureSum& inout_total) {
  constexpr double kNegligible = 0x1p-60;
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto step = hn::Set(d, direction * f.step);
  const double rate = direction < 0.0 ? f.left_rate : f.right_rate;
  for (std::size_t k = first;; k += lanes) {
    const auto v = hn::Mul(step, hn::Iota(d, static_cast<double>(k)));
    const auto at = node_functions(d, v, f);
    const auto value = value_at<kFactor>(d, v, at, f);
    inout_total.sum += hn::GetLane(hn::SumOfLanes(d, value));
    inout_total.nodes += lanes;
    if (!(hn::GetLane(hn::MaxOfLanes(d, value)) > kNegligible * inout_total.sum)) return;
    if (rate > 0.0) {
      const double last = direction * f.step * static_cast<double>(k + lanes - 1);
      if (is_geometric(last, direction < 0.0 ? f.a : f.b, hn::ExtractLane(at.u, lanes - 1), f, kFactor)) {
        inout_total.sum += hn::ExtractLane(value, lanes - 1) / std::expm1(rate * f.step);
        return;
      }
    }
  }
}

template <MixtureFactor kFactor>
VARIMIX_INLINE MixtureSum sum_both_sides(const MixtureIntegrand& f) {
  MixtureSum total{0.0, 0};
  add_side<kFactor>(1.0, 0, f, total);
  add_side<kFactor>(-1.0, 1, f, total);
  return total;
}

MixtureSum sum_nodes(MixtureFactor factor, const MixtureIntegrand& f) {
  switch (factor) {
    case MixtureFactor::kOne:
      return sum_both_sides<MixtureFactor::kOne>(f);
    case MixtureFactor::kProbability:
      return sum_both_sides<MixtureFactor::kProbability>(f);
    default:
      return sum_both_sides<MixtureFactor::kExcess>(f);
  }
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::simd {
namespace {

HWY_EXPORT(sum_nodes);

}  // namespace

MixtureSum mixture_sum(MixtureFactor factor, const MixtureIntegrand& integrand) noexcept {
  return HWY_DYNAMIC_DISPATCH(sum_nodes)(factor, integrand);
}

}  // namespace varimix::simd
#endif
