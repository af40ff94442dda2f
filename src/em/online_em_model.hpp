#pragma once

#include "varimix/em/online_em.hpp"

namespace varimix {

/// The models of a state. `fit` fits them, in the state's working gauge.

/// Multiplies Y by s in what the state carries and in `fit`.
template <Fittable M>
void rescale_y(OnlineEMState<M>& state, typename M::Fit& fit, double s);

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

}  // namespace varimix
