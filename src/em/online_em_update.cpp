#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "../mixture/families.hpp"
#include "display_gauge.hpp"
#include "limits.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/mixture/law_difference.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {
namespace {

void check_numbers(std::span<const double> values, const char* name, Index rows) {
  require(values.empty() || static_cast<Index>(values.size()) == rows, name, "one a row, " + std::to_string(rows),
          values.size());
}

/// Moments of the log-likelihoods of rows, and of weights where there are any.
ScoreMoments score_moments(const Vector& log_density, std::span<const double> weights) {
  ScoreMoments moments;
  for (Index i = 0; i < log_density.size(); ++i) {
    const double weight = weights.empty() ? 1.0 : weights[static_cast<std::size_t>(i)];
    moments.weight += weight;
    moments.mean += weight * log_density(i);
  }
  moments.mean /= moments.weight;
  for (Index i = 0; i < log_density.size(); ++i) {
    const double weight = weights.empty() ? 1.0 : weights[static_cast<std::size_t>(i)];
    moments.deviation += weight * (log_density(i) - moments.mean) * (log_density(i) - moments.mean);
  }
  return moments;
}

double sum_of(std::span<const double> weights, Index rows) {
  return weights.empty() ? static_cast<double>(rows) : std::accumulate(weights.begin(), weights.end(), 0.0);
}

}  // namespace

template <Subordinator S>
auto OnlineEM<S>::Rows::slice(Index first, Index count) const -> Rows {
  const auto part = [&](std::span<const double> all) {
    return all.empty() ? all : all.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  };
  const std::span<const double> some = part(weights);
  return {x.slice(first, count), some, part(times), sum_of(some, count)};
}

template <Subordinator S>
void OnlineEM<S>::check_batch(const RowView& batch, const BatchOptions& options) const {
  require_rows(batch, d(), options.name, missing_);
  check_numbers(options.weights, "weights", batch.rows());
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
  check_numbers(options.times, "times", batch.rows());
  double before = state_.last_time.value_or(-std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < options.times.size(); ++i) {
    const double time = options.times[i];
    require(std::isfinite(time), "times[" + std::to_string(i) + "]", "finite", time);
    require(time >= before, "times[" + std::to_string(i) + "]", "no earlier than the row before", time);
    before = time;
  }
}

template <Subordinator S>
BatchReport OnlineEM<S>::update(const RowView& batch, const BatchOptions& options) {
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
    rows.push_back(batch.source_row(i));
    if (!options.weights.empty()) weights.push_back(options.weights[k]);
    if (!options.times.empty()) times.push_back(options.times[k]);
  }
  if (rows.empty()) return {.step = state_.step, .drift = state_.drift.level()};
  return learn_from({batch.select_source(rows), weights, times, sum_of(weights, static_cast<Index>(rows.size()))});
}

/// Whether a row adds nothing: it has no weight, or shows nothing.
template <Subordinator S>
bool OnlineEM<S>::is_absent(const RowView& batch, Index row, std::span<const double> weights) const {
  if (!weights.empty() && weights[static_cast<std::size_t>(row)] == 0.0) return true;
  if (missing_ == Missing::kError) return false;
  for (Index j = 0; j < d(); ++j) {
    if (!std::isnan(batch(row, j))) return false;
  }
  return true;
}

/// A rule that is not ours may throw: the state then is what it was.
template <Subordinator S>
BatchReport OnlineEM<S>::learn_from(const Rows& rows) {
  if (!state_.rule.name().empty()) return learn_in_parts(rows);
  OnlineEM next = *this;
  BatchReport report = next.learn_in_parts(rows);
  *this = std::move(next);
  return report;
}

template <Subordinator S>
BatchReport OnlineEM<S>::learn_in_parts(const Rows& rows) {
  const Index n = rows.x.rows();
  watch_columns(rows.x);
  const NormalMixture<S> before = state_.driving;
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
  if (report.change) report.status.add(StatusCode::kDrift, "", state_.step);
  if (!state_.options.score) report.log_likelihood = log_likelihood / rows.weight;
  report.parameter_change = law_difference(before, state_.driving);
  state_.status.add(report.status);
  ++state_.step;
  return report;
}

/// What the model that users see gives to rows that it has not learned from.
template <Subordinator S>
void OnlineEM<S>::score(const Rows& rows, BatchReport& report) {
  const ScoreMoments moments = score_moments(log_density(model(), rows.x, missing_), rows.weights);
  report.log_likelihood = moments.mean;
  state_.score.add(moments.mean, moments.weight);
  report.change = state_.drift.add(moments);
  report.drift = report.change ? 1.0 : state_.drift.level();
}

