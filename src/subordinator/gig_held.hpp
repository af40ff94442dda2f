#pragma once

#include <array>
#include <optional>

#include "varimix/subordinator/generalized_inverse_gaussian.hpp"

namespace varimix {

/// The moments E[1/Y], E[Y] and E[log Y], which the caller has checked.
struct YMoments {
  double inv_y;
  double y;
  double log_y;
};

/// Does what GeneralizedInverseGaussian::maximum_likelihood does, with at least one of (p, a, b) held.
[[nodiscard]] ShapeFit<GeneralizedInverseGaussian> gig_maximum_with_held(
    const YMoments& moments, const std::array<std::optional<double>, 3>& held);

/// Returns the law of order p and z = sqrt(ab) > 0 for which E[Y] and E[1/Y] have the ratio given by the moments.
[[nodiscard]] GeneralizedInverseGaussian gig_of_shape(double p, double z, const YMoments& moments);

}  // namespace varimix
