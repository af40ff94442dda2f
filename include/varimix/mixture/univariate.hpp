#pragma once

#include "varimix/mixture/normal_mixture.hpp"

namespace varimix {

/// log P(X <= x) of a one-dimensional mixture, from the integral of positive terms
///   F(x) = Int Phi(c e^{-t/2} - g e^{t/2}) f_Y(e^t) e^t dt,   c = (x - mu)/sigma, g = gamma/sigma,
/// by the trapezoidal rule, summed outward from the integrand's mode in logarithms until terms fall below e^-40 of it.
/// x any number; -inf and inf give -inf and 0; NaN gives NaN. @pre model.d() == 1 (checked by the callers).
/// Accuracy: kTailRelativeError of the probability down to 1e-300 (test UnivariateAccuracy.*).
/// Cost: about 64 evaluations of exp and erfc in the median, no allocation.
template <Subordinator S>
[[nodiscard]] double log_cdf(const NormalMixture<S>& model, double x);

/// log P(X > x): log_cdf with the signs of c and g flipped.
template <Subordinator S>
[[nodiscard]] double log_sf(const NormalMixture<S>& model, double x);

/// The x with P(X <= x) = q, 0 < q < 1, by bracketing root finding (Alefeld, Potra and Shi 1995) on the logarithm of
/// the smaller tail.
template <Subordinator S>
[[nodiscard]] double quantile(const NormalMixture<S>& model, double q);

/// The promised relative accuracy of tail probabilities.
inline constexpr double kTailRelativeError = 1e-10;

}  // namespace varimix
