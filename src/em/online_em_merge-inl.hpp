#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {
namespace {

/// The parts learned after the first `shared` ancestors.
const std::vector<std::uint64_t>& parts_after(const Lineage& lineage, std::size_t shared) {
  return shared < lineage.ancestors.size() ? lineage.ancestors[shared].parts : lineage.parts;
}

std::vector<std::uint64_t> in_both(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  std::vector<std::uint64_t> common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
  return common;
}

/// Weights of the statistics that a merge combines.
struct MergeWeights {
  double a, b, ancestor;
};

/// (w_a a + w_b b - w_0 ancestor) / (w_a + w_b - w_0), about a's origin.
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

/// The lineage of a state with the state itself as the last ancestor, if it has seen rows since the one before.
template <Fittable M>
Lineage with_itself(const OnlineEMState<M>& state) {
  Lineage lineage = state.lineage;
  if (lineage.parts.empty()) return lineage;
  lineage.ancestors.push_back({.identity = hash_of(state.running, state.total_weight, state.step, lineage.parts),
                               .running = state.running,
                               .rule = state.rule,
                               .gauge = state.gauge,
                               .total_weight = state.total_weight,
                               .step = state.step,
                               .score = state.score,
                               .status = state.status,
                               .changes = state.drift.changes,
                               .parts = std::move(lineage.parts)});
  lineage.parts.clear();
  return lineage;
}

/// The first row that either has seen, and the columns in which both have seen that value alone.
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

/// Steps, scores and outcomes of both, those before their common ancestor (null: the start) once.
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
}

}  // namespace

template <Fittable M>
OnlineEM<M> OnlineEM<M>::fork() {
  state_.lineage = with_itself(state_);
  return *this;
}

template <Fittable M>
void OnlineEM<M>::merge(const OnlineEM& other, bool force) {
  const OnlineEMState<M>& theirs = other.state_;
  require(other.d() == d(), "other", "of dimension " + std::to_string(d()), other.d());
  require(theirs.options == state_.options, "other", "a state with the same options", "one with others");
  require(state_.rule.same_type(theirs.rule), "other", "a state of the same rule, " + state_.rule.name(),
          theirs.rule.name());
  require(state_.rule.can_merge(), "eta_update",
          "a rule that averages (SampleWeightedUpdate, PolyakRuppertUpdate, or Shrinkage of them) in states that merge",
          state_.rule.name().empty() ? "a rule of yours" : state_.rule.name());
  require(state_.rule.same_settings(rule_in_gauge_of(state_, theirs)), "other",
          "a state with the same settings of " + state_.rule.name(), "one with others");
  const bool same_start = theirs.initial == state_.initial;
  require(same_start || force, "other", "made from the same initial model (force=True takes it as other rows)",
          "one made from another");
  const Lineage mine = with_itself(state_);
  const Lineage their_lineage = with_itself(theirs);
  const std::size_t shared = same_start && !force ? shared_ancestors(mine, their_lineage) : 0;
  const auto& my_parts = parts_after(mine, shared);
  const auto& their_parts = parts_after(their_lineage, shared);
  // Two states that are the same at the end of two branches are a copy, or have learned equal rows: nobody can tell.
  const bool are_the_same = shared > state_.lineage.ancestors.size() && shared > theirs.lineage.ancestors.size();
  require(force || (!are_the_same && in_both(my_parts, their_parts).empty()), "other",
          "a state that shares no rows with this one but those before a fork() (force=True counts them twice)",
          "one that holds first rows of this one: it took this state in, or learned the same rows; fork() a state "
          "before it "
          "learns in two places");
  if (their_parts.empty()) return;  // all that it holds is held here
  if (my_parts.empty() && !force) {
    OnlineEM taken = other;
    taken.state_.key = state_.key;
    taken.state_.position = state_.position;
    *this = std::move(taken);
    return;
  }
  const Ancestor* common = shared > 0 ? &mine.ancestors[shared - 1] : nullptr;
  OnlineEMState<M> merged = merged_state(theirs, common);
  merged.lineage = {.ancestors = {mine.ancestors.begin(), mine.ancestors.begin() + static_cast<std::ptrdiff_t>(shared)},
                    .parts = {}};
  std::set_union(my_parts.begin(), my_parts.end(), their_parts.begin(), their_parts.end(),
                 std::back_inserter(merged.lineage.parts));
  if (force && !my_parts.empty()) {
    // Rows that both held are in it twice: no fork of either is a part of it.
    auto& parts = merged.lineage.parts;
    const std::uint64_t of_its_own = hash_of(merged.running, merged.total_weight, merged.step, parts);
    parts.insert(std::upper_bound(parts.begin(), parts.end(), of_its_own), of_its_own);
  }
  *this = OnlineEM(std::move(merged));
}

