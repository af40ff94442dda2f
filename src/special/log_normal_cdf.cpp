#include "varimix/special/log_normal_cdf.hpp"

#include <cmath>
#include <numbers>

#include "varimix/core/constants.hpp"

namespace varimix {

double log_normal_cdf(double u) noexcept {
  constexpr double kAsymptotic = -20.0;  // the ten terms below leave (19!! / 20^20) < 1e-17
  if (!(u < kAsymptotic)) {
    if (u > 0.0) return std::log1p(-0.5 * std::erfc(u / std::numbers::sqrt2));
    return std::log(0.5 * std::erfc(-u / std::numbers::sqrt2));
  }
  if (std::isinf(u)) return u;
  constexpr int kTerms = 10;
  const double inverse_square = 1.0 / (u * u);
  double sum = 1.0;
  double term = 1.0;
  for (int k = 1; k <= kTerms; ++k) {
    term *= -(2 * k - 1) * inverse_square;
    sum += term;
  }
  return -0.5 * u * u - 0.5 * kLogTwoPi - std::log(-u) + std::log(sum);
}

}  // namespace varimix
