#pragma once

#include "varimix/random/counter_stream.hpp"

namespace varimix {

/// A draw from Gamma(alpha, rate 1) as value * e^{log_factor}: for alpha < 1 the product may underflow where its
/// logarithm does not; otherwise log_factor = 0.
struct GammaDraw {
  double value;
  double log_factor;
};

/// Exact rejection (Marsaglia and Tsang 2000, ACM TOMS 26:363): at most 1.05 trials in the mean for every alpha. For
/// alpha < 1 from alpha + 1, times U^{1/alpha}. @pre alpha > 0 finite.
[[nodiscard]] GammaDraw draw_gamma(CounterStream& stream, double alpha) noexcept;

}  // namespace varimix
