#pragma once

#include "information_blocks.hpp"
#include "shape_coordinates.hpp"

namespace varimix {

/// Shares of the rows, the nearest to mu and the farthest from it.
struct Tails {
  double below = 0.0;
  double above = 0.0;
};

/// Returns the Fisher information that a row has about a model of dimension d whose law of Y is `shape` and whose gamma
/// has the length g = |L^{-1} gamma| in that gauge, in the model's frame. With z = L^{-1}(x - mu) rotated so that gamma
/// lies along the first axis, z_1 = sqrt(q) t and r = q (1 - t^2), the scores are
///   (w z_1 - g, z_1 - y g, (w z_1^2 - 2 z_1 g + y g^2 - 1)/2, (w r - (d-1))/2, slope' (t(Y) - E[t])),
/// w, y = E[1/Y|x], E[Y|x]. These posterior moments depend on q alone, and the law of t given q is that of
/// sphere_moments with kappa = g sqrt(q): what is left is one integral over log q, a trapezoidal sum in x with
/// log q = mode + width sinh(x).
/// @param leave_out  rows in these tails count for nothing.
/// Accuracy: 1e-6 of the geometric mean of the two diagonal entries, with nothing left out, where the integral exists
/// (test FisherInformationAccuracy.*); 3e-4 at the farthest shapes and skewnesses. Cost: 15 to 40 us.
[[nodiscard]] InformationBlocks fisher_information(const ShapePoint& shape, double g, Index d, Tails leave_out);

/// Returns the information that a row would have if its Y were seen. Moments that do not exist are replaced by
/// `largest_moment`.
[[nodiscard]] InformationBlocks complete_information(const ShapePoint& shape, Index d, double largest_moment);

}  // namespace varimix
