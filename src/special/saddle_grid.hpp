#pragma once

#include <cstddef>
#include <vector>

#include "bessel_regions.hpp"

namespace varimix {

/// The values that the integrand exp(-(w - nu)(cosh s - 1) - nu (e^s - 1 - s)) of K_nu(z), w = hypot(nu, z), needs at
/// the node s.
struct SaddleNode {
  double s;
  double cosh_minus_one;         ///< cosh(s) - 1
  double exp_minus_one_minus_s;  ///< e^s - 1 - s
  double exp_minus_s;
  double negligible;  ///< terms with an exponent below this change no sum, here and farther out
};

/// Equally spaced nodes +-step, +-2 step, ... on both sides of s = 0, for a range of w.
struct SaddleGrid {
  double step;
  std::vector<SaddleNode> right;
  std::vector<SaddleNode> left;
};

/// Returns the grid for kGridEdges[index] <= w < kGridEdges[index + 1], with nu >= kSeriesOrder where
/// z < kSeriesArgument. All grids are built once, at the first call.
[[nodiscard]] const SaddleGrid& saddle_grid(std::size_t index) noexcept;

}  // namespace varimix
