#pragma once

#include "varimix/core/types.hpp"
#include "varimix/subordinator/gig_parameters.hpp"

namespace varimix {

/// The part of X = mu + gamma Y + sqrt(Y) Z on which moments depend. Moments of Y may be infinite where its right tail
/// is a power (a = 0). A moment of Y that gamma_j = 0 multiplies has no part in X, and the rest of a moment of X may be
/// finite, infinite, or not exist.
struct MomentsOfX {
  const Vector& gamma;
  const Matrix& sigma;
  GigParameters gig;
  Cumulants y;

  /// True if E[Y^r], r > 0, is finite.
  [[nodiscard]] bool y_has(double r) const noexcept { return gig.a > 0.0 || gig.p + r < 0.0; }
  /// Returns E[X - mu] = gamma E[Y]. Where gamma_j = 0 it is 0, or NaN if E[sqrt(Y)] is infinite and it does not exist.
  [[nodiscard]] Vector mean() const;
  /// Returns E[Y] Sigma + Var(Y) gamma gamma', NaN off the diagonal where the integral does not exist.
  [[nodiscard]] Matrix covariance() const;
  [[nodiscard]] Vector skewness() const;
  [[nodiscard]] Vector kurtosis() const;
  /// Returns Sigma + E[Y] gamma gamma' = E[(X-mu)(X-mu)'/Y].
  [[nodiscard]] Matrix scatter_over_y() const;
};

}  // namespace varimix
