#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "batch_rows.hpp"
#include "online_em_model.hpp"
#include "online_em_natural-inl.hpp"
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

void require_unweighted(std::span<const double> weights) {
  for (const double weight : weights) {
    require(weight == 1.0, "weights", "0 or 1 with gaussian_test: the test has no law for weighted rows", weight);
  }
}

}  // namespace

/// The running statistics of a step, and its model: the M-step of the statistics that the rule emits from them, or the
/// model that the rule has moved.
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
  if (state_.gaussian_test) require_unweighted(present.rows().weights);
  if (present.rows().x.rows() == 0) return {.step = state_.step, .drift = state_.drift.level()};
  OnlineEM next = *this;  // if anything below throws, this state is as it was
  BatchReport report = score_and_learn(next.state_, next.fit_, present.rows());
  if (next.state_.gaussian_test && !options.repeats) next.state_.gaussian_test->update(present.rows().x, options.name);
  if (!next.state_.backtests.empty() && !options.repeats) {
    add_days(model_seen(state_, fit_), present.rows().x, next.state_);
  }
  *this = std::move(next);
  return report;
}

/// Adds rows to the backtests of a state, forecast by the model that was shown before they were learned.
template <Fittable M>
void add_days(const M& seen, const RowView& rows, OnlineEMState<M>& out_state) {
  if constexpr (ForecastsTails<M>) {
    for (std::size_t k = 0; k < out_state.backtests.size(); ++k) {
      const WatchedPortfolio& portfolio = out_state.options.portfolios[k];
      out_state.backtests[k].add(portfolio, tail_forecast(seen, portfolio.weights, portfolio.alpha), rows);
    }
  }
}

/// Scores rows by the model before they are learned, and learns from them in as many parts as the rule wants.
template <Fittable M>
BatchReport score_and_learn(OnlineEMState<M>& state, typename M::Fit& fit, const BatchRows& rows) {
  const Index n = rows.x.rows();
  watch_columns(state, rows.x);
  if (state.lineage.parts.empty()) state.lineage.parts = {hash_of(rows.x, rows.weights)};
  const M before = state.driving;
  const std::int64_t parts = state.rule.parts(step_info(state, rows.weight, 0.0), rows.x.columns());
  BatchReport report{
      .step = state.step + 1, .rows = n, .weight = rows.weight, .parts = std::clamp<std::int64_t>(parts, 1, n)};
  const bool in_e_step = state.options.score && scores_in_e_step(state, report.parts);
  Vector log_f = state.options.score && !in_e_step ? fit.log_density(model_seen(state, fit), rows.x) : Vector(n);
  const std::span<double> from_e_step(log_f.data(), in_e_step ? static_cast<std::size_t>(n) : 0);
  double log_likelihood = 0.0;
  for (Index k = 0; k < report.parts; ++k) {
    const Index first = n * k / report.parts;
    const BatchRows part = rows.slice(first, n * (k + 1) / report.parts - first);
    log_likelihood += learn(state, fit, part, from_e_step, report.status) * part.weight;
  }
  if (state.options.score) {
    add_scores(state, log_f, rows, report);
  } else {
    report_likelihood(fit, before, rows, log_likelihood / rows.weight, report);
  }
  if (report.impossible > 0.0) {
    report.status.add(StatusCode::kImpossibleRows, "weight " + to_text(report.impossible), state.step);
  }
  report.parameter_change = law_difference(before, state.driving);
  state.status.add(report.status);
  ++state.step;
  return report;
}

/// Does the E-step of a fit; `out_log_density` is empty unless it gives the rows' log densities.
template <Fittable M>
EStepResult e_step(const typename M::Fit& fit, const M& model, const RowView& x, std::span<const double> weights,
                   std::span<double> out_log_density) {
  if constexpr (ScoredInEStep<M>) {
    return fit.e_step(model, x, weights, out_log_density);
  } else {
    assert(out_log_density.empty());
    return fit.e_step(model, x, weights);
  }
}

/// Learns from rows in one step of the algorithm: E-step, rule, model, gauge. Returns the mean log-likelihood of the
/// rows. A step that cannot be taken leaves the state as it was except for its times; `status` says so.
/// @param out_log_density  receives that of each row, unless empty.
template <Fittable M>
double learn(OnlineEMState<M>& state, typename M::Fit& fit, const BatchRows& rows, std::span<double> out_log_density,
             Status& status) {
  const DecayedRows decayed = decay(state, rows);
  EStepResult expected =
      e_step(fit, inner_rounds(state, fit, decayed, status), decayed.x, decayed.weights, out_log_density);
  const double log_likelihood = expected.log_lik;
  if (const std::string statistic = expected.eta.first_not_finite(); !statistic.empty()) {
    status.add(StatusCode::kStepReverted, statistic + " of the batch is not finite", state.step);
    return log_likelihood;
  }
  fit.add_spikes(expected, decayed.x, decayed.weights, state.step, status);

  UpdateRule rule = state.rule;
  StepInfo info = step_info(state, expected.eta.weight, decayed.elapsed);
  info.observed = {expected.observed.begin(), expected.observed.end()};
  const double weight = state.total_weight + rows.weight;
  Step<M> step = rule.moves_model() ? moved_step(state, fit, decayed, std::move(expected), rule, info, status)
                                    : blended_step(state, fit, expected.eta, rule, info, weight, status);
  if (take_step(state, fit, std::move(step), std::move(rule), status)) {
    state.total_weight = state.running.weight = weight;
    if (!rows.times.empty()) state.learned_time = rows.times.back();
  }
  return log_likelihood;
}

