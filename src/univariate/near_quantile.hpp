#pragma once

#include "tail_integral.hpp"

namespace varimix {

/// Returns the x with P(X <= x) = alpha, alpha in (0, 1), as quantile_of does, in half the time: for alpha <= 1/2 by a
/// secant method from the normal law's quantile, on log P as a function of asinh of the distance from the centre, where
/// light tails are nearly parabolas and power laws straight lines.
[[nodiscard]] double near_quantile(const PreparedLaw& law, double alpha);

}  // namespace varimix
