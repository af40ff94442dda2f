#pragma once

#include "varimix/subordinator/gig_parameters.hpp"

namespace varimix {

/// e^s - 1 - s >= 0, to rounding.
[[nodiscard]] double exponential_rest(double s) noexcept;

/// slope s - a (e^s - 1 - s) - b (e^{-s} - 1 + s): the logarithm of the density of s = log(Y/y), Y generalised inverse
/// Gaussian, less that at 0. a = a' y/2, b = b'/(2y), slope = p - a + b of Y ~ GIG(p, a', b').
[[nodiscard]] inline double log_weight(double slope, double a, double b, double s) noexcept {
  return slope * s - a * exponential_rest(s) - b * exponential_rest(-s);
}

/// The mode of log Y: e^t with p = (a e^t - b e^-t)/2.
[[nodiscard]] double mode_of_y(const GigParameters& gig) noexcept;

/// p - a y/2 + b/(2y), small where y is near the mode: the rounding of each term would show, and is taken off.
[[nodiscard]] double slope_at(const GigParameters& gig, double y) noexcept;

/// log(y / unit), to rounding.
[[nodiscard]] double log_ratio(double y, double unit) noexcept;

}  // namespace varimix
