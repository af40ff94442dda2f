#pragma once

#include "varimix/core/constants.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/mixture/e_step.hpp"

namespace varimix::tests {

/// Whether the next update with these rows keeps one off the pole at mu, which `model.e_step` does not.
template <Subordinator S>
bool touches_floor(const OnlineEM<S>& state, const RowView& x) {
  const double floor = kModeDistanceFloor * static_cast<double>(state.d());
  const NormalMixture<S>& driving = state.state().driving;
  return e_step(driving, x, driving.mu(), {.distance_floor = floor}).floored_rows > 0;
}

}  // namespace varimix::tests
