#include "varimix/em/online_em.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <utility>

#include "display_gauge.hpp"
#include "fit_outcomes.hpp"
#include "mixture/families.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/law_difference.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {

namespace {

template <class Left>
bool same_values(const Left& left, const Left& right) {
  // NaN marks a column that no row has shown, and equals itself here.
  return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(), [](double a, double b) {
           return a == b || (std::isnan(a) && std::isnan(b));
         });
}

}  // namespace

template <Subordinator S>
bool OnlineEMState<S>::operator==(const OnlineEMState& other) const {
  return initial == other.initial && options == other.options && key == other.key && rule == other.rule &&
         driving == other.driving && running == other.running && has_running == other.has_running &&
         gauge == other.gauge && step == other.step && total_weight == other.total_weight &&
         last_time == other.last_time && learned_time == other.learned_time && score == other.score &&
         drift == other.drift && lineage == other.lineage && position == other.position && status == other.status &&
         same_values(first_row, other.first_row) && constant_columns == other.constant_columns;
}

template <Subordinator S>
// NOLINTNEXTLINE(performance-unnecessary-value-param): they are moved, which a template hides from it
OnlineEM<S>::OnlineEM(MeanVarianceMixture<S> model, UpdateRule eta_update, const Key& key, OnlineEMOptions options)
    : state_{.initial = model,
             .options = std::move(options),
             .key = key,
             .rule = std::move(eta_update),
             .driving = model,
             .running = model.compute_eta_from_model(),
             .score = {}} {
  derive();
  state_.score.half_life = state_.options.score_half_life;
  if (!S::kUsesLogY) {
    state_.running.layout = mean_variance_layout(d(), LogY::kLeaveOut);
    state_.running.values.conservativeResize(state_.running.layout.size());
  }
  state_.has_running = state_.running.is_finite();
  const double y = state_.has_running ? state_.running.E_Y() : mode_of_log_y(model.subordinator().gig());
  if (state_.has_running) state_.running = rescale_y(state_.running, 1.0 / y);
  enter_gauge(1.0 / y);
  state_.driving = within_constraints(state_.driving.rescale_y(1.0 / y), m_step_options_);
}

template <Subordinator S>
OnlineEM<S>::OnlineEM(OnlineEMState<S> state) : state_(std::move(state)) {
  derive();
  require(state_.driving.d() == d(), "driving", "of the initial model's dimension " + std::to_string(d()),
          state_.driving.d());
  require(state_.running.d() == d(), "running", "of dimension " + std::to_string(d()), state_.running.d());
  require(!state_.has_running || state_.running.is_finite(), "running", "finite", state_.running.first_not_finite());
  require(std::isfinite(state_.gauge) && state_.gauge > 0.0, "gauge", "finite and > 0", state_.gauge);
  m_step_options_.fixed = fixed_.rescale_y(state_.gauge);
}

/// What follows from the initial model, the rule and the options; checks them.
template <Subordinator S>
void OnlineEM<S>::derive() {
  const OnlineEMOptions& options = state_.options;
  require(options.inner_iter >= 1, "inner_iter", ">= 1", options.inner_iter);
  require(options.score_half_life > 0.0 && std::isfinite(options.score_half_life), "score_half_life", "finite and > 0",
          options.score_half_life);
  check_display_gauge<S>(options.regularization);
  state_.rule.check(d());
  fixed_ = fix_parameters(state_.initial, options.fixed, options.symmetric);
  const Eta own = state_.initial.compute_eta_from_model();
  const double y = own.is_finite() ? own.E_Y() : mode_of_log_y(state_.initial.subordinator().gig());
  m_step_options_ = {.floor = kDispersionFloorRatio * y * state_.initial.sigma().diagonal(),
                     .fixed = fixed_,
                     .alpha_min = least_alpha<S>(options.alpha_min, d())};
}

/// Multiplies what is carried along by the factor s of Y -> sY.
template <Subordinator S>
void OnlineEM<S>::enter_gauge(double s) {
  state_.gauge *= s;
  state_.rule.rescale_y(s);
  m_step_options_.fixed = fixed_.rescale_y(state_.gauge);
}

template <Subordinator S>
MStepResult<S> OnlineEM<S>::m_step_of_rule(const Eta& eta, BelowFloor below) const {
  MStepOptions<S> options = m_step_options_;
  options.below_floor = below;
  return m_step<S>(eta, options);
}

/// The model that users see.
template <Subordinator S>
MeanVarianceMixture<S> OnlineEM<S>::shown(Status& out_status) const {
  const Eta reported = state_.rule.report(state_.running);
  const MStepResult<S> result = m_step_of_rule(reported, BelowFloor::kRaise);
  if (!result.model) {
    out_status.add(StatusCode::kStepReverted, "the reported statistics violate " + std::string(result.infeasible) +
                                                  "; the driving model is shown");
  }
  const double s = state_.options.frozen && result.model ? 1.0 / reported.E_Y() : 1.0;
  return in_display_gauge(result.model.value_or(state_.driving).rescale_y(s),
                          {state_.initial, fixed_, state_.options.regularization, state_.gauge * s}, out_status);
}

template <Subordinator S>
MeanVarianceMixture<S> OnlineEM<S>::model() const {
  Status ignored;
  return state_.total_weight == 0.0 ? state_.initial : shown(ignored);
}

template <Subordinator S>
Status OnlineEM<S>::status(double distinct_rows) const {
  Status all = state_.status;
  const bool has_learned = state_.total_weight > 0.0;
  const double rows = has_learned ? std::min(state_.total_weight, distinct_rows) : distinct_rows;
  std::vector<Index> unseen;
  for (Index j = 0; j < state_.first_row.size(); ++j) {
    if (std::isnan(state_.first_row(j))) unseen.push_back(j);
  }
  if (!unseen.empty()) all.add(StatusCode::kUnseenColumn, list_columns(unseen));
  if (!state_.constant_columns.empty()) all.add(StatusCode::kConstantColumn, list_columns(state_.constant_columns));
  if (rows < static_cast<double>(d() + 1)) {
    all.add(StatusCode::kTooFewRows,
            std::to_string(static_cast<std::int64_t>(rows)) + " rows of " + std::to_string(d()) + " columns");
  }
  if (!has_learned) return all;

  if (!state_.rule.weights_sum_to_one()) all.add(StatusCode::kWeightsNotOne);
  (void)shown(all);
  const Eta reported = state_.rule.report(state_.running);
  add_degenerate_limits(m_step_of_rule(reported, BelowFloor::kRaise), reported, rows, all);
  return all;
}

#define VARIMIX_INSTANTIATE(S)      \
  template struct OnlineEMState<S>; \
  template class OnlineEM<S>;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
