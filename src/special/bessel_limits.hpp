#pragma once

#include <cmath>
#include <limits>

#include "varimix/special/bessel_k.hpp"

namespace varimix {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Orders nu with |nu| up to this are computed: their squares do not overflow.
inline constexpr double kLargestFiniteOrder = 1e150;

/// Returns true if K_nu(z) is a limit or NaN and needs no computation: z is not a positive normal double, or |nu|
/// exceeds kLargestFiniteOrder.
[[nodiscard]] inline bool is_bessel_limit(double nu, double z) noexcept {
  return !(z >= std::numeric_limits<double>::min() && z < kInfinity && std::abs(nu) <= kLargestFiniteOrder);
}

/// Returns the limit of K_nu(z) where is_bessel_limit is true, or NaN. A subnormal z counts as 0.
[[nodiscard]] BesselKSecondOrder bessel_limit(double nu, double z) noexcept;

/// Returns the values at -nu from those at nu, by K_{-nu} = K_nu.
[[nodiscard]] BesselKSecondOrder reflected(const BesselKSecondOrder& k) noexcept;

}  // namespace varimix
