#pragma once

#include <array>
#include <cstddef>

#include "mixture_sum.hpp"

namespace varimix::simd {

/// The sums of a tail, each of e^{w(v)} times a positive factor (see MixtureIntegrand):
///   Phi(u), e^v Phi(u), e^{v/2} phi(u) and e^{v/2} (u Phi(u) + phi(u)).
enum TailFactor : std::size_t { kProbabilityOfTail, kYInTail, kRootInTail, kExcessInTail };
inline constexpr std::size_t kTailFactors = 4;

/// How the terms of each sum end on one side.
struct TailEnds {
  std::array<double, kTailFactors> rate;  ///< > 0 where they go as e^{-rate |v|}, 0 where they vanish faster
};

struct TailSums {
  std::array<double, kTailFactors> sum;
  std::size_t nodes;  ///< the number of nodes at which the integrand was evaluated
};

/// Sums all of them in one sweep as mixture_sum does, outward until the terms of every sum are below 2^-60 of it. The
/// rates of the integrand itself are not read. A sum with is_wanted false may have any value: the sweep does not wait
/// for its end. @pre as mixture_sum; a wanted sum converges.
[[nodiscard]] TailSums tail_sums(const MixtureIntegrand& integrand, const TailEnds& left, const TailEnds& right,
                                 const std::array<bool, kTailFactors>& is_wanted) noexcept;

}  // namespace varimix::simd
