#pragma once

#include "varimix/core/types.hpp"

namespace varimix {

/// Returns the number of free parameters of a skewed law with one shape: mu, gamma, Sigma and the shape, in one gauge.
[[nodiscard]] constexpr double number_of_parameters(Index d) {
  const auto dimension = static_cast<double>(d);
  return 1.0 + 2.0 * dimension + 0.5 * dimension * (dimension + 1.0);
}

}  // namespace varimix
