#pragma once

#include "varimix/subordinator/gig_parameters.hpp"

namespace varimix {

/// Returns E(s) = e^s - 1 - s >= 0, to rounding.
[[nodiscard]] double exponential_rest(double s) noexcept;

/// Returns slope s - a E(s) - b E(-s): the logarithm of the density of s = log(Y/y), Y ~ GIG(p, a', b'), less that at
/// 0, where a = a' y/2, b = b'/(2y) and slope = p - a + b.
[[nodiscard]] inline double log_weight(double slope, double a, double b, double s) noexcept {
  return slope * s - a * exponential_rest(s) - b * exponential_rest(-s);
}

/// Returns the Y at which log Y has its mode: e^t with p = (a e^t - b e^-t)/2.
[[nodiscard]] double mode_of_y(const GigParameters& gig) noexcept;

/// Returns p - a y/2 + b/(2y). Near the mode it is small, and the rounding of each term would show: it is taken off.
[[nodiscard]] double slope_at(const GigParameters& gig, double y) noexcept;

/// Returns log(y / unit), to rounding.
[[nodiscard]] double log_ratio(double y, double unit) noexcept;

}  // namespace varimix
