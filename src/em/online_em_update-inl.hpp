#pragma once

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "batch_rows.hpp"
#include "online_em_model.hpp"
#include "online_em_scores-inl.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/core/weights.hpp"
#include "varimix/mixture/law_difference.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {
namespace {

std::string to_text(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

}  // namespace

/// Rows with their weights as of the last row's time, and the time from the last row learned before to that row.
struct DecayedRows {
  RowView x;
  std::span<const double> weights;
  double elapsed;
  std::vector<double> own_weights;  // `weights` refers to these if rows have times
};

/// The running statistics of a step, and the M-step of the statistics that the rule emits from them.
template <Fittable M>
struct Step {
  Eta running;
  MStep<M> m_step;
};

template <Fittable M>
BatchReport OnlineEM<M>::update(const RowView& batch, const BatchOptions& options) {
  require_rows(batch, d(), options.name, state_.options.missing);
  check_weights(options.weights, batch.rows());
  check_times(options.times, batch.rows(), state_.rule.time_half_life().has_value(), state_.last_time);
  const PresentRows present(batch, options, state_.options.missing);
  require(state_.total_weight + present.rows().weight <= kLargestTotalWeight, "the sum of weights",
          "at most 1e290, with those learned before", present.rows().weight);
  if (present.rows().x.rows() == 0) return {.step = state_.step, .drift = state_.drift.level()};
  OnlineEM next = *this;  // if anything below throws, this state is as it was
  BatchReport report = score_and_learn(next.state_, next.fit_, present.rows());
  *this = std::move(next);
  return report;
}

/// Scores the rows before they are learned, and learns from them in as many parts as the rule wants.
template <Fittable M>
BatchReport score_and_learn(OnlineEMState<M>& state, typename M::Fit& fit, const BatchRows& rows) {
  const Index n = rows.x.rows();
  watch_columns(state, rows.x);
  if (state.lineage.parts.empty()) state.lineage.parts = {hash_of(rows.x, rows.weights)};
  const M before = state.driving;
  const std::int64_t parts = state.rule.parts(step_info(state, rows.weight, 0.0), rows.x.columns());
  BatchReport report{
      .step = state.step + 1, .rows = n, .weight = rows.weight, .parts = std::clamp<std::int64_t>(parts, 1, n)};
  if (state.options.score) score(state, fit, rows, report);
  double log_likelihood = 0.0;
  for (Index k = 0; k < report.parts; ++k) {
    const Index first = n * k / report.parts;
    const BatchRows part = rows.slice(first, n * (k + 1) / report.parts - first);
    log_likelihood += learn(state, fit, part, report.status) * part.weight;
  }
  if (!state.options.score) report_likelihood(fit, before, rows, log_likelihood / rows.weight, report);
  if (report.impossible > 0.0) {
    report.status.add(StatusCode::kImpossibleRows, "weight " + to_text(report.impossible), state.step);
  }
  report.parameter_change = law_difference(before, state.driving);
  state.status.add(report.status);
  ++state.step;
  return report;
}

/// Learns from rows in one step of the algorithm: E-step, rule, M-step, gauge. Returns the mean log-likelihood of the
/// rows. A step that cannot be taken leaves the state as it was except for its times; `status` says so.
template <Fittable M>
double learn(OnlineEMState<M>& state, typename M::Fit& fit, const BatchRows& rows, Status& status) {
  const DecayedRows decayed = decay(state, rows);
  const EStepResult expected = fit.e_step(inner_rounds(state, fit, decayed, status), decayed.x, decayed.weights);
  if (const std::string statistic = expected.eta.first_not_finite(); !statistic.empty()) {
    status.add(StatusCode::kStepReverted, statistic + " of the batch is not finite", state.step);
    return expected.log_lik;
  }
  fit.add_spikes(expected, decayed.x, decayed.weights, state.step, status);

  UpdateRule rule = state.rule;
  const Eta& running = state.has_running ? state.running : expected.eta;
  Eta wanted = rule.accumulate(running, expected.eta, step_info(state, expected.eta.weight, decayed.elapsed));
  wanted.weight = state.total_weight + rows.weight;
  if (take_step(state, fit, wanted, std::move(rule), status)) {
    state.total_weight = wanted.weight;
    if (!rows.times.empty()) state.learned_time = rows.times.back();
  }
  return expected.log_lik;
}

/// Returns the progress of the fit for the hooks of the rule.
template <Fittable M>
StepInfo step_info(const OnlineEMState<M>& state, double batch_weight, double elapsed) {
  return {state.step, state.total_weight, batch_weight, elapsed};
}

/// Returns the rows with decayed weights, and sets the state's last time.
template <Fittable M>
DecayedRows decay(OnlineEMState<M>& state, const BatchRows& rows) {
  DecayedRows decayed{rows.x, rows.weights, 0.0, {}};
  if (rows.times.empty()) return decayed;
  if (!state.learned_time) state.learned_time = rows.times.front();
  state.last_time = rows.times.back();
  decayed.elapsed = rows.times.back() - *state.learned_time;
  const double half_life = *state.rule.time_half_life();
  for (std::size_t i = 0; i < rows.times.size(); ++i) {
    decayed.own_weights.push_back(weight_of(rows.weights, static_cast<Index>(i)) *
                                  std::exp2((rows.times[i] - rows.times.back()) / half_life));
  }
  decayed.weights = decayed.own_weights;
  return decayed;
}

/// Returns the model for the last E-step of the inner rounds; it is the driving model for inner_iter = 1.
template <Fittable M>
M inner_rounds(const OnlineEMState<M>& state, const typename M::Fit& fit, const DecayedRows& rows, Status& status) {
  M model = state.driving;
  for (int round = 1; round < state.options.inner_iter; ++round) {
    const EStepResult inner = fit.e_step(model, rows.x, rows.weights);
    MStep<M> result = fit.m_step(inner.eta, BelowFloor::kInfeasible);
    if (!result.model) {
      status.add(StatusCode::kInnerRoundsStopped, "it violates " + result.infeasible, state.step);
      break;
    }
    model = *std::move(result.model);
  }
  return model;
}

/// Returns the step to `wanted`. If that is infeasible, the step goes half-way back until it is feasible or, if nothing
/// on the way is, the dispersion is raised to its floor; `status` says so.
template <Fittable M>
Step<M> feasible_step(const OnlineEMState<M>& state, const typename M::Fit& fit, const Eta& wanted,
                      const UpdateRule& rule, Status& status) {
  const auto step_to = [&](Eta eta, BelowFloor below) {
    MStep<M> m_step = fit.m_step(rule.emit(eta), below);
    return Step<M>{std::move(eta), std::move(m_step)};
  };
  Step<M> step = step_to(wanted, BelowFloor::kInfeasible);
  const int halvings = state.has_running ? kMaxHalvings : 0;
  for (int halving = 0; !step.m_step.model && halving < halvings && step.running.is_finite(); ++halving) {
    Eta half_way = blend(state.running, step.running, 0.5);
    half_way.weight = wanted.weight;
    step = step_to(std::move(half_way), BelowFloor::kInfeasible);
    if (step.m_step.model) {
      status.add(StatusCode::kStepHalved, std::to_string(halving + 1) + " times half-way back", state.step);
    }
  }
  if (step.m_step.model) return step;
  step = step_to(wanted, BelowFloor::kRaise);
  if (step.m_step.model) {
    status.add(StatusCode::kDispersionFloor, list_columns(step.m_step.raised_columns), state.step);
  }
  return step;
}

/// Returns, in the words of a status, the reason why a step cannot be taken in the gauge of sY; "" if it can be taken.
template <Fittable M>
std::string obstacle_to(const Step<M>& step, const typename M::Fit& fit, const UpdateRule& rule, double s) {
  if (!step.m_step.model) return step.m_step.infeasible;
  if (!fit.can_be_rescaled(*step.m_step.model, step.running, s)) return "the range of doubles in the gauge E[Y] = 1";
  if (!rescale_y(rule.report(step.running), s).is_finite()) return "the range of doubles in what the rule reports";
  return "";
}

/// Takes the step to `wanted`, with `rule` as it is after the step, and brings the state into the gauge E[Y] = 1.
/// Returns true if the step was taken. Frozen states only gather statistics.
template <Fittable M>
bool take_step(OnlineEMState<M>& state, typename M::Fit& fit, const Eta& wanted, UpdateRule&& rule, Status& status) {
  if (state.options.frozen && wanted.is_finite() && rule.report(wanted).is_finite()) {
    state.running = wanted;
    state.has_running = true;
    state.rule = std::move(rule);
    return true;
  }
  const Step<M> step = feasible_step(state, fit, wanted, rule, status);
  const double s = 1.0 / fit.scale_of_y(step.running);
  if (const std::string obstacle = obstacle_to(step, fit, rule, s); !obstacle.empty()) {
    status.add(StatusCode::kStepReverted, "the blended statistics violate " + obstacle, state.step);
    return false;
  }
  state.running = rescale_y(step.running, s);
  state.has_running = true;
  state.driving = step.m_step.model->rescale_y(s);
  state.rule = std::move(rule);
  rescale_y(state, fit, s);
  return true;
}

}  // namespace varimix
