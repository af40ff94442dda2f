#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "known_columns-inl.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/stats/gauge.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix {
namespace {

/// The weights of the statistics that a merge combines.
struct MergeWeights {
  double a, b, ancestor;
};

/// Returns (w.a a + w.b b - w.ancestor ancestor) / (w.a + w.b - w.ancestor), about a's origin.
Eta combined(const Eta& a, const Eta& b, const Eta* ancestor, MergeWeights w) {
  Eta out = blend(a, b, w.b / (w.a + w.b));
  if (ancestor != nullptr && w.ancestor > 0.0) {
    const double c = w.ancestor / (w.a + w.b - w.ancestor);
    const Eta other = with_origin(*ancestor, out.origin);
    out.weight -= other.weight;
    out.values += c * (out.values - other.values.head(out.values.size()));
  }
  return out;
}

}  // namespace

/// Sets the first values that either state has seen, and the columns in which both have seen that value only.
template <Fittable M>
void merge_columns(const OnlineEMState<M>& theirs, OnlineEMState<M>& out_mine) {
  if (theirs.first_row.size() == 0) return;
  Vector& first = out_mine.first_row;
  const bool has_seen = first.size() > 0;
  const auto is_constant = [](const OnlineEMState<M>& state, Index j) {
    return std::find(state.constant_columns.begin(), state.constant_columns.end(), j) != state.constant_columns.end();
  };
  std::vector<Index> constant;
  for (Index j = 0; j < theirs.first_row.size(); ++j) {
    const bool i_saw = has_seen && !std::isnan(first(j));
    const bool they_saw = !std::isnan(theirs.first_row(j));
    const bool agree = !i_saw || !they_saw || first(j) == theirs.first_row(j);
    if ((i_saw || they_saw) && agree && (!i_saw || is_constant(out_mine, j)) && (!they_saw || is_constant(theirs, j))) {
      constant.push_back(j);
    }
  }
  if (!has_seen) first = theirs.first_row;
  first = first.array().isNaN().select(theirs.first_row, first);
  out_mine.constant_columns = std::move(constant);
}

/// Adds the steps, scores, outcomes and test of `theirs` since the common ancestor (null: since the start).
template <Fittable M>
void merge_counts(const OnlineEMState<M>& theirs, const Ancestor* common, OnlineEMState<M>& out_mine) {
  const Ancestor none{.running = out_mine.running, .rule = IdentityUpdate{}};
  const Ancestor& before = common == nullptr ? none : *common;
  out_mine.total_weight += theirs.total_weight - before.total_weight;
  out_mine.step += theirs.step - before.step;
  LogScore& score = out_mine.score;
  score.total += theirs.score.total - before.score.total;
  score.weight += theirs.score.weight - before.score.weight;
  score.impossible += theirs.score.impossible - before.score.impossible;
  score.recent_total += theirs.score.recent_total;
  score.recent_weight += theirs.score.recent_weight;
  out_mine.drift = {.changes = out_mine.drift.changes + theirs.drift.changes - before.changes};
  for (auto time : {&OnlineEMState<M>::last_time, &OnlineEMState<M>::learned_time}) {
    if (theirs.*time) out_mine.*time = std::max(*(theirs.*time), (out_mine.*time).value_or(*(theirs.*time)));
  }
  out_mine.status.add(theirs.status.since(before.status));
  if (out_mine.gaussian_test) {
    const bool is_forked = before.gaussian_test.has_value();
    out_mine.gaussian_test->merge(*theirs.gaussian_test, is_forked ? &*before.gaussian_test : nullptr);
  }
}

/// Returns the statistics and the rule that two states share, in the gauge of `mine`: those of their common ancestor.
/// If they have none and the rule counts the initial model as rows, they share those of the initial model. Returns
/// nothing if the statistics are not finite, because they then counted for nothing and the first rows took their place.
template <Fittable M>
std::optional<Ancestor> shared_statistics(const OnlineEMState<M>& mine, const typename M::Fit& fit,
                                          const Ancestor* common) {
  std::optional<Ancestor> shared;
  if (common != nullptr) {
    shared = *common;
    shared->running = rescale_y(common->running, mine.gauge / common->gauge);
    shared->rule.rescale_y(mine.gauge / common->gauge);
  } else if (mine.rule.initial_weight() > 0.0) {
    shared = Ancestor{.identity = 0, .running = rescale_y(fit.statistics(mine.initial), mine.gauge), .rule = mine.rule};
  }
  if (shared && !shared->running.is_finite()) shared.reset();
  return shared;
}

