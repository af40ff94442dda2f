#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "online_em_step.hpp"
#include "varimix/core/weights.hpp"
#include "varimix/mixture/law_difference.hpp"

namespace varimix {
namespace {

/// The sums over the log densities of rows, with the weight of the rows of density 0 apart.
struct RowScores {
  double total = 0.0;
  double weight = 0.0;
  double impossible = 0.0;
  [[nodiscard]] double mean() const { return weight > 0.0 ? total / weight : 0.0; }
};

RowScores row_scores(const Vector& log_density, std::span<const double> weights) {
  RowScores scores;
  for (Index i = 0; i < log_density.size(); ++i) {
    const double weight = weight_of(weights, i);
    if (std::isfinite(log_density(i))) {
      scores.total += weight * log_density(i);
      scores.weight += weight;
    } else {
      scores.impossible += weight;
    }
  }
  return scores;
}

std::string to_text(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

}  // namespace

template <Fittable M>
BatchReport OnlineEM<M>::update(const RowView& batch, const BatchOptions& options) {
  require_rows(batch, d(), options.name, state_.options.missing);
  check_weights(options.weights, batch.rows());
  check_times(options.times, batch.rows(), state_.rule.time_half_life().has_value(), state_.last_time);
  const PresentRows present(batch, options, state_.options.missing);
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

/// Scores rows under the model that users see, which has not learned from them.
template <Fittable M>
void score(OnlineEMState<M>& state, const typename M::Fit& fit, const BatchRows& rows, BatchReport& report) {
  using Signal = DriftDetector::Signal;
  const Vector log_f = fit.log_density(model_seen(state, fit), rows.x);
  const RowScores scores = row_scores(log_f, rows.weights);
  report.log_likelihood = scores.mean();
  report.impossible = scores.impossible;
  state.score.impossible += scores.impossible;
  if (scores.weight > 0.0) state.score.add(scores.mean(), scores.weight);
  for (Index i = 0; i < log_f.size(); ++i) {
    if (!std::isfinite(log_f(i))) continue;
    const double level = state.drift.level();
    const Signal signal = state.drift.add(log_f(i), weight_of(rows.weights, i));
    if (signal == Signal::kNone || report.change) continue;
    report.change = true;
    report.drift = signal == Signal::kWorse ? std::max(1.0, level) : std::min(-1.0, level);
    report.status.add(StatusCode::kDrift, signal == Signal::kWorse ? "worse" : "better", state.step);
  }
  if (!report.change) report.drift = state.drift.level();
}

/// Reports the mean log-likelihood of the E-steps or, if it is not finite, that of the rows of density > 0 under the
/// model before.
template <Fittable M>
void report_likelihood(const typename M::Fit& fit, const M& before, const BatchRows& rows, double log_likelihood,
                       BatchReport& report) {
  report.log_likelihood = log_likelihood;
  if (std::isfinite(log_likelihood)) return;
  const RowScores scores = row_scores(fit.log_density(before, rows.x), rows.weights);
  report.log_likelihood = scores.mean();
  report.impossible = scores.impossible;
}

/// Updates the list of columns in which every value so far equals the first.
template <Fittable M>
void watch_columns(OnlineEMState<M>& state, const RowView& batch) {
  if (state.first_row.size() == 0) {
    state.first_row = Vector::Constant(batch.columns(), std::numeric_limits<double>::quiet_NaN());
  }
  auto& constant = state.constant_columns;
  for (Index j = 0; j < batch.columns(); ++j) {
    double& first = state.first_row(j);
    const bool is_new = std::isnan(first);
    const auto found = std::find(constant.begin(), constant.end(), j);
    if (!is_new && found == constant.end()) continue;
    bool varies = false;
    for (Index i = 0; i < batch.rows() && !varies; ++i) {
      const double value = batch(i, j);
      if (std::isnan(value)) continue;
      if (std::isnan(first)) first = value;
      varies = value != first;
    }
    if (is_new && !std::isnan(first) && !varies) {
      constant.insert(std::upper_bound(constant.begin(), constant.end(), j), j);
    }
    if (!is_new && varies) constant.erase(found);
  }
}

}  // namespace varimix
