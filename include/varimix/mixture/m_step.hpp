#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "varimix/mixture/normal_mixture.hpp"

namespace varimix {

/// What to do where a conditional variance of Sigma falls below its floor.
enum class BelowFloor { kInfeasible, kRaise };

template <Subordinator S>
struct MStepResult {
  std::optional<NormalMixture<S>> model;   ///< empty if eta is infeasible
  std::string_view infeasible;             ///< why, "" if it is feasible
  bool gaussian_limit = false;             ///< the tail weight is below kGaussianTailWeight: gamma = 0 was taken
  std::vector<Index> raised_columns = {};  ///< columns whose conditional variance was raised to the floor
};

/// The M-step: eta -> (mu, gamma, Sigma, subordinator) by one Cholesky factorisation. With A = [[s1, 1], [1, s2]],
/// B = [s5, s4], F = [[A, B'], [B, s6]] = L L':
///   L11' [mu, gamma]' = L21',   Sigma = L22 L22';
/// eta is feasible exactly if s1 s2 > 1 and F is positive definite. Unlike the differences
/// mu = (s4 - s2 s5)/(1 - s1 s2), ... nothing cancels near s1 s2 = 1.
/// @param floor  (d) least conditional variances of E[Y] Sigma, gauge-free; empty for none.
template <Subordinator S>
[[nodiscard]] MStepResult<S> m_step(const Expectations& eta, const Vector& floor, BelowFloor below_floor);

extern template MStepResult<InverseGaussian> m_step(const Expectations&, const Vector&, BelowFloor);

}  // namespace varimix
