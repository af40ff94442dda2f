#pragma once

#include <Eigen/Dense>
#include <cmath>

#include "varimix/core/types.hpp"
#include "varimix/risk/portfolio.hpp"

namespace varimix {

/// Adds the Hessian of the expected shortfall, or a diagonal block of it, to the lower triangle of out_matrix:
/// density_ratio (L (I - u u') L' + index b b'), u = L'w / s and b = gamma - L u g / s, of the block's rows of L and gamma.
/// As a product of a matrix with its transpose it is positive semidefinite where columns of other sizes would cancel in
/// Sigma - Sigma w w' Sigma / s^2. A Var(Y | R = q) that is infinite is left out where it multiplies b.
inline void add_shortfall_hessian(const PortfolioRisk& risk, const Matrix& factor, const Vector& gamma,
                                  const Vector& unit, double g, Matrix& out_matrix) {
  const Vector direction = factor * unit;
  auto lower = out_matrix.selfadjointView<Eigen::Lower>();
  lower.rankUpdate(Matrix(factor - direction * unit.transpose()), risk.density_ratio);
  const Vector b = gamma - direction * (g / risk.dispersion);
  const double weight = risk.density_ratio * risk.index_of_dispersion;
  if (std::isfinite(weight) && b.cwiseAbs().maxCoeff() > 0.0) lower.rankUpdate(b, weight);
}

/// Returns L'w / s, of length 1.
[[nodiscard]] inline Vector unit_of(const Matrix& factor, const PortfolioRisk& risk) {
  const Vector image = factor.triangularView<Eigen::Lower>().transpose() * risk.w;
  return image / risk.dispersion;
}

}  // namespace varimix
