#pragma once

#include <cmath>
#include <limits>

#include "varimix/special/bessel_k.hpp"

namespace varimix {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Orders up to here are computed: their squares do not overflow.
inline constexpr double kLargestFiniteOrder = 1e150;

/// Whether K_nu(z) is a limit, or NaN, and no matter of computation: z no positive normal double, or nu beyond all.
[[nodiscard]] inline bool is_bessel_limit(double nu, double z) noexcept {
  return !(z >= std::numeric_limits<double>::min() && z < kInfinity && std::abs(nu) <= kLargestFiniteOrder);
}

/// K_nu(z) there. A subnormal z counts as 0.
[[nodiscard]] BesselKSecondOrder bessel_limit(double nu, double z) noexcept;

/// K_{-nu} = K_nu: what is true of -nu, from what is true of nu.
[[nodiscard]] BesselKSecondOrder reflected(const BesselKSecondOrder& k) noexcept;

}  // namespace varimix
