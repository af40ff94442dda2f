#pragma once

namespace varimix {

/// A tail's integral where Phi(u) is nearly a step as a function of log Y, because the normal part is narrow beside
/// gamma Y. In s = log(Y/y0), or -log(Y/y0) where skewness and tail point down:
///   Int e^{w(s)} F(u(s)) ds, w(s) = slope s - a E(s) - b E(-s), E(s) = e^s - 1 - s,
///   u(s) = delta - 2 root_cg sinh((s - crossing)/2).
struct SharpTail {
  double slope, a, b;
  double crossing;
  double root_cg;
  double delta;      ///< u at the crossing: a rounding, not quite 0
  double left_rate;  ///< > 0 where the integrand ends as e^{left_rate s} for s -> -inf; b = 0
};

/// An integral as e^{log_factor} times sum.
struct SharpSum {
  double log_factor;
  double sum;
};

/// Whether the trapezoidal rule would need several hundred nodes and more, and sharp_probability serves.
[[nodiscard]] bool is_sharp(const SharpTail& tail) noexcept;

/// F = Phi: the mass to the left of the step, by Gauss's rule in panels, and the step itself, in u. @pre is_sharp(tail).
/// Relative error about 1e-14. Cost: 5 to 30 us, whatever c g.
[[nodiscard]] SharpSum sharp_probability(const SharpTail& tail);

/// F = u Phi(u) + phi(u), times e^{half_power (s - crossing)}, half_power = 1/2 or -1/2: sqrt(y/y_crossing).
[[nodiscard]] SharpSum sharp_excess(const SharpTail& tail, double half_power);

}  // namespace varimix
