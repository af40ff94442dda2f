#pragma once

#include "varimix/core/types.hpp"
#include "varimix/subordinator/gig_parameters.hpp"

namespace varimix {

/// X = mu + gamma Y + sqrt(Y) Z, as far as moments ask. Those of Y are infinite where its right tail is a power (a = 0); what
/// gamma_j = 0 multiplies has no part in X, and what is left of a moment may be finite, infinite, or not exist.
struct MomentsOfX {
  const Vector& gamma;
  const Matrix& sigma;
  GigParameters gig;
  Cumulants y;

  /// Whether E[Y^r], r > 0, is finite.
  [[nodiscard]] bool y_has(double r) const noexcept { return gig.a > 0.0 || gig.p + r < 0.0; }
  /// E[X - mu]: gamma_j E[Y]; where gamma_j = 0 it is 0, or NaN where E[sqrt(Y)] is infinite: it does not exist then.
  [[nodiscard]] Vector mean() const;
  /// E[Y] Sigma + Var(Y) gamma gamma'; NaN off the diagonal where the integral does not exist.
  [[nodiscard]] Matrix covariance() const;
  [[nodiscard]] Vector skewness() const;
  [[nodiscard]] Vector kurtosis() const;
  /// Sigma + E[Y] gamma gamma' = E[(X-mu)(X-mu)'/Y].
  [[nodiscard]] Matrix scatter_over_y() const;
};

}  // namespace varimix
