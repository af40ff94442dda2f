#include "varimix/em/online_em.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>

#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/default_init.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/mixture/law_difference.hpp"
#include "varimix/mixture/m_step.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {
namespace {

// A tail weight below this many standard errors of a Gaussian sample's is not told from zero (one false alarm in 700).
constexpr double kGaussianLimitErrors = 3.0;

template <Subordinator S>
constexpr LogY needed_log_y() {
  return S::kUsesLogY ? LogY::kCompute : LogY::kLeaveOut;
}

/// The factor s of Y -> sY that takes a model to a gauge of display.
template <Subordinator S>
double display_factor(const NormalMixture<S>& model, const NormalMixture<S>& initial, std::string_view regularization) {
  const auto d = static_cast<double>(model.d());
  if (regularization == "mean_y_one") return 1.0 / model.subordinator().E_Y();
  if (regularization == "det_sigma_one") return std::exp(model.log_det_sigma() / d);
  if (regularization == "det_sigma_x") return std::exp((model.log_det_sigma() - initial.log_det_sigma()) / d);
  if (regularization == "a_eq_b") {
    const GigParameters gig = model.subordinator().gig();
    return std::sqrt(gig.a / gig.b);
  }
  return 1.0;
}

/// Whether a model and the statistics behind it stay within the range of doubles as Y becomes sY.
template <Subordinator S>
bool can_be_rescaled(const NormalMixture<S>& model, const Expectations& eta, double s) {
  const GigParameters gig = model.subordinator().gig();
  const Vector whitened_gamma = model.L_Sigma().template triangularView<Eigen::Lower>().solve(model.gamma());
  return std::isnormal(s) && std::isfinite(whitened_gamma.squaredNorm() / s) && (model.gamma() / s).allFinite() &&
         (model.L_Sigma() / std::sqrt(s)).allFinite() && (eta.x_inv_y / s).allFinite() &&
         (eta.xx_inv_y / s).allFinite() && std::isfinite(eta.inv_y / s) && std::isnormal(gig.a / s) &&
         std::isnormal(gig.b * s);
}

}  // namespace

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
      floor_(kDispersionFloorRatio * running_.y * initial_.sigma().diagonal()) {
  require(options_.inner_iter >= 1, "inner_iter", ">= 1", options_.inner_iter);
  check_regularization(options_.regularization);
  rule_.check(d());
  if (!S::kUsesLogY) running_.log_y.reset();
  const double s = 1.0 / running_.y;
  running_ = rescale_y(running_, s);
  driving_ = driving_.rescale_y(s);
  rule_.rescale_y(s);
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
  const auto [batch_eta, log_likelihood] = e_step(inner_rounds(part, status), part, initial_.mu(), needed_log_y<S>());
  if (const char* statistic = batch_eta.first_not_finite(); *statistic != '\0') {
    status.add(StatusCode::kStepReverted, std::string(statistic) + " of the batch is not finite", step_);
    return log_likelihood;
  }
  UpdateRule rule = rule_;
  const Expectations wanted = rule.accumulate(running_, batch_eta, step_info(part.rows()));
  if (take_step(wanted, std::move(rule), status)) total_weight_ += static_cast<double>(part.rows());
  return log_likelihood;
}

/// M-step of what the rule emits for `wanted`, or as much of it as is feasible, and the gauge E[Y] = 1 for all that is kept.
template <Subordinator S>
bool OnlineEM<S>::take_step(const Expectations& wanted, UpdateRule rule, Status& status) {
  const auto m_step_of = [&](const Expectations& eta, BelowFloor below) {
    return m_step<S>(rule.emit(eta), floor_, below);
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
  rule_.rescale_y(s);
  in_gaussian_limit_ = result.gaussian_limit;
  return true;
}

/// The model of the last inner round's E-step; the driving model for inner_iter = 1.
template <Subordinator S>
NormalMixture<S> OnlineEM<S>::inner_rounds(const RowView& part, Status& status) const {
  NormalMixture<S> model = driving_;
  for (int round = 1; round < options_.inner_iter; ++round) {
    const EStepResult inner = e_step(model, part, initial_.mu(), needed_log_y<S>());
    MStepResult<S> result = m_step<S>(inner.eta, floor_, BelowFloor::kInfeasible);
    if (!result.model) {
      status.add(StatusCode::kInnerRoundsStopped, "it violates " + std::string(result.infeasible), step_);
      break;
    }
    model = *std::move(result.model);
  }
  return model;
}

/// The M-step of what users see.
template <Subordinator S>
MStepResult<S> OnlineEM<S>::reported() const {
  return m_step<S>(rule_.report(running_), floor_, BelowFloor::kRaise);
}

template <Subordinator S>
NormalMixture<S> OnlineEM<S>::model() const {
  if (total_weight_ == 0.0) return initial_;
  const NormalMixture<S> shown = reported().model.value_or(driving_);
  return shown.rescale_y(display_factor(shown, initial_, options_.regularization));
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
  const MStepResult<S> shown = reported();
  if (!shown.model) {
    all.add(StatusCode::kStepReverted,
            "the reported statistics violate " + std::string(shown.infeasible) + "; the driving model is shown");
  }
  const double tail_weight = shown.model.value_or(driving_).tail_weight();
  const double error = gaussian_tail_weight_error(rows, d());
  if (in_gaussian_limit_ || tail_weight < kGaussianLimitErrors * error) {
    all.add(StatusCode::kGaussianLimit, "tail weight " + std::to_string(tail_weight) +
                                            ", standard error for Gaussian rows " + std::to_string(error));
  }
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

template class OnlineEM<InverseGaussian>;

}  // namespace varimix
