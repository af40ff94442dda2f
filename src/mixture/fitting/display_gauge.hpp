#pragma once

#include "varimix/core/status.hpp"
#include "varimix/mixture/fit_constraints.hpp"
#include "varimix/mixture/fixed_parameters.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// Throws std::invalid_argument if no model of the family has the gauge of display `regularization`.
template <Subordinator S>
void check_display_gauge(Regularization regularization);

/// The gauge in which a fit shows its model.
template <Subordinator S>
struct DisplayGauge {
  const FixedParameters<S>& fixed;  ///< in the gauge of the initial model
  Regularization regularization;
  double initial_log_det;  ///< log |Sigma| of the initial model
  double working;          ///< the working gauge is that of the initial model with working * Y in place of Y
};

/// Returns `model`, which is in the working gauge, as users see it. Where the gauge asked for does not exist (E[Y]
/// is infinite, a or b is 0) it stays in the working gauge, and `out_status` says so.
template <Subordinator S>
[[nodiscard]] MeanVarianceMixture<S> in_display_gauge(const MeanVarianceMixture<S>& model, const DisplayGauge<S>& gauge,
                                                      Status& out_status);

}  // namespace varimix
