#pragma once

#include <cmath>

#include "bessel_regions.hpp"

namespace varimix {

/// GIG(p, a, b) about the mode y of log Y. With alpha = a y / 2, beta = b / (2y) and w = hypot(p, sqrt(ab)) we have
/// alpha - beta = p and alpha + beta = w, and t = log(Y/y) has the density
///   e^{h(t) - phi},   h(t) = -alpha (e^t - 1 - t) - beta (e^{-t} - 1 + t),   phi = log(2 pi / w) / 2 + remainder.
/// Nothing of the size of log Gamma(|p|) or log K_p is left to cancel in it. The faces (a = 0, b = 0) are included.
struct GigMode {
  double w;
  double alpha, beta;
  double y, log_y;
  double remainder;  ///< Debye's series sum of C_k(p^2 / w^2) w^-k; about 1/(12 w) on a face

  /// Computes the fields for GIG(p, a, b). @pre a > 0 or p < 0, b > 0 or p > 0.
  GigMode(double p, double a, double b) noexcept;

  /// Returns true if the series is accurate (w >= kDebyeFrom) and y and 1/y are normal doubles.
  [[nodiscard]] bool is_sound() const noexcept {
    return w >= kDebyeFrom && std::isfinite(w) && std::isnormal(y) && std::isnormal(1.0 / y);
  }
  /// Computes h - phi at t = log(value / y). Its error relative to max(1, |result|) is a few roundings, beside that of
  /// the value itself.
  [[nodiscard]] double log_density_of_log(double value) const noexcept;
};

}  // namespace varimix
