#pragma once

#include <optional>
#include <string>
#include <vector>

#include "varimix/mixture/fixed_parameters.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// What to do where a conditional variance of Sigma falls below its floor.
enum class BelowFloor { kInfeasible, kRaise };

template <Subordinator S>
struct MStepOptions {
  /// (d) least conditional variances of E[Y] Sigma, gauge-free; empty for none.
  Vector floor = {};
  BelowFloor below_floor = BelowFloor::kInfeasible;
  FixedParameters<S> fixed = {};  ///< in the gauge of eta
  double alpha_min = 0.0;         ///< least shape of a gamma law of Y; other families have no such bound
};

template <Subordinator S>
struct MStepResult {
  std::optional<MeanVarianceMixture<S>> model;  ///< empty if eta is infeasible
  std::string infeasible;                       ///< why, "" if it is feasible
  ShapeLimit shape_limit = ShapeLimit::kNone;   ///< where the law of Y lies on a limit; kGaussian: gamma = 0 was taken
  std::vector<Index> raised_columns = {};       ///< columns whose conditional variance was raised to the floor
};

/// The M-step: eta -> (mu, gamma, Sigma, subordinator) by one Cholesky factorisation. With A = [[s1, 1], [1, s2]],
/// B = [s5, s4], F = [[A, B'], [B, s6]] = L L':
///   L11' [mu, gamma]' = L21',   Sigma = L22 L22';
/// eta is feasible exactly if s1 s2 > 1 and F is positive definite. Unlike the differences
/// mu = (s4 - s2 s5)/(1 - s1 s2), ... nothing cancels near s1 s2 = 1.
/// With mu fixed the first row and column of F are left out (about mu as origin), with gamma fixed the second (for
/// X - gamma Y in place of X): what remains is the maximiser under that constraint.
template <Subordinator S>
[[nodiscard]] MStepResult<S> m_step(const Eta& eta, const MStepOptions<S>& options = {});

/// `model` moved within what `options` fixes and bounds: the fixed values in their places, and a gamma law's alpha raised to
/// alpha_min at the same mean. A start that breaks a constraint may be likelier than any fit that keeps it.
template <Subordinator S>
[[nodiscard]] MeanVarianceMixture<S> within_constraints(const MeanVarianceMixture<S>& model,
                                                        const MStepOptions<S>& options);

/// The law of Y of greatest likelihood given its moments, with what `options` fixes and bounds: the M-step of Y alone.
/// @pre the moments are feasible.
template <Subordinator S>
[[nodiscard]] ShapeFit<S> law_of_y(double E_inv_Y, double E_Y, std::optional<double> E_log_Y,
                                   const MStepOptions<S>& options = {});

}  // namespace varimix
