#pragma once

#include "batch_rows.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix {

/// The functions of one update. They work on a state and on `fit`, which fits its models in the state's working gauge.

/// Enters the gauge of sY: rescales the rule of the state, and `fit`.
template <Fittable M>
void enter_gauge(OnlineEMState<M>& state, typename M::Fit& fit, double s);

/// Returns the progress of the fit for the hooks of the rule.
template <Fittable M>
[[nodiscard]] StepInfo step_info(const OnlineEMState<M>& state, double batch_weight, double elapsed);

/// The model that users see: the M-step of the statistics that the rule reports, in the gauge of display.
template <Fittable M>
struct Shown {
  M model;
  Eta reported;
  MStep<M> m_step;  ///< the M-step of `reported`; if it has no model, the driving one is shown
};

/// Returns the model that users see, and adds its outcomes to `out_status`. @pre The state has learned.
template <Fittable M>
[[nodiscard]] Shown<M> shown(const OnlineEMState<M>& state, const typename M::Fit& fit, Status& out_status);

/// Returns the model that users see; before the first step it is the initial one.
template <Fittable M>
[[nodiscard]] M model_seen(const OnlineEMState<M>& state, const typename M::Fit& fit);

/// Learns from rows in one step of the algorithm: E-step, rule, M-step, gauge. Returns the mean log-likelihood of the
/// rows. A step that cannot be taken leaves the state as it was except for its times; `status` says so.
template <Fittable M>
double learn(OnlineEMState<M>& state, typename M::Fit& fit, const BatchRows& rows, Status& status);

}  // namespace varimix
