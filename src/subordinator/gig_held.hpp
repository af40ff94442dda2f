#pragma once

#include <array>
#include <optional>

#include "varimix/subordinator/generalized_inverse_gaussian.hpp"

namespace varimix {

/// E[1/Y], E[Y], E[log Y], checked.
struct YMoments {
  double inv_y;
  double y;
  double log_y;
};

/// GeneralizedInverseGaussian::maximum_likelihood with at least one of (p, a, b) held.
[[nodiscard]] ShapeFit<GeneralizedInverseGaussian> gig_maximum_with_held(
    const YMoments& moments, const std::array<std::optional<double>, 3>& held);

/// The law of this order and z = sqrt(ab) > 0 for which E[Y] and E[1/Y] have the ratio given by the moments.
[[nodiscard]] GeneralizedInverseGaussian gig_of_shape(double p, double z, const YMoments& moments);

}  // namespace varimix
