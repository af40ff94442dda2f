#pragma once

#include <cstddef>

#include "varimix/univariate/univariate_law.hpp"

namespace varimix {

/// Means over the lower tail X <= q of X = mu + gamma Y + sigma sqrt(Y) Z; inf where one does not exist.
struct TailMoments {
  double excess;      ///< E[q - X | X <= q] > 0
  double y;           ///< E[Y | X <= q]
  double minus_root;  ///< -E[sqrt(Y) Z | X <= q] > 0
  std::size_t nodes;  ///< the nodes of the trapezoidal rule; 0 where another rule served
};

/// Returns the means, as ratios of four integrals of positive terms that one sweep sums: nothing cancels, and the law's
/// constant is not needed.
/// Accuracy: 1e-14 relative, but for the rounding of q - mu. Cost: that of cdf, and a half.
/// @pre The law is one that cdf takes; q is finite and within 1e100 standard units of mu.
[[nodiscard]] TailMoments tail_moments(const UnivariateLaw& law, double q);

}  // namespace varimix
