#pragma once

#include <functional>
#include <optional>

#include "varimix/core/types.hpp"

namespace varimix {

/// A symmetric matrix, scaled to a diagonal of ones and factorised, or the direction in which it is not positive
/// definite.
class DenseInformation {
 public:
  /// Takes the columns product(e_k), which are symmetrised.
  DenseInformation(const std::function<Vector(const Vector&)>& product, Index size);
  explicit DenseInformation(const Matrix& matrix);
  /// Returns the least eigenvalue of the scaled matrix.
  [[nodiscard]] double least_eigenvalue() const noexcept { return least_eigenvalue_; }
  /// Returns the direction of the least eigenvalue where it is below kLeastEigenvalue; empty where the matrix is
  /// positive definite.
  [[nodiscard]] const Vector& not_positive() const noexcept { return not_positive_; }
  /// Returns the inverse times b. @pre The matrix is positive definite.
  [[nodiscard]] Matrix solve(const Matrix& b) const;

 private:
  void factorise(const Matrix& matrix);

  Vector scale_;  // roots of the diagonal
  Matrix scaled_;
  double least_eigenvalue_ = 0.0;
  Vector not_positive_;
};

/// A scaled information with an eigenvalue below this is taken as singular.
inline constexpr double kLeastEigenvalue = 1e-10;

}  // namespace varimix
