#pragma once

#include <cmath>
#include <concepts>

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix::tests {

/// Returns the family's law of Y with these parameters of a GIG. @pre the family has one: p = -1/2 for the inverse
/// Gaussian, b = 0 for the gamma law, a = 0 for the inverse gamma law
template <Subordinator S>
S law_of_gig(const GigParameters& gig) {
  if constexpr (std::same_as<S, InverseGaussian>) return {std::sqrt(gig.b / gig.a), gig.b};
  if constexpr (std::same_as<S, Gamma>) return {gig.p, 0.5 * gig.a};
  if constexpr (std::same_as<S, InverseGamma>) return {-gig.p, 0.5 * gig.b};
  if constexpr (std::same_as<S, GeneralizedInverseGaussian>) return {gig.p, gig.a, gig.b};
}

}  // namespace varimix::tests
