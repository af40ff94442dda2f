#pragma once

#include <utility>

#include "online_em_model.hpp"

namespace varimix {

template <Fittable M>
void rescale_y(OnlineEMState<M>& state, typename M::Fit& fit, double s) {
  state.gauge *= s;
  state.rule.rescale_y(s);
  fit.enter_gauge(state.gauge);
}

template <Fittable M>
Shown<M> shown(const OnlineEMState<M>& state, const typename M::Fit& fit, Status& out_status) {
  if constexpr (NaturalFittable<M>) {
    if (state.rule.moves_model()) {
      return {fit.shown(state.driving, 1.0, out_status), state.running, fit.as_m_step(state.driving)};
    }
  }
  Eta reported = state.rule.report(state.running);
  MStep<M> m_step = fit.m_step(reported, BelowFloor::kRaise);
  if (m_step.model && !fit.can_be_rescaled(*m_step.model, reported, 1.0)) {
    m_step = {.model = std::nullopt, .infeasible = "the range of doubles"};
  }
  if (!m_step.model) {
    out_status.add(StatusCode::kStepReverted,
                   "the reported statistics violate " + m_step.infeasible + "; the driving model is shown");
  }
  const double s = state.options.frozen && m_step.model ? 1.0 / fit.scale_of_y(reported) : 1.0;
  M model = fit.shown(m_step.model.value_or(state.driving), s, out_status);
  return {std::move(model), std::move(reported), std::move(m_step)};
}

template <Fittable M>
M model_seen(const OnlineEMState<M>& state, const typename M::Fit& fit) {
  Status ignored;
  return state.total_weight == 0.0 ? state.initial : shown(state, fit, ignored).model;
}

}  // namespace varimix
