#pragma once

#include <span>

#include "varimix/core/types.hpp"

namespace varimix {

/// The moments of v = 1 - t, where t is the first coordinate of a point of the unit sphere in d dimensions whose density
/// is proportional to e^{kappa t} (von Mises and Fisher). At d = 1 t is 1 or -1.
struct SphereMoments {
  double v1, v2, v3, v4;  ///< E[v], ..., E[v^4]
  double across;          ///< E[1 - t^2]
  double across_squared;  ///< E[(1 - t^2)^2]
  double bessel_ratio;    ///< I_{d/2}(kappa) / I_{d/2-1}(kappa), which is E[t]
};

/// Computes the moments for kappa >= 0. With rho_j = I_{d/2-1+j} / (kappa I_{d/2-2+j}) and R_j = rho_1 ... rho_j,
///   E[t] = kappa R_1,   E[t^2] = R_1 + kappa^2 R_2,   E[t^3] = kappa (3 R_2 + kappa^2 R_3),
///   E[t^4] = 3 R_2 + 6 kappa^2 R_3 + kappa^4 R_4,   E[1 - t^2] = (d-1) R_1,   E[(1 - t^2)^2] = (d-1)(d+1) R_2:
/// sums of positive terms, in which nothing cancels. The ratios come from the recurrence
/// rho_j = 1 / (d - 2 + 2j + kappa^2 rho_{j+1}), backward from an asymptotic value. For large kappa, where v is near 0, its
/// density is that of a gamma variable times (1 - v/2)^{(d-3)/2}, which is expanded.
/// Accuracy: 1e-11 of the moment, or 1e-13 (test SphereMoments.*).
void sphere_moments(std::span<const double> kappa, Index d, SphereMoments* out) noexcept;

}  // namespace varimix
