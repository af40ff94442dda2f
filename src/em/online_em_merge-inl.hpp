#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "merged_state-inl.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix {
namespace {

/// Returns the parts learned after the first `shared` ancestors.
const std::vector<std::uint64_t>& parts_after(const Lineage& lineage, std::size_t shared) {
  return shared < lineage.ancestors.size() ? lineage.ancestors[shared].parts : lineage.parts;
}

std::vector<std::uint64_t> in_both(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  std::vector<std::uint64_t> common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
  return common;
}

/// Returns the backtests by the rows learned after the first `shared` ancestors of a lineage that ends with the state.
std::vector<PortfolioBacktest> backtests_after(const Lineage& lineage, std::size_t shared, std::size_t portfolios) {
  std::vector<PortfolioBacktest> all(portfolios);
  for (std::size_t k = shared; k < lineage.ancestors.size(); ++k) merge_backtests(all, lineage.ancestors[k].backtests);
  return all;
}

/// Returns the lineage of a state, with the state itself as the last ancestor if it has seen rows since the one before.
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
                               .parts = std::move(lineage.parts),
                               .gaussian_test = state.gaussian_test,
                               .backtests = state.backtests});
  lineage.parts.clear();
  return lineage;
}

}  // namespace

/// Throws std::invalid_argument unless two states may be merged, whatever rows they hold.
template <Fittable M>
void check_mergeable(const OnlineEMState<M>& mine, const OnlineEMState<M>& theirs, bool force) {
  const Index d = mine.initial.d();
  require(theirs.initial.d() == d, "other", "of dimension " + std::to_string(d), theirs.initial.d());
  if constexpr (NamesColumns<M>) {
    const ColumnNames& columns = mine.initial.columns();
    if (!may_be_same(columns, theirs.initial.columns())) {
      require(false, "other", "a state of the columns " + to_text(columns), to_text(theirs.initial.columns()));
    }
  }
  require(theirs.options == mine.options, "other", "a state with the same options", "one with others");
  require(mine.rule.same_type(theirs.rule), "other", "a state of the same rule, " + called(mine.rule),
          called(theirs.rule));
  require(
      mine.rule.can_merge(), "eta_update",
      "a rule that averages (NaturalGradientUpdate without a half-life, SampleWeightedUpdate, PolyakRuppertUpdate, or "
      "Shrinkage of them) in states that merge",
      called(mine.rule));
  require(mine.rule.same_settings(rule_in_gauge_of(mine, theirs)), "other",
          "a state with the same settings of " + called(mine.rule), "one with others");
  require(mine.total_weight + theirs.total_weight <= kLargestTotalWeight, "the sum of weights", "at most 1e290",
          mine.total_weight + theirs.total_weight);
  require(mine.step + theirs.step <= kLargestCount, "the sum of steps", "at most 2^53", mine.step + theirs.step);
  require(theirs.initial == mine.initial || force, "other",
          "made from the same initial model (force=True takes it as other rows)", "one made from another");
}

/// Gives a merged state the names of its columns that one of the two has.
template <Fittable M>
void name_merged(const OnlineEMState<M>& mine, const OnlineEMState<M>& theirs, OnlineEM<M>& out_merged) {
  if constexpr (NamesColumns<M>) {
    const bool has_names = !mine.initial.columns().empty();
    out_merged.name_columns(has_names ? mine.initial.columns() : theirs.initial.columns());
  }
}

template <Fittable M>
OnlineEM<M> OnlineEM<M>::fork() {
  Lineage lineage = with_itself(state_);
  OnlineEM child = *this;  // a rule of the user's may throw here: then nothing has changed
  child.state_.lineage = lineage;
  child.state_.backtests.assign(state_.backtests.size(), {});  // the ancestor has them
  state_.backtests = child.state_.backtests;
  state_.lineage = std::move(lineage);
  return child;
}

template <Fittable M>
void OnlineEM<M>::merge(const OnlineEM& other, bool force) {
  const OnlineEMState<M>& theirs = other.state_;
  check_mergeable(state_, theirs, force);
  const Lineage mine = with_itself(state_);
  const Lineage their_lineage = with_itself(theirs);
  const std::size_t shared = theirs.initial == state_.initial && !force ? shared_ancestors(mine, their_lineage) : 0;
  const auto& my_parts = parts_after(mine, shared);
  const auto& their_parts = parts_after(their_lineage, shared);
  // Two states that are the same at the ends of two branches are copies, or have learned equal rows: nobody can tell.
  const bool are_the_same = shared > state_.lineage.ancestors.size() && shared > theirs.lineage.ancestors.size();
  require(force || (!are_the_same && in_both(my_parts, their_parts).empty()), "other",
          "a state that shares no rows with this one but those before a fork() (force=True counts them twice)",
          "one that holds first rows of this one: it took this state in, or learned the same rows; fork() a state "
          "before it "
          "learns in two places");
  if (their_parts.empty()) return;  // this state already holds all of theirs
  if (my_parts.empty() && !force) {
    OnlineEM taken = other;
    taken.state_.key = state_.key;
    taken.state_.position = state_.position;
    name_merged(state_, theirs, taken);
    *this = std::move(taken);
    return;
  }
  const Ancestor* common = shared > 0 ? &mine.ancestors[shared - 1] : nullptr;
  OnlineEMState<M> merged = merged_state(state_, theirs, fit_, common);
  merged.backtests = backtests_after(mine, shared, merged.backtests.size());
  merge_backtests(merged.backtests, backtests_after(their_lineage, shared, merged.backtests.size()));
  merged.lineage = {.ancestors = {mine.ancestors.begin(), mine.ancestors.begin() + static_cast<std::ptrdiff_t>(shared)},
                    .parts = {}};
  std::set_union(my_parts.begin(), my_parts.end(), their_parts.begin(), their_parts.end(),
                 std::back_inserter(merged.lineage.parts));
  if (force && !my_parts.empty()) {
    // The merged state may hold rows twice, so that no fork of either state may count as a part of it: it gets a part
    // of its own.
    auto& parts = merged.lineage.parts;
    const std::uint64_t of_its_own = hash_of(merged.running, merged.total_weight, merged.step, parts);
    parts.insert(std::upper_bound(parts.begin(), parts.end(), of_its_own), of_its_own);
  }
  OnlineEM both(std::move(merged));
  name_merged(state_, theirs, both);
  *this = std::move(both);
}

}  // namespace varimix
