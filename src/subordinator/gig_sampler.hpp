#pragma once

#include "varimix/random/counter_stream.hpp"

namespace varimix {

/// The log density of s, the distance of log Y from its mode, less that at the mode, for the order lambda = p >= 0, in
/// Devroye's form: psi(s) = -alpha (cosh s - 1) - lambda (e^s - s - 1), alpha = hypot(omega, lambda) - lambda,
/// omega = sqrt(ab).
struct GigLogDensity {
  double alpha, lambda;
  [[nodiscard]] double operator()(double s) const noexcept;
  [[nodiscard]] double slope(double s) const noexcept;
};

/// Devroye's dominating curve, which is 1 on [-left, right] and beyond falls exponentially, as e^{-distance/tail}.
struct GigEnvelope {
  double left, right;            ///< s' and t' of the paper
  double left_tail, right_tail;  ///< 1/xi and 1/zeta: the area of a tail
};

/// Draws from GIG(p, a, b) off its faces. What does not change from draw to draw is computed once.
struct GigSampler {
  GigSampler(double p, double a, double b) noexcept;
  /// Returns what GeneralizedInverseGaussian::sample does.
  [[nodiscard]] double operator()(CounterStream& stream) const noexcept;

  GigLogDensity psi;
  GigEnvelope envelope;
  double log_mode = 0.0;  ///< log Y is log_mode + sign s
  double sign;            ///< -1 for p < 0, because 1/Y is GIG(-p, b, a) then
};

}  // namespace varimix
