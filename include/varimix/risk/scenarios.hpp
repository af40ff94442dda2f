#pragma once

#include <vector>

#include "varimix/core/choice.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// What is known of a column: lower <= X_j <= upper. With lower = upper its value is given; -inf and inf are no bound.
struct ColumnCondition {
  Index column;  ///< from 0
  double lower;
  double upper;
};

/// How scenarios were drawn.
enum class ScenarioMethod {
  kExact,      ///< each row is a draw of the conditional law itself; all weights are equal
  kImportance  ///< by importance sampling: the rows stand for that law with their weights
};
template <>
inline constexpr std::array<std::string_view, 2> kWords<ScenarioMethod> = {"exact", "importance"};

/// Whether the weights can be relied on.
enum class ScenarioStatus {
  kOk,
  kSmallEffectiveSampleSize,  ///< below kSmallEffectiveShare of the rows: a few of them have most of the weight
  kUncertainProposal          ///< a tilt was not found, as for columns that all but determine one another: do not rely
                              ///< on the rows, whatever their weights
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<ScenarioStatus> = {"ok", "small_effective_sample_size",
                                                                           "uncertain_proposal"};

/// Returns a sentence that says what a status means; "" for kOk.
[[nodiscard]] std::string_view sentence(ScenarioStatus status) noexcept;

/// Weighted draws of X given conditions.
struct Scenarios {
  RowMatrix x;                   ///< (n, d): rows that meet the conditions
  Vector weights;                ///< (n): >= 0, their sum is 1
  double effective_sample_size;  ///< 1 / sum weights^2: n where all are equal
  double log_probability;        ///< log of the probability of the bounds, given the values
  double relative_error;         ///< of that probability: its standard error over it; 0 where it is computed
  ScenarioMethod method;
  ScenarioStatus status;
};

/// Returns n draws of X given conditions on some columns, or on all of them.
/// Values are met first: the law of the other columns is conditional_law. Without bounds its rows are drawn. Bounds on
/// one column are met exactly: the column is drawn by its quantiles, Y from its law given the column, and the others
/// given both. Bounds on several columns are met by importance sampling: log Y is drawn from a chain of exponentials
/// near the law of log Y given the conditions, then the columns one after the other from truncated normal laws with
/// exponential tilts (Botev 2017, JRSS B 79:125), so that probabilities far below 1e-8 keep most of the n effective.
/// So are those on one column where its interval holds less than 1e-300, or less than 1e-3 of the smaller tail that it
/// is part of, and where the density of the column is unbounded within it.
/// Row i uses the random stream (seed, i) alone: x has the same bits for any number of threads, and its first k rows do
/// not depend on n, nor do ratios of their weights.
/// Throws std::invalid_argument, naming `conditions`, for none, a column that is not there or comes twice, NaN, lower >
/// upper, values of all columns, values that are not finite or at which the density is unbounded (as conditional_law
/// does), and bounds for which no proposal is found, of a probability far beyond any interest or on columns that all but
/// determine one another; and for n < 1.
/// Cost: O(d^2 + k^2) a row for k bounds, and for one the time of a quantile; for several, some 100 times at the start,
/// a Newton solution of dimension 2 (k - 1).
template <Subordinator S>
[[nodiscard]] Scenarios draw_scenarios(const MeanVarianceMixture<S>& model,
                                       const std::vector<ColumnCondition>& conditions, Index n, const Seed& seed);

/// Below this share of the rows an effective sample size is small: the standard errors of weighted means are more than
/// three times those of as many draws of the conditional law.
inline constexpr double kSmallEffectiveShare = 0.1;

}  // namespace varimix
