#pragma once

#include "varimix/random/counter_stream.hpp"

namespace varimix {

/// A draw from Gamma(alpha, rate 1) as value * e^{log_factor}: for alpha < 1 the product may underflow where its
/// logarithm does not; otherwise log_factor = 0.
struct GammaDraw {
  double value;
  double log_factor;
};

/// Draws from Gamma(alpha, rate 1) by exact rejection (Marsaglia and Tsang 2000, ACM TOMS 26:363), which takes at most
/// 1.05 trials in the mean for every alpha. For alpha < 1 it draws from Gamma(alpha + 1) and multiplies by U^{1/alpha},
/// U uniform on (0, 1]. @pre alpha > 0 finite.
[[nodiscard]] GammaDraw draw_gamma(CounterStream& stream, double alpha) noexcept;

}  // namespace varimix
