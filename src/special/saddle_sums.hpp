#pragma once

#include "varimix/special/bessel_k.hpp"

namespace varimix {

/// The trapezoidal sums of the integrand exp(-(w - nu)(cosh s - 1) - nu (e^s - 1 - s)), nu >= 0.
struct SaddleSums {
  double step;
  double sum;
  double sum_exp_minus_s;
  double sum_s;
};

/// True where the trapezoidal rule is exact to rounding; beyond are the small and the large arguments.
[[nodiscard]] bool trapezoid_serves(double nu, double z, double w) noexcept;

/// K_nu from its sums, for w = hypot(nu, z).
[[nodiscard]] BesselK from_saddle_sums(double nu, double z, double w, const SaddleSums& sums,
                                       bool with_order_derivative) noexcept;

/// t0 = asinh(nu / z) without overflow of the quotient.
[[nodiscard]] double saddle_point(double nu, double z, double w) noexcept;

/// K_{-nu} = K_nu: the ratios change places and the derivative its sign.
[[nodiscard]] BesselK reflected(const BesselK& k) noexcept;

}  // namespace varimix