/// This state with what `theirs` learned since `common` (null: since the start), but for the lineage.
template <Fittable M>
OnlineEMState<M> OnlineEM<M>::merged_state(const OnlineEMState<M>& theirs, const Ancestor* common) const {
  OnlineEMState<M> merged = state_;
  merge_counts(theirs, common, merged);
  merge_columns(theirs, merged);
  const double shared_weight = common == nullptr ? 0.0 : common->total_weight;
  if (theirs.total_weight > shared_weight) {
    if (state_.total_weight > shared_weight) {
      merge_statistics(theirs, common, merged);
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

/// Combines the statistics of two states that both have learned since `common`; the M-step of what results.
template <Fittable M>
void OnlineEM<M>::merge_statistics(const OnlineEMState<M>& theirs, const Ancestor* common,
                                   OnlineEMState<M>& out_merged) const {
  std::optional<Ancestor> before;
  if (common != nullptr) {
    before = *common;
    before->running = rescale_y(common->running, state_.gauge / common->gauge);
    before->rule.rescale_y(state_.gauge / common->gauge);
  } else if (state_.rule.initial_weight() > 0.0) {
    const Eta own = fit_.statistics(state_.initial);
    before = Ancestor{.identity = 0, .running = rescale_y(own, state_.gauge), .rule = state_.rule};
  }
  // Statistics that are not finite counted for nothing: the first rows took their place.
  if (before && !before->running.is_finite()) before.reset();
  const double initial_weight = before ? state_.rule.initial_weight() : 0.0;
  const double shared_weight = before ? before->total_weight : 0.0;
  const MergeWeights weights{state_.total_weight + initial_weight, theirs.total_weight + initial_weight,
                             shared_weight + initial_weight};
  const Eta their_running = rescale_y(theirs.running, to_gauge_of(state_, theirs));
  const UpdateRule their_rule = rule_in_gauge_of(state_, theirs);
  const UpdateRule* rule_before = before && common != nullptr ? &before->rule : nullptr;
  Eta& running = out_merged.running;
  const auto merge_less = [&](double share_of_ancestor) {
    const auto combine = [&](const Eta& a, const Eta& b, const Eta* ancestor) {
      return combined(a, b, ancestor, {weights.a, weights.b, share_of_ancestor * weights.ancestor});
    };
    running = combine(state_.running, their_running, before ? &before->running : nullptr);
    out_merged.rule = state_.rule;
    out_merged.rule.merge(their_rule, rule_before, combine);
  };
  merge_less(1.0);
  if (state_.options.frozen) return;

  const auto m_step_of_merged = [&](MStep<M>& out_result) {
    out_result = fit_.m_step(out_merged.rule.emit(running), BelowFloor::kRaise);
    return out_result.model && fit_.m_step(out_merged.rule.report(running), BelowFloor::kRaise).model;
  };
  MStep<M> result;
  int halvings = 0;
  // A rule that forgets may hold less of the ancestor than would be taken away.
  while (!m_step_of_merged(result) && halvings < kMaxHalvings) {
    ++halvings;
    merge_less(halvings < kMaxHalvings ? std::exp2(-halvings) : 0.0);
  }
  require(result.model.has_value(), "other", "a state whose statistics merge into feasible ones",
          "ones that violate " + result.infeasible);
  if (halvings > 0) {
    out_merged.status.add(StatusCode::kStepHalved, "a merge, " + std::to_string(halvings) + " times half-way back",
                          state_.step);
  }
  const double s = 1.0 / fit_.scale_of_y(running);
  running = rescale_y(running, s);
  out_merged.driving = result.model->rescale_y(s);
  out_merged.rule.rescale_y(s);
  out_merged.gauge *= s;
}

}  // namespace varimix
