#pragma once

#include <cmath>
#include <limits>

#include "varimix/special/bessel_k.hpp"

namespace varimix {

/// Orders up to here are computed; twice their logarithms and squares are far from overflow.
inline constexpr double kLargestFiniteOrder = 1e150;

/// Whether K_nu(z) is a limit, or NaN, and no matter of computation: z no positive normal double, or nu beyond all.
[[nodiscard]] inline bool is_bessel_limit(double nu, double z) noexcept {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return !(z >= std::numeric_limits<double>::min() && z < kInfinity && std::abs(nu) <= kLargestFiniteOrder);
}

/// K_nu(z) there. A subnormal z counts as 0.
[[nodiscard]] BesselKSecondOrder bessel_limit(double nu, double z) noexcept;

/// K_{-nu} = K_nu: what is true of -nu, from what is true of nu.
[[nodiscard]] BesselKSecondOrder reflected(const BesselKSecondOrder& k) noexcept;

}  // namespace varimix
