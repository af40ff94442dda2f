#include <algorithm>
#include <utility>

#include "../mixture/families.hpp"
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
Expectations combined(const Expectations& a, const Expectations& b, const Expectations* ancestor, MergeWeights w) {
  const double total = w.a + w.b - (ancestor == nullptr ? 0.0 : w.ancestor);
  Expectations out = blend(a, b, w.b / (w.a + w.b));
  if (ancestor != nullptr && w.ancestor > 0.0) {
    const double c = w.ancestor / total;
    const Expectations other = with_origin(*ancestor, out.origin);
    out.weight -= other.weight;
    out.inv_y += c * (out.inv_y - other.inv_y);
    out.y += c * (out.y - other.y);
    if (out.log_y && other.log_y) *out.log_y += c * (*out.log_y - *other.log_y);
    out.x += c * (out.x - other.x);
    out.x_inv_y += c * (out.x_inv_y - other.x_inv_y);
    out.xx_inv_y += c * (out.xx_inv_y - other.xx_inv_y);
  }
  return out;
}

}  // namespace

template <Subordinator S>
OnlineEM<S> OnlineEM<S>::fork() const {
  OnlineEM child = *this;
  Lineage& lineage = child.state_.lineage;
  const std::uint64_t identity = hash_of(state_.running, state_.total_weight, state_.step);
  if (lineage.parts.empty()) return child;  // nothing was learned since the last fork, or since the start
  lineage.ancestors.push_back({.identity = identity,
                               .running = state_.running,
                               .rule = state_.rule,
                               .gauge = state_.gauge,
                               .total_weight = state_.total_weight,
                               .step = state_.step,
                               .score = state_.score,
                               .parts = lineage.parts});
  lineage.parts.clear();
  return child;
}

template <Subordinator S>
void OnlineEM<S>::merge(const OnlineEM& other, bool force) {
  const OnlineEMState<S>& theirs = other.state_;
  require(other.d() == d(), "other", "of dimension " + std::to_string(d()), other.d());
  require(theirs.options == state_.options, "other", "a state with the same options", "one with others");
  require(state_.rule.same_type(theirs.rule), "other", "a state of the same rule, " + state_.rule.name(),
          theirs.rule.name());
  require(state_.rule.can_merge(), "eta_update",
          "a rule that averages (SampleWeightedUpdate, PolyakRuppertUpdate, or Shrinkage of them) in states that merge",
          state_.rule.name());
  const bool same_start = theirs.initial == state_.initial;
  require(same_start || force, "other", "made from the same initial model (force=True takes it as other rows)",
          "one made from another");
  const Lineage& mine = state_.lineage;
  const std::size_t shared = same_start ? shared_ancestors(mine, theirs.lineage) : 0;
  const auto& my_parts = parts_after(mine, shared);
  const auto& their_parts = parts_after(theirs.lineage, shared);
  require(force || in_both(my_parts, their_parts).empty(), "other",
          "a state that shares no rows with this one but those before a fork() (force=True counts them twice)",
          "one that learned the same first rows: fork() a state before it learns in two places");
  if (their_parts.empty() && !force) return;  // all that it holds is held here
  if (my_parts.empty() && !force) {
    const Key key = state_.key;
    const SourcePosition position = state_.position;
    *this = other;
    state_.key = key;
    state_.position = position;
    return;
  }
  const Ancestor* common = shared > 0 && !force ? &mine.ancestors[shared - 1] : nullptr;
  *this = OnlineEM(merged_state(theirs, common, shared));
}

/// This state with what `theirs` learned since `common` (null: since the start).
template <Subordinator S>
OnlineEMState<S> OnlineEM<S>::merged_state(const OnlineEMState<S>& theirs, const Ancestor* common,
                                           std::size_t shared) const {
  OnlineEMState<S> merged = state_;
  const double to_mine = state_.initial == theirs.initial ? state_.gauge / theirs.gauge : 1.0;
  UpdateRule their_rule = theirs.rule;
  their_rule.rescale_y(to_mine);
  std::optional<Ancestor> before;
  if (common != nullptr) {
    before = *common;
    before->running = rescale_y(common->running, state_.gauge / common->gauge);
    before->rule.rescale_y(state_.gauge / common->gauge);
  } else if (state_.rule.initial_weight() > 0.0) {
    const Expectations own = state_.initial.compute_eta_from_model();
    before = Ancestor{.identity = 0, .running = rescale_y(own, state_.gauge), .rule = state_.rule};
  }
  const double initial_weight = state_.rule.initial_weight();
  const double shared_weight = before ? before->total_weight : 0.0;
  const MergeWeights weights{state_.total_weight + initial_weight, theirs.total_weight + initial_weight,
                             shared_weight + initial_weight};
  const auto combine = [&](const Expectations& a, const Expectations& b, const Expectations* ancestor) {
    return combined(a, b, ancestor, weights);
  };
  merged.running = combine(state_.running, rescale_y(theirs.running, to_mine), before ? &before->running : nullptr);
  merged.rule.merge(their_rule, common != nullptr ? &before->rule : nullptr, combine);

  merged.total_weight = state_.total_weight + theirs.total_weight - shared_weight;
  merged.step = state_.step + theirs.step - (common != nullptr ? common->step : 0);
  merged.score.total += theirs.score.total - (common != nullptr ? common->score.total : 0.0);
  merged.score.weight += theirs.score.weight - (common != nullptr ? common->score.weight : 0.0);
  merged.score.recent_total += theirs.score.recent_total;
  merged.score.recent_weight += theirs.score.recent_weight;
  merged.drift = {.pooled = {}, .reference = {}, .cusum = 0.0, .changes = state_.drift.changes + theirs.drift.changes};
  if (theirs.last_time) merged.last_time = std::max(*theirs.last_time, state_.last_time.value_or(*theirs.last_time));
  merged.status.add(theirs.status);
  std::erase_if(merged.constant_columns, [&](Index j) {
    const auto& constant = theirs.constant_columns;
    return std::find(constant.begin(), constant.end(), j) == constant.end() ||
           theirs.first_row(j) != state_.first_row(j);
  });
  const auto& my_parts = parts_after(state_.lineage, shared);
  const auto& their_parts = parts_after(theirs.lineage, shared);
  auto& ancestors = merged.lineage.ancestors;
  ancestors.erase(ancestors.begin() + static_cast<std::ptrdiff_t>(shared), ancestors.end());
  merged.lineage.parts.clear();
  std::set_union(my_parts.begin(), my_parts.end(), their_parts.begin(), their_parts.end(),
                 std::back_inserter(merged.lineage.parts));

  if (state_.options.frozen) return merged;
  const MStepResult<S> result = m_step_of_rule(merged.rule.emit(merged.running), BelowFloor::kRaise);
  require(result.model.has_value(), "other", "a state whose statistics merge into feasible ones",
          "ones that violate " + std::string(result.infeasible));
  const double s = 1.0 / merged.running.y;
  merged.running = rescale_y(merged.running, s);
  merged.driving = result.model->rescale_y(s);
  merged.rule.rescale_y(s);
  merged.gauge *= s;
  return merged;
}

#define VARIMIX_INSTANTIATE(S)                    \
  template OnlineEM<S> OnlineEM<S>::fork() const; \
  template void OnlineEM<S>::merge(const OnlineEM<S>&, bool);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
