#pragma once

#include "mixture_sum.hpp"

namespace varimix {

// Steps at which the trapezoidal rule is exact to 1e-15.

/// Returns the step for an integrand of this curvature.
[[nodiscard]] double step_for(double curvature) noexcept;

/// Returns the step for a tail. Where u is negative at the mode, Phi adds the curvature of e^{-u^2/2}. Elsewhere Phi
/// bends the integrand where u crosses 0, as e^{c g v^2/2} in the imaginary direction, which matters as much as the
/// weight there.
[[nodiscard]] double step_for(const simd::MixtureIntegrand& f) noexcept;

}  // namespace varimix
