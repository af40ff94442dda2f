#pragma once

#include "varimix/special/bessel_k.hpp"

namespace varimix {

/// Whether K_nu(z) is a limit, or NaN, and no matter of computation: z no positive normal double, or nu not finite.
[[nodiscard]] bool is_bessel_limit(double nu, double z) noexcept;

/// K_nu(z) there. A subnormal z counts as 0.
[[nodiscard]] BesselKSecondOrder bessel_limit(double nu, double z) noexcept;

/// K_{-nu} = K_nu: what is true of -nu, from what is true of nu.
[[nodiscard]] BesselKSecondOrder reflected(const BesselKSecondOrder& k) noexcept;

}  // namespace varimix
