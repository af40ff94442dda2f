#pragma once

#include <span>

namespace varimix {

/// Returns sqrt(n) sup |F_n(u) - u| of n numbers in [0, 1], F_n their empirical distribution function. @pre `sorted` is
/// ascending, and not empty.
[[nodiscard]] double kolmogorov_smirnov(std::span<const double> sorted);

}  // namespace varimix
