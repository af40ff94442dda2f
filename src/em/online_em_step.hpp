#pragma once

#include "batch_rows.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix {

/// The functions of one update, over a state and how its models are fitted (`fit`, in the state's working gauge).

/// Multiplies Y by s in all that is carried along.
template <Fittable M>
void enter_gauge(OnlineEMState<M>& state, typename M::Fit& fit, double s);

/// Returns where the fit stands, for the rule that is asked.
template <Fittable M>
[[nodiscard]] StepInfo step_info(const OnlineEMState<M>& state, double batch_weight, double elapsed);

/// The model that users see: the M-step of the statistics that the rule reports, in the gauge of display.
template <Fittable M>
struct Shown {
  M model;
  Eta reported;
  MStep<M> m_step;  ///< of `reported`; without a model the driving one is shown
};

/// @pre the state has learned. Adds to `out_status` what is to be said of the model.
template <Fittable M>
[[nodiscard]] Shown<M> shown(const OnlineEMState<M>& state, const typename M::Fit& fit, Status& out_status);

/// Returns the model that users see; before the first step the initial one.
template <Fittable M>
[[nodiscard]] M model_seen(const OnlineEMState<M>& state, const typename M::Fit& fit);

/// Learns from rows in one step of the algorithm: E-step, rule, M-step, gauge. Returns the mean log-likelihood of the rows. A step
/// that cannot be taken leaves the state as it was, but for the last time, and is in `status`.
template <Fittable M>
double learn(OnlineEMState<M>& state, typename M::Fit& fit, const BatchRows& rows, Status& status);

}  // namespace varimix
