#pragma once

#include "varimix/inference/inferable.hpp"

namespace varimix {

/// The covariance of estimates by the information in one row whose Y is seen. The scale of Y is then a parameter like any other, although
/// no number of the law of X depends on it: with I_c the information about (m, g, M, shape, log scale) and R the map to the
/// coordinates, it is R I_c^{-1} R'. I_c has a block for each column's m and g, a diagonal for M and a block for Y, so
/// that nothing of its size is made.
template <Subordinator S>
class CompleteDataCovariance {
 public:
  /// @pre what the coordinates hold fixed, other than gamma = 0, is not there.
  explicit CompleteDataCovariance(const LocalCoordinates<S>& coordinates);
  /// True if the means of Y and 1/Y are finite, without which no covariance is known.
  [[nodiscard]] bool is_finite() const noexcept { return is_finite_; }
  /// Returns the covariance (k, k) of numbers with these gradients in the coordinates, one a column.
  /// @pre is_finite(). Cost: O(k d^2 + k^2 p).
  [[nodiscard]] Matrix of(const Matrix& gradients) const;

 private:
  [[nodiscard]] Vector at_known_scale(const Vector& v) const { return coordinates_.precondition(v, inv_y_, y_); }

  const LocalCoordinates<S>& coordinates_;
  double inv_y_, y_;
  bool is_finite_ = false;
  Vector with_scale_;  // how the coordinates move with the estimate of log scale
  double variance_of_scale_ = 0.0;
};

}  // namespace varimix
