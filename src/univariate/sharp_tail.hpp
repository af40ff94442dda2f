#pragma once

namespace varimix {

/// A tail's integral where Phi(u) is nearly a step as a function of log Y, because the normal part is narrow beside
/// gamma Y. In s = log(Y/y0), or -log(Y/y0) where u rises with Y, with F a function of u, it is
///   Int e^{w(s)} F(u(s)) ds, w(s) = slope s - a E(s) - b E(-s), E(s) = e^s - 1 - s,
///   u(s) = delta - 2 root_cg sinh((s - crossing)/2),
/// in which root_cg = sqrt(c g) and u crosses 0 near s = crossing.
struct SharpTail {
  double slope, a, b;
  double crossing;
  double root_cg;
  double delta;      ///< u at the crossing, which rounding keeps from being 0
  double left_rate;  ///< > 0 where the integrand goes as e^{left_rate s} for s -> -inf (b = 0)
};

/// An integral, e^{log_factor} times sum.
struct SharpSum {
  double log_factor;
  double sum;
};

/// Returns true if the trapezoidal rule would need some thousand nodes or more, and sharp_probability serves.
[[nodiscard]] bool is_sharp(const SharpTail& tail) noexcept;

/// Returns the integral with F = Phi: Gauss's rule, in panels, gives the mass to the left of the step, and that of the
/// step itself by the variable u. @pre is_sharp(tail).
/// The relative error is about 1e-14. Cost: 5 to 30 us, whatever c g.
[[nodiscard]] SharpSum sharp_probability(const SharpTail& tail);

/// Returns the integral with F = u Phi(u) + phi(u), phi the normal density, times e^{half_power (s - crossing)}. That
/// is sqrt(Y / Y at the crossing) for half_power = 1/2, or -1/2 where s is -log(Y/y0).
[[nodiscard]] SharpSum sharp_excess(const SharpTail& tail, double half_power);

/// Returns the integral with F = phi(u), times the same power. The log_factor of all three is the same.
[[nodiscard]] SharpSum sharp_density(const SharpTail& tail, double half_power);

}  // namespace varimix
