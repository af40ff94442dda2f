#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>

#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/random/counter_stream.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix::tests {

/// Returns the GIG of order p with E[Y] = 1 and sqrt(ab) = z.
inline GeneralizedInverseGaussian gig_of_mean_one(double p, double z) {
  const double ratio = bessel_k(p, z).ratio_plus;
  return {p, z * ratio, z / ratio};
}

/// Returns the z at which GIG(p, z, z) has this tail weight E[Y] E[1/Y] - 1, which falls with z, by bisection in log z.
/// @pre tail_weight (|p| - 1) < 1; otherwise there is no such z
inline double z_of_tail_weight(double p, double tail_weight) {
  double low = std::log(1e-12);
  double high = std::log(1e6);
  constexpr int kHalvings = 60;  // from a length of 41 to the spacing of doubles
  for (int k = 0; k < kHalvings; ++k) {
    const double middle = 0.5 * (low + high);
    const BesselK bessel = bessel_k(p, std::exp(middle));
    (bessel.ratio_minus * bessel.ratio_plus - 1.0 > tail_weight ? low : high) = middle;
  }
  return std::exp(0.5 * (low + high));
}

/// Returns the law of Y with E[Y] = 1 and this tail weight E[Y] E[1/Y] - 1. The order p of a GIG is drawn, with
/// |p| < min(4, 1 + 0.8 / tail_weight), so that there is such a law.
template <Subordinator S>
S some_law(double tail_weight, std::int64_t seed) {
  const double alpha = 1.0 + 1.0 / tail_weight;
  if constexpr (std::same_as<S, InverseGaussian>) {
    return {1.0, 1.0 / tail_weight};
  } else if constexpr (std::same_as<S, Gamma>) {
    return {alpha, alpha};
  } else if constexpr (std::same_as<S, InverseGamma>) {
    return {alpha, alpha - 1.0};
  } else {
    constexpr double kLargestOrder = 4.0;
    constexpr double kShare = 0.8;
    CounterStream stream(Key{seed}, StreamPurpose::kModelRows, 2);
    const double p = (2.0 * stream.uniform() - 1.0) * std::min(kLargestOrder, 1.0 + kShare / tail_weight);
    return gig_of_mean_one(p, z_of_tail_weight(p, tail_weight));
  }
}

/// Returns whether these are the parameters of a law on (0, inf).
inline bool is_proper(const GigParameters& gig) {
  return gig.a >= 0.0 && gig.b >= 0.0 && (gig.a > 0.0 || (gig.p < 0.0 && gig.b > 0.0)) &&
         (gig.b > 0.0 || (gig.p > 0.0 && gig.a > 0.0));
}

}  // namespace varimix::tests
