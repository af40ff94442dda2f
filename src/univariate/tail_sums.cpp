#include "tail_sums.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "univariate/tail_sums.cpp"
#include <hwy/foreach_target.h>
// Highway's header must come after foreach_target.h.
#include <hwy/highway.h>

#include "mixture_nodes-inl.hpp"
#include "special/normal_tail-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

/// The terms of the sums at some nodes.
template <class V>
struct TailTerms {
  V of[kTailFactors];
};

/// Computes the terms. With T = e^{u^2/2} Phi(-|u|) and M = e^{u^2/2} (phi(u) - |u| Phi(-|u|)), Phi(u) is e^{-u^2/2} T
/// for u < 0 and 1 - e^{-u^2/2} T for u >= 0, u Phi(u) + phi(u) is e^{-u^2/2} M and u + e^{-u^2/2} M. For delta < 0,
/// w - u^2/2 + delta^2/2 has the form of w with coefficients of its own, all of one sign.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE TailTerms<V> terms_at(D d, V v, const NodeFunctions<V>& at, const MixtureIntegrand& f) {
  constexpr double kInverseRootTwoPi = 0.5 * std::numbers::inv_sqrtpi * std::numbers::sqrt2;
  const bool in_tail = f.delta < 0.0;
  const double c_half = 0.5 * f.c * f.c;
  const double g_half = 0.5 * f.g * f.g;
  const V weight = exponent(d, f.slope, f.a, f.b, v, at);
  const V distance = hn::Abs(at.u);
  const V damped = exp_clamped(d, in_tail ? exponent(d, f.slope - (g_half - c_half), f.a + g_half, f.b + c_half, v, at)
                                          : hn::NegMulAdd(hn::Mul(hn::Set(d, 0.5), distance), distance, weight));
  const V below = hn::Mul(damped, scaled_tail(d, distance));
  const V excess_below = hn::Mul(damped, scaled_excess(d, distance));
  const auto is_below = hn::Lt(at.u, hn::Zero(d));
  V probability = below;
  V excess = excess_below;
  if (!hn::AllTrue(d, is_below)) {
    const V whole = exp_clamped(d, in_tail ? hn::Add(weight, hn::Set(d, 0.5 * f.delta * f.delta)) : weight);
    probability = hn::IfThenElse(is_below, below, hn::Sub(whole, below));
    excess = hn::IfThenElse(is_below, excess_below, hn::MulAdd(whole, at.u, excess_below));
  }
  const V root = exp_clamped(d, hn::Mul(hn::Set(d, 0.5), v));
  return {{probability, hn::Mul(probability, hn::Mul(root, root)),
           hn::Mul(damped, hn::Mul(root, hn::Set(d, kInverseRootTwoPi))), hn::Mul(excess, root)}};
}

/// Returns true if no wanted sum has terms left, where those with a rate have left the caller's closed form if
/// `are_closed`.
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE bool is_ended(D d, const TailTerms<V>& terms, const TailEnds& ends, bool are_closed,
                             const std::array<bool, kTailFactors>& is_wanted, const TailSums& total) {
  constexpr double kNegligible = 0x1p-60;
  constexpr double kNothing = 1e-280;  // e^-700, the least exponential, times what grows with Y
  for (std::size_t i = 0; i < kTailFactors; ++i) {
    if (!is_wanted[i] || (are_closed && ends.rate[i] > 0.0)) continue;
    if (hn::GetLane(hn::MaxOfLanes(d, terms.of[i])) > std::max(kNegligible * total.sum[i], kNothing)) return false;
  }
  return true;
}

VARIMIX_INLINE void add_side_of_tail(double direction, std::size_t first, const MixtureIntegrand& f,
                                     const TailEnds& ends, const std::array<bool, kTailFactors>& is_wanted,
                                     TailSums& inout_total) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto step = hn::Set(d, direction * f.step);
  for (std::size_t k = first;; k += lanes) {
    const auto v = hn::Mul(step, hn::Iota(d, static_cast<double>(k)));
    const auto at = node_functions(d, v, f);
    const auto terms = terms_at(d, v, at, f);
    for (std::size_t i = 0; i < kTailFactors; ++i) {
      inout_total.sum[i] += hn::GetLane(hn::SumOfLanes(d, terms.of[i]));
    }
    inout_total.nodes += lanes;
    if (is_ended(d, terms, ends, /*are_closed=*/false, is_wanted, inout_total)) return;
    if (!(ends.rate[kProbabilityOfTail] > 0.0)) continue;
    const double last = direction * f.step * static_cast<double>(k + lanes - 1);
    const double u = hn::ExtractLane(at.u, lanes - 1);
    if (!is_geometric(last, direction < 0.0 ? f.a : f.b, u, f, MixtureFactor::kExcess) ||
        !is_ended(d, terms, ends, /*are_closed=*/true, is_wanted, inout_total)) {
      continue;
    }
    for (std::size_t i = 0; i < kTailFactors; ++i) {
      if (!(ends.rate[i] > 0.0)) continue;
      inout_total.sum[i] += hn::ExtractLane(terms.of[i], lanes - 1) / std::expm1(ends.rate[i] * f.step);
    }
    return;
  }
}

TailSums sum_tail(const MixtureIntegrand& f, const TailEnds& left, const TailEnds& right,
                  const std::array<bool, kTailFactors>& is_wanted) {
  TailSums total{};
  add_side_of_tail(1.0, 0, f, right, is_wanted, total);
  add_side_of_tail(-1.0, 1, f, left, is_wanted, total);
  return total;
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::simd {
namespace {

HWY_EXPORT(sum_tail);

}  // namespace

TailSums tail_sums(const MixtureIntegrand& integrand, const TailEnds& left, const TailEnds& right,
                   const std::array<bool, kTailFactors>& is_wanted) noexcept {
  return HWY_DYNAMIC_DISPATCH(sum_tail)(integrand, left, right, is_wanted);
}

}  // namespace varimix::simd
#endif
