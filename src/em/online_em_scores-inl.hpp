#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "batch_rows.hpp"
#include "kernels/accumulate.hpp"
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
  const Index n = log_density.size();
  const double sum = weights.empty()
                         ? kernels::sum(log_density.data(), n)
                         : kernels::sum(Vector(log_density.cwiseProduct(Vector::Map(weights.data(), n))).data(), n);
  if (std::isfinite(sum)) return {.total = sum, .weight = total_weight(weights, n)};
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

/// The rows of density > 0: their log densities and weights (empty for ones).
struct FiniteScores {
  FiniteScores(const Vector& log_density, std::span<const double> of_rows, bool some_are_not)
      : scores(log_density.data(), static_cast<std::size_t>(log_density.size())), weights(of_rows) {
    if (!some_are_not) return;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (!std::isfinite(scores[i])) continue;
      own_scores_.push_back(scores[i]);
      own_weights_.push_back(weight_of(of_rows, static_cast<Index>(i)));
    }
    scores = own_scores_;
    weights = own_weights_;
  }
  [[nodiscard]] std::span<const double> weights_from(std::size_t first) const {
    return weights.empty() ? weights : weights.subspan(first);
  }

  std::span<const double> scores;
  std::span<const double> weights;

 private:
  std::vector<double> own_scores_;
  std::vector<double> own_weights_;
};

}  // namespace

/// Returns true if the E-step of the rows, learned in so many parts, is that of the law that users see.
template <Fittable M>
bool scores_in_e_step(const OnlineEMState<M>& state, std::int64_t parts) {
  if (!ScoredInEStep<M> || parts != 1 || state.options.inner_iter != 1) return false;
  if (state.total_weight == 0.0 || state.rule.moves_model()) return true;
  if (state.options.frozen) return false;
  const UpdateRule& rule = state.rule;
  return rule.reports_what_it_emits() || rule.report(state.running) == rule.emit(state.running);
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
  const FiniteScores finite(log_f, rows.weights, scores.impossible > 0.0);
  const DriftDetector before = state.drift;
  for (std::size_t first = 0; first < finite.scores.size();) {
    const auto [taken, signal] = state.drift.add(finite.scores.subspan(first), finite.weights_from(first));
    first += taken;
    if (signal == Signal::kNone || report.change) continue;
    DriftDetector until_signal = before;  // the one that gave it has begun anew
    (void)until_signal.add(finite.scores.first(first - 1), finite.weights);
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
