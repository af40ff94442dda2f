#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <vector>

#include "mixture/column_order.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix {

/// Returns the columns of which a state hardly knows anything, as its rule has it (NaturalStep::shown).
template <NaturalFittable M>
std::vector<Index> hardly_known_columns(const OnlineEMState<M>& state) {
  const Index d = state.initial.d();
  StepInfo nothing_new{.weight_before = state.total_weight};
  nothing_new.observed.assign(static_cast<std::size_t>(d), 0.0);
  const Vector shown = state.rule.natural_step(nothing_new, d)->shown;
  std::vector<Index> columns;
  for (Index j = 0; j < shown.size(); ++j) {
    if (shown(j) == 0.0) columns.push_back(j);
  }
  return columns;
}

/// Gives models that hardly know some columns the law of these given the others that `from` has: of a merge, the model of
/// the state that lacks them, and that of what both states had before.
template <NaturalFittable M>
void take_columns(const std::vector<Index>& columns, const M& from, const typename M::Fit& fit, M& inout_model,
                  std::optional<M>& inout_shared) {
  if (columns.empty()) return;
  const std::vector<Index> rest = other_columns(columns, from.d());
  inout_model = fit.with_marginal(from, marginal(inout_model, rest), rest);
  if (inout_shared) inout_shared = fit.with_marginal(from, marginal(*inout_shared, rest), rest);
}

/// Returns the columns that `state` hardly knows, and `other` does.
template <NaturalFittable M>
std::vector<Index> columns_to_take(const OnlineEMState<M>& state, const OnlineEMState<M>& other) {
  const std::vector<Index> unknown = hardly_known_columns(state);
  const std::vector<Index> to_both = hardly_known_columns(other);
  std::vector<Index> columns;
  std::set_difference(unknown.begin(), unknown.end(), to_both.begin(), to_both.end(), std::back_inserter(columns));
  return columns;
}

}  // namespace varimix
