#pragma once

#include <string>

#include "varimix/core/status.hpp"
#include "varimix/mixture/m_step.hpp"

namespace varimix {

/// The least alpha of a VarianceGamma of dimension d: alpha_min is "none" (0), "density" (d/2 + 0.1: the density at mu is
/// bounded) or "inverse_moment" (d/2 + 1.1: so is E[1/Y|x]). Throws std::invalid_argument for another word, and for other
/// families, which have no alpha_min, unless it is "none".
template <Subordinator S>
[[nodiscard]] double least_alpha(const std::string& alpha_min, Index d);

/// Adds in which limits a fitted model lies: the faces and bounds of its law of Y, the Gaussian limit, and, for a
/// GeneralizedHyperbolic, whether `rows` rows tell its order.
/// @param fit  the M-step of `eta` that gave the model.
template <Subordinator S>
void add_limits(const MStepResult<S>& fit, const Expectations& eta, double rows, Status& out_status);

}  // namespace varimix
