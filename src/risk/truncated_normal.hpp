#pragma once

#include <limits>

#include "varimix/random/counter_stream.hpp"

namespace varimix {

/// Stands for no upper bound, -kNoBound for no lower one.
inline constexpr double kNoBound = std::numeric_limits<double>::infinity();

/// Returns log P(lower <= Z <= upper), Z ~ N(0, 1), for lower <= upper, infinities included: -inf where it is 0.
/// Accuracy: that of log_normal_cdf where the interval is wide, 1e-12 relative in P where it is narrow.
[[nodiscard]] double log_normal_interval(double lower, double upper) noexcept;

/// What the normal law has within an interval.
struct NormalInterval {
  double log_probability;
  double mean;               ///< E[Z | lower <= Z <= upper], the derivative of log P where the interval moves down
  double variance_less_one;  ///< Var(Z | ...) - 1, its second derivative, in [-1, 0]
};

/// Returns them; mean and variance to the accuracy that a solver of equations needs.
[[nodiscard]] NormalInterval normal_interval(double lower, double upper) noexcept;

/// Returns a draw of Z ~ N(0, 1) given lower <= Z <= upper, by exact rejection: from a Rayleigh law in the tails
/// (Marsaglia 1964; Botev 2017, JRSS B 79:125), else from a uniform or the normal law. It takes fewer than 5 trials in
/// the mean. @pre lower <= upper, not both the same infinity.
[[nodiscard]] double draw_normal_within(CounterStream& stream, double lower, double upper) noexcept;

}  // namespace varimix
