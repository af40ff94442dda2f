#include "varimix/em/online_em.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>

#include "../mixture/families.hpp"
#include "display_gauge.hpp"
#include "limits.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/mixture/law_difference.hpp"
#include "varimix/mixture/m_step.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {
void check_regularization(const std::string& regularization) {
  constexpr std::array<std::string_view, 5> kKnown = {"none", "mean_y_one", "det_sigma_one", "det_sigma_x", "a_eq_b"};
  require(std::find(kKnown.begin(), kKnown.end(), regularization) != kKnown.end(), "regularization",
          "one of 'none', 'mean_y_one', 'det_sigma_one', 'det_sigma_x', 'a_eq_b'", "'" + regularization + "'");
}

template <Subordinator S>
OnlineEM<S>::OnlineEM(NormalMixture<S> model, UpdateRule eta_update, OnlineEMOptions options)
    : initial_(std::move(model)),
      driving_(initial_),
      running_(initial_.compute_eta_from_model()),
      rule_(std::move(eta_update)),
      options_(std::move(options)),
      fixed_(fix_parameters(initial_, options_.fixed, options_.symmetric)) {
  require(options_.inner_iter >= 1, "inner_iter", ">= 1", options_.inner_iter);
  check_display_gauge<S>(options_.regularization);
  rule_.check(d());
  if (!S::kUsesLogY) running_.log_y.reset();
  has_running_ = running_.is_finite();
  const double y = has_running_ ? running_.y : mode_of_log_y(initial_.subordinator().gig());
  m_step_options_ = {.floor = kDispersionFloorRatio * y * initial_.sigma().diagonal(),
                     .alpha_min = least_alpha<S>(options_.alpha_min, d())};
  if (has_running_) running_ = rescale_y(running_, 1.0 / y);
  enter_gauge(1.0 / y);
  driving_ = driving_.rescale_y(1.0 / y);
}

/// Multiplies what is carried along by the factor s of Y -> sY.
template <Subordinator S>
void OnlineEM<S>::enter_gauge(double s) {
  gauge_ *= s;
  rule_.rescale_y(s);
  m_step_options_.fixed = fixed_.rescale_y(gauge_);
}

template <Subordinator S>
BatchReport OnlineEM<S>::update(const RowView& batch, const char* name) {
  require_rows(batch, d(), name);
  watch_columns(batch);
  const NormalMixture<S> before = driving_;
  BatchReport report{.rows = batch.rows(),
                     .parts = std::clamp<std::int64_t>(rule_.parts(step_info(batch.rows()), d()), 1, batch.rows())};
  for (Index k = 0; k < report.parts; ++k) {
    const Index first = batch.rows() * k / report.parts;
    const RowView part = batch.slice(first, batch.rows() * (k + 1) / report.parts - first);
    report.log_likelihood += learn(part, report.status) * static_cast<double>(part.rows());
  }
  report.log_likelihood /= static_cast<double>(batch.rows());
  report.parameter_change = law_difference(before, driving_);
  status_.add(report.status);
  ++step_;
  return report;
}

/// One step of the algorithm on a part of a batch; returns the mean log-likelihood of its rows.
template <Subordinator S>
double OnlineEM<S>::learn(const RowView& part, Status& status) {
  const auto [batch_eta, log_likelihood, floored_rows] =
      e_step(inner_rounds(part, status), part, initial_.mu(), e_step_options());
  if (const char* statistic = batch_eta.first_not_finite(); *statistic != '\0') {
    status.add(StatusCode::kStepReverted, std::string(statistic) + " of the batch is not finite", step_);
    return log_likelihood;
  }
  if (floored_rows > 0) status.add(StatusCode::kModeTrap, std::to_string(floored_rows) + " rows of the step", step_);
  if (!has_running_) running_ = batch_eta;
  has_running_ = true;
  UpdateRule rule = rule_;
  const Expectations wanted = rule.accumulate(running_, batch_eta, step_info(part.rows()));
  if (take_step(wanted, std::move(rule), status)) total_weight_ += static_cast<double>(part.rows());
  return log_likelihood;
}

