#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "mixture/fitting/mode_spike.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {

/// One step of the algorithm on a part of a batch; returns the mean log-likelihood of its rows.
template <Fittable M>
double OnlineEM<M>::learn(const Rows& part, Status& status) {
  std::span<const double> weights = part.weights;
  const std::vector<double> decayed = decayed_weights(part);
  double elapsed = 0.0;
  if (!part.times.empty()) {
    weights = decayed;
    if (!state_.learned_time) state_.learned_time = part.times.front();
    elapsed = part.times.back() - *state_.learned_time;
    state_.last_time = part.times.back();
  }
  const EStepResult expected = fit_.e_step(inner_rounds(part, weights, status), part.x, weights);
  const Eta& batch_eta = expected.eta;
  if (const std::string statistic = batch_eta.first_not_finite(); !statistic.empty()) {
    status.add(StatusCode::kStepReverted, statistic + " of the batch is not finite", state_.step);
    return expected.log_lik;
  }
  add_mode_trap(expected, part.x, weights, state_.step, status);
  UpdateRule rule = state_.rule;
  Eta wanted =
      rule.accumulate(state_.has_running ? state_.running : batch_eta, batch_eta, step_info(batch_eta.weight, elapsed));
  wanted.weight = state_.total_weight + part.weight;
  if (take_step(wanted, std::move(rule), status)) {
    state_.total_weight += part.weight;
    if (!part.times.empty()) state_.learned_time = part.times.back();
  }
  return expected.log_lik;
}

/// Weights of rows that have times, decayed to the last row's; none of rows without.
template <Fittable M>
std::vector<double> OnlineEM<M>::decayed_weights(const Rows& part) const {
  std::vector<double> weights;
  if (part.times.empty()) return weights;
  const double half_life = *state_.rule.time_half_life();
  for (std::size_t i = 0; i < part.times.size(); ++i) {
    weights.push_back(weight_of(part.weights, static_cast<Index>(i)) *
                      std::exp2((part.times[i] - part.times.back()) / half_life));
  }
  return weights;
}

/// M-step of what the rule emits for `wanted`, or as much of it as is feasible, and the gauge E[Y] = 1 for all that is kept.
template <Fittable M>
// NOLINTNEXTLINE(performance-unnecessary-value-param): it is moved, which a template hides from it
bool OnlineEM<M>::take_step(const Eta& wanted, UpdateRule rule, Status& status) {
  if (state_.options.frozen && wanted.is_finite() && rule.report(wanted).is_finite()) {
    state_.running = wanted;
    state_.has_running = true;
    state_.rule = std::move(rule);
    return true;
  }
  const auto m_step_of = [&](const Eta& eta, BelowFloor below) { return fit_.m_step(rule.emit(eta), below); };
  Eta candidate = wanted;
  MStep<M> result = m_step_of(candidate, BelowFloor::kInfeasible);
  const int halvings = state_.has_running ? kMaxHalvings : 0;
  for (int halving = 0; !result.model && halving < halvings && candidate.is_finite(); ++halving) {
    candidate = blend(state_.running, candidate, 0.5);
    candidate.weight = wanted.weight;
    result = m_step_of(candidate, BelowFloor::kInfeasible);
    if (result.model) {
      status.add(StatusCode::kStepHalved, std::to_string(halving + 1) + " times half-way back", state_.step);
    }
  }
  if (!result.model) {
    candidate = wanted;
    result = m_step_of(candidate, BelowFloor::kRaise);
    if (result.model) status.add(StatusCode::kDispersionFloor, list_columns(result.raised_columns), state_.step);
  }
  const double s = 1.0 / fit_.scale_of_y(candidate);
  if (result.model && !fit_.can_be_rescaled(*result.model, candidate, s)) {
    result = {.model = std::nullopt, .infeasible = "the range of doubles in the gauge E[Y] = 1"};
  }
  if (result.model && !rescale_y(rule.report(candidate), s).is_finite()) {
    result = {.model = std::nullopt, .infeasible = "the range of doubles in what the rule reports"};
  }
  if (!result.model) {
    status.add(StatusCode::kStepReverted, "the blended statistics violate " + result.infeasible, state_.step);
    return false;
  }
  state_.running = rescale_y(candidate, s);
  state_.has_running = true;
  state_.driving = result.model->rescale_y(s);
  state_.rule = std::move(rule);
  enter_gauge(s);
  return true;
}

/// The model of the last inner round's E-step; the driving model for inner_iter = 1.
template <Fittable M>
M OnlineEM<M>::inner_rounds(const Rows& part, std::span<const double> weights, Status& status) const {
  M model = state_.driving;
  for (int round = 1; round < state_.options.inner_iter; ++round) {
    const EStepResult inner = fit_.e_step(model, part.x, weights);
    MStep<M> result = fit_.m_step(inner.eta, BelowFloor::kInfeasible);
    if (!result.model) {
      status.add(StatusCode::kInnerRoundsStopped, "it violates " + result.infeasible, state_.step);
      break;
    }
    model = *std::move(result.model);
  }
  return model;
}

template <Fittable M>
StepInfo OnlineEM<M>::step_info(double weight, double elapsed) const {
  return {.step = state_.step, .weight_before = state_.total_weight, .batch_weight = weight, .elapsed = elapsed};
}

}  // namespace varimix