/// Returns the step of a rule that moves the model.
template <Fittable M>
Step<M> moved_step(const OnlineEMState<M>& state, typename M::Fit& fit, const DecayedRows& rows, EStepResult expected,
                   UpdateRule& inout_rule, const StepInfo& info, Status& status) {
  if constexpr (NaturalFittable<M>) {
    NaturalStep natural = *inout_rule.natural_step(info, state.initial.d());
    NaturalSteps<M> steps = natural_steps(state.driving, fit, rows, std::move(expected), std::move(natural));
    if (!steps.infeasible.empty()) return {state.running, {.model = std::nullopt, .infeasible = steps.infeasible}};
    if (!steps.raised_columns.empty()) {
      status.add(StatusCode::kDispersionFloor, list_columns(steps.raised_columns), state.step);
    }
    Eta own = fit.finite_statistics(steps.model, steps.e_step.eta);
    return {inout_rule.accumulate(own, own, info), fit.as_m_step(steps.model)};
  } else {
    throw std::logic_error("a rule that moves the model was given to a model that cannot be moved");
  }
}

/// Returns the step of a rule that blends statistics. Frozen states only gather statistics: their step has no model.
template <Fittable M>
Step<M> blended_step(const OnlineEMState<M>& state, const typename M::Fit& fit, const Eta& batch,
                     UpdateRule& inout_rule, const StepInfo& info, double weight, Status& status) {
  Eta wanted = inout_rule.accumulate(state.has_running ? state.running : batch, batch, info);
  wanted.weight = weight;
  if (state.options.frozen && wanted.is_finite() && inout_rule.report(wanted).is_finite())
    return {std::move(wanted), {}};
  return feasible_step(state, fit, std::move(wanted), inout_rule, status);
}

/// Returns the progress of the fit for the hooks of the rule.
template <Fittable M>
StepInfo step_info(const OnlineEMState<M>& state, double batch_weight, double elapsed) {
  return {.step = state.step, .weight_before = state.total_weight, .batch_weight = batch_weight, .elapsed = elapsed};
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
Step<M> feasible_step(const OnlineEMState<M>& state, const typename M::Fit& fit, Eta wanted, const UpdateRule& rule,
                      Status& status) {
  const auto m_step = [&](const Eta& eta, BelowFloor below) {
    return rule.emits_what_it_remembers() ? fit.m_step(eta, below) : fit.m_step(rule.emit(eta), below);
  };
  if (MStep<M> whole = m_step(wanted, BelowFloor::kInfeasible); whole.model) {
    return {std::move(wanted), std::move(whole)};
  }
  Step<M> step{wanted, {}};
  const int halvings = state.has_running ? kMaxHalvings : 0;
  for (int halving = 0; !step.m_step.model && halving < halvings && step.running.is_finite(); ++halving) {
    Eta half_way = blend(state.running, step.running, 0.5);
    half_way.weight = wanted.weight;
    step.m_step = m_step(half_way, BelowFloor::kInfeasible);
    step.running = std::move(half_way);
    if (step.m_step.model) {
      status.add(StatusCode::kStepHalved, std::to_string(halving + 1) + " times half-way back", state.step);
    }
  }
  if (step.m_step.model) return step;
  step.m_step = m_step(wanted, BelowFloor::kRaise);
  step.running = std::move(wanted);
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
  if (rule.moves_model() || (rule.emits_what_it_remembers() && rule.reports_what_it_emits())) return "";
  if (!rescale_y(rule.report(step.running), s).is_finite()) return "the range of doubles in what the rule reports";
  return "";
}

/// Takes a step, with `rule` as it is after it, and brings the state into the gauge E[Y] = 1. Returns true if the step
/// was taken.
template <Fittable M>
bool take_step(OnlineEMState<M>& state, typename M::Fit& fit, Step<M>&& step, UpdateRule&& rule, Status& status) {
  if (state.options.frozen && !step.m_step.model && step.m_step.infeasible.empty()) {
    state.running = std::move(step.running);
    state.has_running = true;
    state.rule = std::move(rule);
    return true;
  }
  const double s = 1.0 / fit.scale_of_y(step.running);
  if (const std::string obstacle = obstacle_to(step, fit, rule, s); !obstacle.empty()) {
    status.add(StatusCode::kStepReverted, "the blended statistics violate " + obstacle, state.step);
    return false;
  }
  state.running = rescale_y(std::move(step.running), s);
  state.has_running = true;
  state.driving = (*std::move(step.m_step.model)).rescale_y(s);
  state.rule = std::move(rule);
  rescale_y(state, fit, s);
  return true;
}

}  // namespace varimix
