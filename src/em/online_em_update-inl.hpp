#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/mixture/law_difference.hpp"

namespace varimix {
namespace {

void require_one_a_row(std::span<const double> values, const char* name, Index rows) {
  require(values.empty() || static_cast<Index>(values.size()) == rows, name, "one a row, " + std::to_string(rows),
          values.size());
}

/// The log densities of rows, those of density 0 apart.
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

double sum_of(std::span<const double> weights, Index rows) {
  return weights.empty() ? static_cast<double>(rows) : std::accumulate(weights.begin(), weights.end(), 0.0);
}

}  // namespace

template <Fittable M>
auto OnlineEM<M>::Rows::slice(Index first, Index count) const -> Rows {
  const auto part = [&](std::span<const double> all) {
    return all.empty() ? all : all.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  };
  const std::span<const double> some = part(weights);
  return {x.slice(first, count), some, part(times), sum_of(some, count)};
}

template <Fittable M>
void OnlineEM<M>::check_batch(const RowView& batch, const BatchOptions& options) const {
  require_rows(batch, d(), options.name, state_.options.missing);
  require_one_a_row(options.weights, "weights", batch.rows());
  for (std::size_t i = 0; i < options.weights.size(); ++i) {
    const double weight = options.weights[i];
    require(std::isfinite(weight) && weight >= 0.0, "weights[" + std::to_string(i) + "]", "finite and >= 0", weight);
  }
  require(std::isfinite(sum_of(options.weights, batch.rows())), "the sum of weights", "finite", "one that is not");
  const bool needs_times = state_.rule.time_half_life().has_value();
  require(needs_times != options.times.empty(), "times",
          needs_times ? "given, because the rule has a half-life in time"
                      : "left out, because the rule has no half-life in time",
          needs_times ? "none" : "some");
  require_one_a_row(options.times, "times", batch.rows());
  double before = state_.last_time.value_or(-std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < options.times.size(); ++i) {
    const double time = options.times[i];
    require(std::isfinite(time), "times[" + std::to_string(i) + "]", "finite", time);
    require(time >= before, "times[" + std::to_string(i) + "]", "no earlier than the row before", time);
    before = time;
  }
}

template <Fittable M>
BatchReport OnlineEM<M>::update(const RowView& batch, const BatchOptions& options) {
  check_batch(batch, options);
  std::vector<std::int64_t> rows;
  std::vector<double> weights;
  std::vector<double> times;
  bool has_absent = false;
  for (Index i = 0; i < batch.rows() && !has_absent; ++i) has_absent = is_absent(batch, i, options.weights);
  if (!has_absent) return learn_from({batch, options.weights, options.times, sum_of(options.weights, batch.rows())});
  for (Index i = 0; i < batch.rows(); ++i) {
    if (is_absent(batch, i, options.weights)) continue;
    const auto k = static_cast<std::size_t>(i);
    rows.push_back(i);
    if (!options.weights.empty()) weights.push_back(options.weights[k]);
    if (!options.times.empty()) times.push_back(options.times[k]);
  }
  if (rows.empty()) return {.step = state_.step, .drift = state_.drift.level()};
  return learn_from({batch.select(rows), weights, times, sum_of(weights, static_cast<Index>(rows.size()))});
}

/// Whether a row adds nothing: it has no weight, or shows nothing.
template <Fittable M>
bool OnlineEM<M>::is_absent(const RowView& batch, Index row, std::span<const double> weights) const {
  if (!weights.empty() && weights[static_cast<std::size_t>(row)] == 0.0) return true;
  if (state_.options.missing == Missing::kError) return false;
  for (Index j = 0; j < d(); ++j) {
    if (!std::isnan(batch(row, j))) return false;
  }
  return true;
}

/// Whatever throws on the way, the state then is what it was.
template <Fittable M>
BatchReport OnlineEM<M>::learn_from(const Rows& rows) {
  OnlineEM next = *this;
  BatchReport report = next.learn_in_parts(rows);
  *this = std::move(next);
  return report;
}

template <Fittable M>
BatchReport OnlineEM<M>::learn_in_parts(const Rows& rows) {
  const Index n = rows.x.rows();
  watch_columns(rows.x);
  if (state_.lineage.parts.empty()) state_.lineage.parts = {hash_of(rows.x, rows.weights)};
  const M before = state_.driving;
  BatchReport report{.step = state_.step + 1,
                     .rows = n,
                     .weight = rows.weight,
                     .parts = std::clamp<std::int64_t>(state_.rule.parts(step_info(rows.weight, 0.0), d()), 1, n)};
  if (state_.options.score) score(rows, report);
  double log_likelihood = 0.0;
  for (Index k = 0; k < report.parts; ++k) {
    const Index first = n * k / report.parts;
    const Rows part = rows.slice(first, n * (k + 1) / report.parts - first);
    log_likelihood += learn(part, report.status) * part.weight;
  }
  if (!state_.options.score) {
    report.log_likelihood = log_likelihood / rows.weight;
    if (!std::isfinite(report.log_likelihood)) {
      const RowScores scores = row_scores(fit_.log_density(before, rows.x), rows.weights);
      report.log_likelihood = scores.mean();
      report.impossible = scores.impossible;
    }
  }
  if (report.impossible > 0.0) {
    report.status.add(StatusCode::kImpossibleRows, "weight " + to_text(report.impossible), state_.step);
  }
  report.parameter_change = law_difference(before, state_.driving);
  state_.status.add(report.status);
  ++state_.step;
  return report;
}

/// What the model that users see gives to rows that it has not learned from.
template <Fittable M>
void OnlineEM<M>::score(const Rows& rows, BatchReport& report) {
  using Signal = DriftDetector::Signal;
  const Vector log_f = fit_.log_density(model(), rows.x);
  const RowScores scores = row_scores(log_f, rows.weights);
  report.log_likelihood = scores.mean();
  report.impossible = scores.impossible;
  state_.score.impossible += scores.impossible;
  if (scores.weight > 0.0) state_.score.add(scores.mean(), scores.weight);
  for (Index i = 0; i < log_f.size(); ++i) {
    if (!std::isfinite(log_f(i))) continue;
    const double level = state_.drift.level();
    const Signal signal = state_.drift.add(log_f(i), weight_of(rows.weights, i));
    if (signal == Signal::kNone || report.change) continue;
    report.change = true;
    report.drift = signal == Signal::kWorse ? std::max(1.0, level) : std::min(-1.0, level);
    report.status.add(StatusCode::kDrift, signal == Signal::kWorse ? "worse" : "better", state_.step);
  }
  if (!report.change) report.drift = state_.drift.level();
}

/// Keeps the columns in which every value so far equals the first.
template <Fittable M>
void OnlineEM<M>::watch_columns(const RowView& batch) {
  if (state_.first_row.size() == 0) {
    state_.first_row = Vector::Constant(d(), std::numeric_limits<double>::quiet_NaN());
  }
  for (Index j = 0; j < d(); ++j) {
    double& first = state_.first_row(j);
    auto& constant = state_.constant_columns;
    bool is_new = std::isnan(first);
    const auto found = std::find(constant.begin(), constant.end(), j);
    if (!is_new && found == constant.end()) continue;
    bool varies = false;
    for (Index i = 0; i < batch.rows() && !varies; ++i) {
      const double value = batch(i, j);
      if (std::isnan(value)) continue;
      if (std::isnan(first)) first = value;
      varies = value != first;
    }
    if (is_new && !std::isnan(first) && !varies)
      constant.insert(std::upper_bound(constant.begin(), constant.end(), j), j);
    if (!is_new && varies) constant.erase(found);
  }
}

}  // namespace varimix
