#pragma once

#include <string>
#include <vector>

#include "varimix/core/types.hpp"

namespace varimix {

/// The parameters of a fitted law in the gauge E[Y] = 1 (E[1/Y] = 1 for a NormalInverseGamma), with the covariance of
/// their estimates.
struct ParameterCovariance {
  /// "mu_1", ..., "gamma_1", ..., "sigma_1_1", "sigma_2_1", "sigma_2_2", ..., and the shape: "log_tail_weight" of a
  /// NormalInverseGaussian, "log_alpha" of a VarianceGamma or NormalInverseGamma, "p" and "log_omega",
  /// omega = sqrt(ab), of a GeneralizedHyperbolic.
  std::vector<std::string> names;
  Vector params;  ///< (p)
  Matrix cov;     ///< (p, p); rows and columns of 0 for what is fixed
  /// Returns the standard errors (p), the roots of the diagonal.
  [[nodiscard]] Vector bse() const { return cov.diagonal().cwiseMax(0.0).cwiseSqrt(); }
};

}  // namespace varimix
