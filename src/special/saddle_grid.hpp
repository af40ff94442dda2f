#pragma once

#include <cstddef>
#include <vector>

namespace varimix {

/// What the integrand exp(-(w - nu)(cosh s - 1) - nu (e^s - 1 - s)) of bessel_k needs at the nodes s and -s, s > 0.
struct SaddleNode {
  double s;
  double cosh_minus_one;         ///< cosh(s) - 1, the same at -s
  double exp_minus_one_minus_s;  ///< e^s - 1 - s
  double exp_minus_one_plus_s;   ///< e^-s - 1 + s: the same at -s
  double exp_s;
  double exp_minus_s;
};

/// Equally spaced nodes step, 2 step, ... beside s = 0, for a range of w.
struct SaddleGrid {
  double step;
  double w_max;  ///< the step is fine enough for every w up to here
  std::vector<SaddleNode> nodes;
};

inline constexpr int kSaddleGrids = 26;

/// Terms below e^-41 = 1.6e-18 of the largest change no sum.
inline constexpr double kNegligibleExponent = -41.0;

/// Number of the coarsest grid whose step serves w, for w <= 1e8.
[[nodiscard]] std::size_t saddle_grid_index(double w) noexcept;

/// Grid 0, 1, ..., kSaddleGrids - 1, from coarse to fine. Built once, about 2000 nodes in all.
[[nodiscard]] const SaddleGrid& saddle_grid(std::size_t index) noexcept;

}  // namespace varimix
