#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decayed_rows.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix {

/// Returns a copy of these columns.
inline Matrix columns_of(const RowView& x, const std::vector<Index>& columns) {
  const std::vector<double> zero(static_cast<std::size_t>(x.columns()), 0.0);
  Matrix all(x.rows(), x.columns());
  x.copy_columns(0, x.rows(), zero, all.data(), x.rows());
  return all(Eigen::all, columns);
}

// A batch is iterated on while its weight is more than this share of what is known with it.
constexpr double kIteratedShare = 0.1;
// So it is while a step is cut, or longer than this squared size, in standard errors, for each free parameter: rows that
// agree with the model take it less far.
constexpr double kLongStep = 4.0;
// The rounds end below this squared size; on a batch of fewer rows for each parameter than kFewRows, which would be
// fitted too closely, ten times as early.
constexpr double kSmallStep = 0.005;
constexpr double kSmallStepOfFew = 0.05;
constexpr double kFewRows = 10.0;
constexpr int kMostRounds = 20;
// Beside those, so many steps may be cut: a start that is far off goes a factor of two in Sigma with each.
constexpr int kMostCuts = 40;
// A fall of the objective by less than this, in nats for each free parameter, is no fall.
constexpr double kTolerance = 0.01;

/// Where natural-gradient steps on one batch have led.
template <NaturalFittable M>
struct NaturalSteps {
  M model;
  EStepResult e_step;  ///< the last E-step on the batch
  std::vector<Index> raised_columns = {};
  std::string infeasible = {};  ///< why no step could be made
};

/// Returns what the target of a step adds to the log-likelihood of a row: with c the share of the target in the
/// statistics, c / (1 - c) times the complete log-likelihood of the target.
template <NaturalFittable M>
double log_prior(const M& model, const NaturalStep& step) {
  if (!step.target) return 0.0;
  const double share = step.target->share.values.mean();
  return share / (1.0 - share) * complete_log_likelihood(model, step.target->target);
}

/// Moves the driving model by natural-gradient steps on a batch, of which `first` is the E-step at that model: by one, or,
/// where the batch is much of what is known or the step is long, by several, each after another E-step, to the maximum of
///   m (log-likelihood of the batch) - (distance to the driving model in the information of the past)^2 / 2.
/// A step after which this has fallen goes half-way back. Steps that are not followed by an E-step are short.
template <NaturalFittable M>
NaturalSteps<M> steps_of_all(const M& driving, typename M::Fit& fit, const DecayedRows& rows,
                             // NOLINTNEXTLINE(performance-unnecessary-value-param): it is moved, which a template hides
                             EStepResult first, const NaturalStep& step) {
  using Weighted = typename M::Fit::Weighted;
  const double m = first.eta.weight;
  const auto parameters = static_cast<double>(fit.free_parameters());
  const bool is_much = m > kIteratedShare * (step.past + m);
  const double of_much = m < kFewRows * parameters ? kSmallStepOfFew : kSmallStep;
  const double small = is_much ? of_much : kLongStep;
  NaturalSteps<M> at{.model = driving, .e_step = std::move(first)};
  M best = driving;  // the last model after which the objective was seen not to fall
  double log_likelihood = -std::numeric_limits<double>::infinity();
  int cuts = 0;
  for (int round = 0; round - std::min(cuts, kMostCuts) < kMostRounds; ++round) {
    if (round > 0) at.e_step = fit.e_step(at.model, rows.x, rows.weights);
    auto move = fit.natural_move(driving, best, at.model, at.e_step.eta, step);
    const double reached = at.e_step.log_lik + log_prior(at.model, step);
    const double gain = m * (reached - log_likelihood) - (move.penalty - move.penalty_before);
    const bool is_sound = move.infeasible.empty() && at.e_step.eta.is_finite();
    if (round > 0 && (!is_sound || gain < -kTolerance * parameters)) {
      std::optional<M> half_way = fit.mean_of(std::array{Weighted{&best, 1.0}, Weighted{&at.model, 1.0}});
      if (!half_way) break;
      at.model = *std::move(half_way);
      continue;
    }
    at.infeasible = move.infeasible;
    if (!is_sound) return at;
    best = std::exchange(at.model, std::move(move.model));
    log_likelihood = reached;
    at.raised_columns = std::move(move.raised_columns);
    const double size = move.size_squared / parameters;
    if (!move.is_cut && size < small) return at;
    cuts += move.is_cut ? 1 : 0;
  }
  at.model = std::move(best);
  return at;
}

/// Does the same, but leaves the columns of share 0 as they are given the others: the batch says nothing of them, and
/// steps in the others' law alone are those of a model of the others.
template <NaturalFittable M>
NaturalSteps<M> natural_steps(const M& driving, typename M::Fit& fit, const DecayedRows& rows, EStepResult first,
                              NaturalStep step) {
  std::vector<Index> columns;
  for (Index j = 0; j < step.shown.size(); ++j) {
    if (step.shown(j) > 0.0) columns.push_back(j);
  }
  if (static_cast<Index>(columns.size()) == step.shown.size()) {
    return steps_of_all(driving, fit, rows, std::move(first), step);
  }
  typename M::Fit part = fit.marginal(columns);
  const Matrix x = columns_of(rows.x, columns);
  first.eta = marginal(first.eta, columns);
  step.shown = Vector(step.shown(columns));
  if (step.target) step.target = {marginal(step.target->target, columns), marginal(step.target->share, columns)};
  NaturalSteps<M> steps =
      steps_of_all(marginal(driving, columns), part, {x, rows.weights, rows.elapsed, {}}, std::move(first), step);
  if (steps.infeasible.empty()) steps.model = fit.with_marginal(driving, steps.model, columns, columns);
  for (Index& j : steps.raised_columns) j = columns[static_cast<std::size_t>(j)];
  return steps;
}

}  // namespace varimix
