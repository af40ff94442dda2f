#pragma once

#include "tail_integral.hpp"

namespace varimix {

/// Returns the x at which the tail's probability is q in [0, 1]; 0 and 1 give the infinities.
[[nodiscard]] double quantile_of(const PreparedLaw& law, double q, Tail tail);

}  // namespace varimix
