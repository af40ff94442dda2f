#pragma once

#include <vector>

#include "varimix/core/types.hpp"

namespace varimix {

/// The factors of a covariance matrix D R R' D, D diagonal and R lower, or the columns that have none.
struct Whitening {
  Vector deviation;              ///< the diagonal of D, standard deviations
  Matrix root;                   ///< R, the lower Cholesky factor of the correlation
  std::vector<Index> constant;   ///< columns whose deviation is none
  std::vector<Index> collinear;  ///< columns that those before determine to 1e-5 of their deviation

  [[nodiscard]] bool exists() const noexcept { return constant.empty() && collinear.empty(); }
  /// Returns D R.
  [[nodiscard]] Matrix covariance_root() const { return deviation.asDiagonal() * root; }
};

/// Returns the factors of a covariance matrix of finite numbers, of which the lower triangle is read.
[[nodiscard]] Whitening whitening(const Matrix& covariance);

}  // namespace varimix
