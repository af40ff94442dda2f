#pragma once

#include <cstddef>
#include <vector>

#include "bessel_regions.hpp"

namespace varimix {

/// What the integrand exp(-(w - nu)(cosh s - 1) - nu (e^s - 1 - s)) of K_nu needs at the node s.
struct SaddleNode {
  double s;
  double cosh_minus_one;         ///< cosh(s) - 1
  double exp_minus_one_minus_s;  ///< e^s - 1 - s
  double exp_minus_s;
  double negligible;  ///< an exponent below this changes no sum from here outwards
};

/// Equally spaced nodes beside s = 0, for a range of w: +-step, +-2 step, ...
struct SaddleGrid {
  double step;
  std::vector<SaddleNode> right;
  std::vector<SaddleNode> left;
};

/// The grid for kGridEdges[index] <= w < kGridEdges[index + 1], with nu >= kSeriesOrder where z < kSeriesArgument. All are
/// built once, at the first call.
[[nodiscard]] const SaddleGrid& saddle_grid(std::size_t index) noexcept;

}  // namespace varimix
