#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "batch_rows.hpp"
#include "online_em_model.hpp"
#include "varimix/core/weights.hpp"

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

}  // namespace

/// Returns true if the E-step of the rows, learned in so many parts, is that of the law that users see.
template <Fittable M>
bool scores_in_e_step(const OnlineEMState<M>& state, std::int64_t parts) {
  if (!ScoredInEStep<M> || parts != 1 || state.options.inner_iter != 1) return false;
  if (state.total_weight == 0.0 || state.rule.moves_model()) return true;
  return !state.options.frozen && state.rule.report(state.running) == state.rule.emit(state.running);
}

/// Adds the scores of rows, log_f, under the model that users saw before the rows were learned.
template <Fittable M>
void add_scores(OnlineEMState<M>& state, const Vector& log_f, const BatchRows& rows, BatchReport& report) {
  using Signal = DriftDetector::Signal;
  const RowScores scores = row_scores(log_f, rows.weights);
  report.log_likelihood = scores.mean();
  report.impossible = scores.impossible;
  state.score.impossible += scores.impossible;
  if (scores.weight > 0.0) state.score.add(scores.mean(), scores.weight);
  const auto add_row = [&](DriftDetector& drift, Index i) {
    return std::isfinite(log_f(i)) ? drift.add(log_f(i), weight_of(rows.weights, i)) : Signal::kNone;
  };
  const DriftDetector before = state.drift;
  for (Index i = 0; i < log_f.size(); ++i) {
    const Signal signal = add_row(state.drift, i);
    if (signal == Signal::kNone || report.change) continue;
    DriftDetector until_signal = before;  // which has begun anew
    for (Index k = 0; k < i; ++k) (void)add_row(until_signal, k);
    const double level = until_signal.level();
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
