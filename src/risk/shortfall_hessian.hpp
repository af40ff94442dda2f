#pragma once

#include <Eigen/Dense>
#include <cmath>

#include "varimix/core/types.hpp"
#include "varimix/risk/portfolio.hpp"

namespace varimix {

/// Adds the Hessian of the expected shortfall, or a diagonal block of it, to the lower triangle of out_matrix. Sigma,
/// direction = Sigma w / s and b = gamma - direction g / s are those of the block's columns. A Var(Y | R = q) that is
/// infinite is left out where it multiplies b.
inline void add_shortfall_hessian(const PortfolioRisk& risk, const Matrix& sigma, const Vector& direction,
                                  const Vector& b, Matrix& out_matrix) {
  out_matrix.triangularView<Eigen::Lower>() += risk.density_ratio * sigma;
  auto lower = out_matrix.selfadjointView<Eigen::Lower>();
  lower.rankUpdate(direction, -risk.density_ratio);
  const double weight = risk.density_ratio * risk.index_of_dispersion;
  if (std::isfinite(weight) && b.cwiseAbs().maxCoeff() > 0.0) lower.rankUpdate(b, weight);
}

}  // namespace varimix
