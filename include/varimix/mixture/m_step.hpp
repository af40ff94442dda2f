#pragma once

#include <optional>
#include <string>
#include <vector>

#include "varimix/mixture/fixed_parameters.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// The choice for a conditional variance of Sigma below its floor: eta is infeasible, or the variance is raised.
enum class BelowFloor { kInfeasible, kRaise };

template <Subordinator S>
struct MStepOptions {
  /// The least conditional variances (d) of E[Y] Sigma, which are gauge-free; empty if there are none.
  Vector floor = {};
  BelowFloor below_floor = BelowFloor::kInfeasible;
  FixedParameters<S> fixed = {};  ///< in the gauge of eta
  double alpha_min = 0.0;         ///< least shape of a gamma law of Y; other families have no such bound
};

template <Subordinator S>
struct MStepResult {
  std::optional<MeanVarianceMixture<S>> model;  ///< empty if eta is infeasible
  std::string infeasible;                       ///< why eta is infeasible, "" if it is feasible
  ShapeLimit shape_limit = ShapeLimit::kNone;   ///< the limit at which the law of Y lies
  std::vector<Index> raised_columns = {};       ///< columns whose conditional variance was raised to the floor
};

/// Does the M-step, eta -> (mu, gamma, Sigma, subordinator), by one Cholesky factorisation. With
/// A = [[s1, 1], [1, s2]], B = [s5, s4], F = [[A, B'], [B, s6]] = L L',
///   L11' [mu, gamma]' = L21',   Sigma = L22 L22'.
/// eta is feasible exactly if s1 s2 > 1 and F is positive definite. Unlike in the differences
/// mu = (s4 - s2 s5)/(1 - s1 s2), ..., nothing cancels near s1 s2 = 1.
/// With mu fixed, the first row and column of F are left out (about mu as origin); with gamma fixed, the second (for
/// X - gamma Y in place of X). The result is the maximiser under that constraint. `below_floor` stands in the place of
/// that of `options`. Where s1 s2 - 1 is below
/// kGaussianTailWeight, the limit is kGaussian, and gamma is taken as 0 unless it is fixed.
template <Subordinator S>
[[nodiscard]] MStepResult<S> m_step(const Eta& eta, const MStepOptions<S>& options, BelowFloor below_floor);
template <Subordinator S>
[[nodiscard]] MStepResult<S> m_step(const Eta& eta, const MStepOptions<S>& options = {}) {
  return m_step(eta, options, options.below_floor);
}

/// Returns `model` moved within what `options` fixes and bounds: with the fixed values in their places, and a gamma
/// law's alpha raised to alpha_min at the same mean. A start that breaks a constraint may be likelier than any fit that
/// keeps it.
template <Subordinator S>
[[nodiscard]] MeanVarianceMixture<S> within_constraints(const MeanVarianceMixture<S>& model,
                                                        const MStepOptions<S>& options);

/// Returns the law of Y of greatest likelihood given its moments, with what `options` fixes and bounds: the M-step of Y
/// alone. @pre The moments are feasible.
template <Subordinator S>
[[nodiscard]] ShapeFit<S> law_of_y(double E_inv_Y, double E_Y, std::optional<double> E_log_Y,
                                   const MStepOptions<S>& options = {});

}  // namespace varimix