/// One step of the algorithm on a part of a batch; returns the mean log-likelihood of its rows.
template <Subordinator S>
double OnlineEM<S>::learn(const Rows& part, Status& status) {
  EStepOptions options = e_step_options();
  options.weights = part.weights;
  std::vector<double> decayed;
  double elapsed = 0.0;
  if (!part.times.empty()) {
    const double last = part.times.back();
    elapsed = last - state_.last_time.value_or(part.times.front());
    decayed.assign(part.weights.begin(), part.weights.end());
    if (decayed.empty()) decayed.assign(part.times.size(), 1.0);
    const double half_life = *state_.rule.time_half_life();
    for (std::size_t i = 0; i < decayed.size(); ++i) decayed[i] *= std::exp2((part.times[i] - last) / half_life);
    options.weights = decayed;
    state_.last_time = last;
  }
  const EStepResult expected = e_step(inner_rounds(part, options, status), part.x, state_.initial.mu(), options);
  const Expectations& batch_eta = expected.eta;
  const double log_likelihood = expected.log_lik;
  if (const char* statistic = batch_eta.first_not_finite(); *statistic != '\0') {
    status.add(StatusCode::kStepReverted, std::string(statistic) + " of the batch is not finite", state_.step);
    return log_likelihood;
  }
  add_mode_trap(expected, part.x, options.weights, state_.step, status);
  if (!state_.has_running) state_.running = batch_eta;
  state_.has_running = true;
  if (state_.lineage.parts.empty()) {
    state_.lineage.parts = {hash_of(batch_eta, state_.total_weight, state_.step)};
  }
  UpdateRule rule = state_.rule;
  const Expectations wanted = rule.accumulate(state_.running, batch_eta, step_info(batch_eta.weight, elapsed));
  if (take_step(wanted, std::move(rule), status)) state_.total_weight += part.weight;
  return log_likelihood;
}

/// M-step of what the rule emits for `wanted`, or as much of it as is feasible, and the gauge E[Y] = 1 for all that is kept.
template <Subordinator S>
// NOLINTNEXTLINE(performance-unnecessary-value-param): it is moved, which a template hides from it
bool OnlineEM<S>::take_step(const Expectations& wanted, UpdateRule rule, Status& status) {
  if (state_.options.frozen && wanted.is_finite()) {
    state_.running = wanted;
    state_.rule = std::move(rule);
    return true;
  }
  const auto m_step_of = [&](const Expectations& eta, BelowFloor below) {
    return m_step_of_rule(rule.emit(eta), below);
  };
  Expectations candidate = wanted;
  MStepResult<S> result = m_step_of(candidate, BelowFloor::kInfeasible);
  for (int halving = 0; !result.model && halving < kMaxHalvings && candidate.is_finite(); ++halving) {
    candidate = blend(state_.running, candidate, 0.5);
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
  const double s = 1.0 / candidate.y;
  if (result.model && !can_be_rescaled(*result.model, candidate, s)) {
    result = {.model = std::nullopt, .infeasible = "the range of doubles in the gauge E[Y] = 1"};
  }
  if (!result.model) {
    status.add(StatusCode::kStepReverted, "the blended statistics violate " + std::string(result.infeasible),
               state_.step);
    return false;
  }
  state_.running = rescale_y(candidate, s);
  state_.driving = result.model->rescale_y(s);
  state_.rule = std::move(rule);
  enter_gauge(s);
  return true;
}

/// The model of the last inner round's E-step; the driving model for inner_iter = 1.
template <Subordinator S>
NormalMixture<S> OnlineEM<S>::inner_rounds(const Rows& part, const EStepOptions& options, Status& status) const {
  NormalMixture<S> model = state_.driving;
  for (int round = 1; round < state_.options.inner_iter; ++round) {
    const EStepResult inner = e_step(model, part.x, state_.initial.mu(), options);
    MStepResult<S> result = m_step_of_rule(inner.eta, BelowFloor::kInfeasible);
    if (!result.model) {
      status.add(StatusCode::kInnerRoundsStopped, "it violates " + std::string(result.infeasible), state_.step);
      break;
    }
    model = *std::move(result.model);
  }
  return model;
}

template <Subordinator S>
EStepOptions OnlineEM<S>::e_step_options() const {
  return {.log_y = S::kUsesLogY ? LogY::kCompute : LogY::kLeaveOut,
          .distance_floor = kModeDistanceFloor * static_cast<double>(d()),
          .missing = missing_};
}

template <Subordinator S>
StepInfo OnlineEM<S>::step_info(double weight, double elapsed) const {
  return {.step = state_.step, .weight_before = state_.total_weight, .batch_weight = weight, .elapsed = elapsed};
}

/// Keeps the columns in which every value so far equals the first.
template <Subordinator S>
void OnlineEM<S>::watch_columns(const RowView& batch) {
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

#define VARIMIX_INSTANTIATE(S)                                                       \
  template BatchReport OnlineEM<S>::update(const RowView&, const BatchOptions&);     \
  template void OnlineEM<S>::check_batch(const RowView&, const BatchOptions&) const; \
  template StepInfo OnlineEM<S>::step_info(double, double) const;                    \
  template EStepOptions OnlineEM<S>::e_step_options() const;                         \
  template bool OnlineEM<S>::take_step(const Expectations&, UpdateRule, Status&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