/// M-step of what the rule emits for `wanted`, or as much of it as is feasible, and the gauge E[Y] = 1 for all that is kept.
template <Subordinator S>
bool OnlineEM<S>::take_step(const Expectations& wanted, UpdateRule rule, Status& status) {
  const auto m_step_of = [&](const Expectations& eta, BelowFloor below) {
    return m_step_of_rule(rule.emit(eta), below);
  };
  Expectations candidate = wanted;
  MStepResult<S> result = m_step_of(candidate, BelowFloor::kInfeasible);
  for (int halving = 0; !result.model && halving < kMaxHalvings && candidate.is_finite(); ++halving) {
    candidate = blend(running_, candidate, 0.5);
    result = m_step_of(candidate, BelowFloor::kInfeasible);
    if (result.model) status.add(StatusCode::kStepHalved, std::to_string(halving + 1) + " times half-way back", step_);
  }
  if (!result.model) {
    candidate = wanted;
    result = m_step_of(candidate, BelowFloor::kRaise);
    if (result.model) status.add(StatusCode::kDispersionFloor, list_columns(result.raised_columns), step_);
  }
  const double s = 1.0 / candidate.y;
  if (result.model && !can_be_rescaled(*result.model, candidate, s)) {
    result = {.model = std::nullopt, .infeasible = "the range of doubles in the gauge E[Y] = 1"};
  }
  if (!result.model) {
    status.add(StatusCode::kStepReverted, "the blended statistics violate " + std::string(result.infeasible), step_);
    return false;
  }
  running_ = rescale_y(candidate, s);
  driving_ = result.model->rescale_y(s);
  rule_ = std::move(rule);
  enter_gauge(s);
  return true;
}

/// The model of the last inner round's E-step; the driving model for inner_iter = 1.
template <Subordinator S>
NormalMixture<S> OnlineEM<S>::inner_rounds(const RowView& part, Status& status) const {
  NormalMixture<S> model = driving_;
  for (int round = 1; round < options_.inner_iter; ++round) {
    const EStepResult inner = e_step(model, part, initial_.mu(), e_step_options());
    MStepResult<S> result = m_step_of_rule(inner.eta, BelowFloor::kInfeasible);
    if (!result.model) {
      status.add(StatusCode::kInnerRoundsStopped, "it violates " + std::string(result.infeasible), step_);
      break;
    }
    model = *std::move(result.model);
  }
  return model;
}

template <Subordinator S>
EStepOptions OnlineEM<S>::e_step_options() const {
  return {.log_y = S::kUsesLogY ? LogY::kCompute : LogY::kLeaveOut,
          .distance_floor = kModeDistanceFloor * static_cast<double>(d())};
}

template <Subordinator S>
MStepResult<S> OnlineEM<S>::m_step_of_rule(const Expectations& eta, BelowFloor below) const {
  MStepOptions<S> options = m_step_options_;
  options.below_floor = below;
  return m_step<S>(eta, options);
}

/// The model that users see.
template <Subordinator S>
NormalMixture<S> OnlineEM<S>::shown(Status& out_status) const {
  const MStepResult<S> result = m_step_of_rule(rule_.report(running_), BelowFloor::kRaise);
  if (!result.model) {
    out_status.add(StatusCode::kStepReverted, "the reported statistics violate " + std::string(result.infeasible) +
                                                  "; the driving model is shown");
  }
  return in_display_gauge(result.model.value_or(driving_), {initial_, fixed_, options_.regularization, gauge_},
                          out_status);
}

template <Subordinator S>
NormalMixture<S> OnlineEM<S>::model() const {
  Status ignored;
  return total_weight_ == 0.0 ? initial_ : shown(ignored);
}

template <Subordinator S>
Status OnlineEM<S>::status(double distinct_rows) const {
  Status all = status_;
  const bool has_learned = total_weight_ > 0.0;
  const double rows = has_learned ? std::min(total_weight_, distinct_rows) : distinct_rows;
  if (!constant_columns_.empty()) all.add(StatusCode::kConstantColumn, list_columns(constant_columns_));
  if (rows < static_cast<double>(d() + 1)) {
    all.add(StatusCode::kTooFewRows,
            std::to_string(static_cast<std::int64_t>(rows)) + " rows of " + std::to_string(d()) + " columns");
  }
  if (!has_learned) return all;

  if (!rule_.weights_sum_to_one()) all.add(StatusCode::kWeightsNotOne);
  (void)shown(all);
  const Expectations reported = rule_.report(running_);
  add_limits(m_step_of_rule(reported, BelowFloor::kRaise), reported, rows, all);
  return all;
}

template <Subordinator S>
StepInfo OnlineEM<S>::step_info(Index rows) const {
  return {.step = step_, .weight_before = total_weight_, .batch_weight = static_cast<double>(rows)};
}

/// Keeps the columns in which every row so far equals the first.
template <Subordinator S>
void OnlineEM<S>::watch_columns(const RowView& batch) {
  if (first_row_.size() == 0) {
    first_row_.resize(d());
    for (Index j = 0; j < d(); ++j) first_row_(j) = batch(0, j);
    constant_columns_.resize(static_cast<std::size_t>(d()));
    std::iota(constant_columns_.begin(), constant_columns_.end(), Index{0});
  }
  std::erase_if(constant_columns_, [&](Index j) {
    for (Index i = 0; i < batch.rows(); ++i) {
      if (batch(i, j) != first_row_(j)) return true;
    }
    return false;
  });
}

#define VARIMIX_INSTANTIATE(S) template class OnlineEM<S>;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