/// Combines the statistics of two states that both have learned since `common`, and makes the M-step of the result.
template <Fittable M>
void merge_statistics(const OnlineEMState<M>& mine, const OnlineEMState<M>& theirs, const typename M::Fit& fit,
                      const Ancestor* common, OnlineEMState<M>& out_merged) {
  const std::optional<Ancestor> before = shared_statistics(mine, fit, common);
  const double initial_weight = before ? mine.rule.initial_weight() : 0.0;
  const double shared_weight = before ? before->total_weight : 0.0;
  const MergeWeights weights{mine.total_weight + initial_weight, theirs.total_weight + initial_weight,
                             shared_weight + initial_weight};
  const Eta their_running = rescale_y(theirs.running, to_gauge_of(mine, theirs));
  const UpdateRule their_rule = rule_in_gauge_of(mine, theirs);
  const UpdateRule* rule_before = before && common != nullptr ? &before->rule : nullptr;
  Eta& running = out_merged.running;
  const auto merge_less = [&](double share_of_ancestor) {
    const auto combine = [&](const Eta& a, const Eta& b, const Eta* ancestor) {
      return combined(a, b, ancestor, {weights.a, weights.b, share_of_ancestor * weights.ancestor});
    };
    running = combine(mine.running, their_running, before ? &before->running : nullptr);
    out_merged.rule = mine.rule;
    out_merged.rule.merge(their_rule, rule_before, combine);
  };
  merge_less(1.0);
  if (mine.options.frozen) return;

  const auto m_step_of_merged = [&](MStep<M>& out_result) {
    out_result = fit.m_step(out_merged.rule.emit(running), BelowFloor::kRaise);
    return out_result.model && fit.m_step(out_merged.rule.report(running), BelowFloor::kRaise).model;
  };
  MStep<M> result;
  int halvings = 0;
  // A rule that forgets may hold less of the ancestor than is taken away.
  while (!m_step_of_merged(result) && halvings < kMaxHalvings) {
    ++halvings;
    merge_less(halvings < kMaxHalvings ? std::exp2(-halvings) : 0.0);
  }
  require(result.model.has_value(), "other", "a state whose statistics merge into feasible ones",
          "ones that violate " + result.infeasible);
  if (halvings > 0) {
    out_merged.status.add(StatusCode::kStepHalved, "a merge, " + std::to_string(halvings) + " times half-way back",
                          mine.step);
  }
  const double s = 1.0 / fit.scale_of_y(running);
  running = rescale_y(running, s);
  out_merged.driving = result.model->rescale_y(s);
  out_merged.rule.rescale_y(s);
  out_merged.gauge *= s;
}

/// Takes the mean of two models by weight, less what both had of `common`. Columns that one state
/// alone knows are as that has them, given those that both know.
template <Fittable M>
void merge_models(const OnlineEMState<M>& mine, const OnlineEMState<M>& theirs, const typename M::Fit& fit,
                  const Ancestor* common, OnlineEMState<M>& out_merged) {
  if constexpr (NaturalFittable<M>) {
    const std::optional<Ancestor> before = shared_statistics(mine, fit, common);
    const UpdateRule their_rule = rule_in_gauge_of(mine, theirs);
    out_merged.rule.merge(their_rule, before ? &before->rule : nullptr, {});
    ModelsToMerge<M> models{mine.driving, theirs.driving.rescale_y(to_gauge_of(mine, theirs)), std::nullopt};
    std::optional<M>& shared = models.shared;
    if (before && before->total_weight > 0.0) shared = fit.m_step(before->running, BelowFloor::kRaise).model;
    take_known_columns(known_to_other(mine.rule, theirs.rule, mine.initial.d()),
                       known_to_other(theirs.rule, mine.rule, mine.initial.d()), fit, models);
    using Weighted = typename M::Fit::Weighted;
    std::vector<Weighted> parts = {{&models.mine, mine.total_weight}, {&models.theirs, theirs.total_weight}};
    if (shared) parts.push_back({&*shared, -before->total_weight});
    std::optional<M> merged = fit.mean_of(parts);
    int halvings = 0;
    while (!merged && shared && halvings < kMaxHalvings) {
      ++halvings;
      parts.back().weight = halvings < kMaxHalvings ? 0.5 * parts.back().weight : 0.0;
      merged = fit.mean_of(parts);
    }
    require(merged.has_value(), "other", "a state whose model merges into a feasible one", "another");
    if (halvings > 0) {
      out_merged.status.add(StatusCode::kStepHalved, "a merge, " + std::to_string(halvings) + " times half-way back",
                            mine.step);
    }
    const Eta rows = combined(mine.running, rescale_y(theirs.running, to_gauge_of(mine, theirs)), nullptr,
                              {mine.total_weight, theirs.total_weight, 0.0});
    const Eta running = fit.finite_statistics(*merged, rows);
    const double s = 1.0 / fit.scale_of_y(running);
    out_merged.running = rescale_y(running, s);
    out_merged.driving = merged->rescale_y(s);
    out_merged.rule.rescale_y(s);
    out_merged.gauge *= s;
  }
}

/// Returns `mine` with all that `theirs` learned since `common` (null: since the start), except for the lineage.
template <Fittable M>
OnlineEMState<M> merged_state(const OnlineEMState<M>& mine, const OnlineEMState<M>& theirs, const typename M::Fit& fit,
                              const Ancestor* common) {
  OnlineEMState<M> merged = mine;
  merge_counts(theirs, common, merged);
  merge_columns(theirs, merged);
  const double shared_weight = common == nullptr ? 0.0 : common->total_weight;
  if (theirs.total_weight > shared_weight) {
    if (mine.total_weight > shared_weight) {
      const auto& merge = mine.rule.moves_model() ? merge_models<M> : merge_statistics<M>;
      merge(mine, theirs, fit, common, merged);
    } else {
      merged.running = theirs.running;
      merged.has_running = theirs.has_running;
      merged.rule = theirs.rule;
      merged.driving = theirs.driving;
      merged.gauge = theirs.gauge;
    }
  }
  merged.running.weight = merged.total_weight;
  return merged;
}

}  // namespace varimix
