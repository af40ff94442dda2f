#pragma once

#include <cmath>

#include "bessel_regions.hpp"

namespace varimix {

/// GIG(p, a, b) about the mode y of log Y. With alpha = a y / 2, beta = b / (2y): alpha - beta = p, alpha + beta = w =
/// hypot(p, sqrt(ab)), and t = log(Y/y) has the density
///   e^{h(t) - phi},   h(t) = -alpha (e^t - 1 - t) - beta (e^{-t} - 1 + t),   phi = log(2 pi / w) / 2 + remainder,
/// in which nothing of the size of log Gamma(|p|) or log K_p is left to cancel. Faces (a = 0, b = 0) included.
struct GigMode {
  double w;
  double alpha, beta;
  double y, log_y;
  double remainder;  ///< Debye's series S(p^2 / w^2, 1 / w), about 1/(12 w) on a face

  /// @pre a > 0 or p < 0, b > 0 or p > 0.
  GigMode(double p, double a, double b) noexcept;

  /// Whether the series serves, and y is a number.
  [[nodiscard]] bool is_sound() const noexcept {
    return w >= kDebyeFrom && std::isfinite(w) && std::isnormal(y) && std::isnormal(1.0 / y);
  }
  /// h - phi at t = log(value / y). Relative to max(1, |result|): a few roundings, beside that of the value itself.
  [[nodiscard]] double log_density_of_log(double value) const noexcept;
};

}  // namespace varimix
