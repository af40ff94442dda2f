#pragma once

#include "varimix/mixture/m_step.hpp"
#include "varimix/mixture/parameter_covariance.hpp"

namespace varimix {

/// Returns the inverse of `rows` times the Fisher information of a model.
/// @param shown  the share (d) of the rows that show each column; empty if all do.
template <Subordinator S>
[[nodiscard]] ParameterCovariance parameter_covariance(const MeanVarianceMixture<S>& model, double rows,
                                                       const Vector& shown, const MStepOptions<S>& options);

}  // namespace varimix
