#pragma once

#include "varimix/core/choice.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/risk/portfolio_constraints.hpp"

namespace varimix {

/// How a search for a portfolio ended.
enum class OptimumStatus {
  kOk,                         ///< the weights are optimal to kOptimumRelativeError
  kInfeasible,                 ///< no portfolio meets the constraints
  kUnbounded,                  ///< there is a direction in which the objective falls for ever
  kInfiniteExpectedShortfall,  ///< it is infinite for all that meet the constraints
  kNonpositiveShortfall,       ///< equal contributions: some long-only portfolio has an expected shortfall <= 0
  kNotConverged  ///< the gap is not closed; the weights meet the constraints, or are empty if none were found
};
template <>
inline constexpr std::array<std::string_view, 6> kWords<OptimumStatus> = {
    "ok", "infeasible", "unbounded", "infinite_expected_shortfall", "nonpositive_shortfall", "not_converged"};

/// Returns a sentence that says what a status means; "" for kOk.
[[nodiscard]] std::string_view sentence(OptimumStatus status) noexcept;

/// A portfolio that is optimal, and how far at most it is from the optimum.
struct OptimalPortfolio {
  Vector weights;             ///< (d); empty unless status is kOk or kNotConverged
  double alpha;               ///< what was given; the probability of the tail
  double expected_shortfall;  ///< of the weights; without weights inf, or -inf for kUnbounded
  double gap;                 ///< its certificate, as each function says; inf without weights
  Index iterations;           ///< sweeps over Y, each with a factorisation
  OptimumStatus status;
};

/// Returns the portfolio of the least expected shortfall, the mean of the losses -w'X beyond their quantile, among those
/// that meet the constraints.
/// Primal-dual interior point with exact gradient and Hessian; without inequalities, Newton on the KKT system. It starts
/// strictly within the constraints, where a linear program finds that they cannot be met, or that some of them
/// hold with equality for all that meet them, which then are equalities.
/// The gap is a bound of the distance to the optimum, (ES - bound) / |ES|. The bound: ES is convex and homogeneous, hence
/// ES(v) >= g'v for every v, g the gradient at the weights, and g'v is bounded below on the constraints by their
/// multipliers (weak duality), each set to its best value given the others. For w >= 0 and sum w = 1 this is
/// (ES - min_i g_i) / ES. A weight without a bound counts as bounded by 10 sum |w|: by convexity, a portfolio t times as far
/// away may be t gaps better.
/// A skewed t with alpha_Y <= 1 has an expected shortfall only where w'gamma > 0 (if gamma != 0): that is then a constraint.
/// Throws std::invalid_argument unless 0 < alpha < 1; for bounds of the wrong size, NaN, or lower > upper; rows that are not
/// finite; a target where E[X] is not finite; constraints that w = 0 meets; and as portfolio_risk for an alpha whose
/// quantile is out of range.
/// Cost: 5 to 20 iterations of O(d^3) (bench/optimal_portfolio.cpp).
template <Subordinator S>
[[nodiscard]] OptimalPortfolio minimum_expected_shortfall(const MeanVarianceMixture<S>& model, double alpha,
                                                          const PortfolioConstraints& constraints);

/// Returns the portfolio of the largest mean w'E[X] that meets the constraints: the end of the frontier. alpha is that of the
/// expected shortfall that is reported; the gap is that of the mean, (bound - mean) / |mean|, as above. kUnbounded if the mean
/// is not bounded. The largest mean may have several portfolios, of which this is one in the middle.
/// Throws std::invalid_argument as minimum_expected_shortfall, and if E[X] is not finite or constraints.target_return is given.
template <Subordinator S>
[[nodiscard]] OptimalPortfolio maximum_mean(const MeanVarianceMixture<S>& model, double alpha,
                                            const PortfolioConstraints& constraints);

/// Returns the long-only portfolio (sum w = 1) whose columns contribute to its expected shortfall in the ratios of `budgets`:
/// w_i dES/dw_i = ES budgets_i / sum budgets; empty budgets are equal. It is unique: the minimiser of
/// ES(x) - sum_i b_i log x_i over x > 0, scaled (Maillard, Roncalli and Teiletche 2010), which is found by Newton's method. It
/// exists if every long-only portfolio has a finite ES > 0.
/// The gap is the largest error of a share, max_i |w_i g_i / ES - b_i|.
/// Throws std::invalid_argument unless 0 < alpha < 1, and the budgets are d finite numbers > 0, or none.
/// Cost: about 10 iterations of O(d^3).
template <Subordinator S>
[[nodiscard]] OptimalPortfolio equal_contribution(const MeanVarianceMixture<S>& model, double alpha,
                                                  const Vector& budgets = {});

/// The largest gap of an optimum whose status is kOk, of the sizes of its terms sum_i |w_i g_i|.
inline constexpr double kOptimumRelativeError = 1e-10;

}  // namespace varimix
