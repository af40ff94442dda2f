#pragma once

#include <string>

#include "varimix/core/status.hpp"
#include "varimix/mixture/fixed_parameters.hpp"
#include "varimix/mixture/normal_mixture.hpp"

namespace varimix {

/// Throws std::invalid_argument if no model of the family has the gauge of display `regularization`, or for another word.
template <Subordinator S>
void check_display_gauge(const std::string& regularization);

/// In what gauge a fit shows its model.
template <Subordinator S>
struct DisplayGauge {
  const NormalMixture<S>& initial;
  const FixedParameters<S>& fixed;  ///< in the gauge of `initial`
  const std::string& regularization;
  double working;  ///< the working gauge is that of `initial` with working * Y in place of Y
};

/// `model`, which is in the working gauge, as users see it. Where the gauge asked for does not exist (E[Y] infinite,
/// a or b = 0) it stays in the working gauge, and `out_status` says so.
template <Subordinator S>
[[nodiscard]] NormalMixture<S> in_display_gauge(const NormalMixture<S>& model, const DisplayGauge<S>& gauge,
                                                Status& out_status);

/// Whether a model and the statistics behind it stay within the range of doubles as Y becomes sY.
template <Subordinator S>
[[nodiscard]] bool can_be_rescaled(const NormalMixture<S>& model, const Expectations& eta, double s);

}  // namespace varimix
