#pragma once

#include <cstddef>
#include <vector>

namespace varimix {

/// What the integrand exp(-(w - nu)(cosh s - 1) - nu (e^s - 1 - s)) of bessel_k needs at one node s.
struct SaddleNode {
  double s;
  double cosh_minus_one;
  double exp_minus_one_minus_s;
  double exp_minus_s;
};

/// Equally spaced nodes for a range of w; nodes[center].s = 0.
struct SaddleGrid {
  double step;
  double w_max;  ///< the step is fine enough for every w up to here
  std::size_t center;
  std::vector<SaddleNode> nodes;
};

/// The coarsest grid whose step serves w, for w <= 1e8. Built once, about 8000 nodes in all.
[[nodiscard]] const SaddleGrid& saddle_grid(double w) noexcept;

}  // namespace varimix
