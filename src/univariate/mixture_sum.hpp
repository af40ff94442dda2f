#pragma once

#include <cstddef>

namespace varimix::simd {

/// The integrand of a one-dimensional mixture's tail, over v = log(Y/y) for some y: exp(w(v)) times a function of u(v),
///   w(v) = slope v - a E(v) - b E(-v),  E(v) = e^v - 1 - v,
///   u(v) = c e^{-v/2} - g e^{v/2}.
/// Where delta < 0 everything is multiplied by e^{delta^2/2}: the sum is then about 1, however far the tail.
struct MixtureIntegrand {
  double slope, a, b;
  double c, g;
  double delta;             ///< c - g, which the caller knows to more digits
  double step;              ///< the step of the trapezoidal rule
  double left_rate = 0.0;   ///< > 0 where the terms go as e^{left_rate v} for v -> -inf (b = 0)
  double right_rate = 0.0;  ///< > 0 where they go as e^{-right_rate v} for v -> inf (a = 0)
};

/// The function of u that multiplies e^{w}; Phi and phi are the normal distribution function and density.
enum class MixtureFactor {
  kOne,          ///< 1: the integral is the constant of the law of Y
  kProbability,  ///< Phi(u)
  kExcess,       ///< u Phi(u) + phi(u), the integral of Phi up to u
};

struct MixtureSum {
  double sum;         ///< the sum of the values at v = k step over all integers k
  std::size_t nodes;  ///< the number of nodes at which the integrand was evaluated
};

/// Sums outward from v = 0 until terms fall below 2^-60 of the sum; a tail that is geometric to 2^-56 is summed in
/// closed form. All terms are positive. @pre All fields are finite; the integrand's peak is near v = 0.
/// The relative error of a term is about 2^-50. On one SIMD target the same integrand gives the same bits.
[[nodiscard]] MixtureSum mixture_sum(MixtureFactor factor, const MixtureIntegrand& integrand) noexcept;

}  // namespace varimix::simd
