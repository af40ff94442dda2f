#pragma once

#include <span>

#include "varimix/subordinator/subordinator.hpp"

namespace varimix {

/// The law of X = mu + gamma Y + sigma sqrt(Y) Z, Z ~ N(0, 1), Y ~ GIG(p, a, b) or one of its limits: a = 0 with p < 0
/// (inverse gamma) and b = 0 with p > 0 (gamma). What the functions below take, whatever the family.
///
/// With c = (x - mu)/sigma, g = gamma/sigma,
///   P(X <= x) = Int Phi(c e^{-t/2} - g e^{t/2}) f_Y(e^t) e^t dt,
/// an integral of positive terms, by the trapezoidal rule about the integrand's mode, which converges geometrically
/// (Trefethen and Weideman 2014, SIAM Review 56:385); P(X > x) is the same with the signs of c and g flipped, never
/// 1 - P(X <= x). The law's constant is a sum by the same rule, so that no logarithm of Gamma or K_p enters.
///
/// Every function throws std::invalid_argument, naming what is wrong, unless sigma > 0, mu and gamma are finite, p, a, b are
/// finite and one of the three cases above, and y0 = mode of log Y and sigma sqrt(y0), the standard unit, are normal doubles.
/// Spans of x may hold anything: -inf and inf give the limits, NaN gives NaN. x and out may be the same memory.
/// A result does not depend on what else is in the span, on its place there, or on the number of threads.
///
/// Accuracy: kTailRelativeError * max(1, |log p|), relative to the probability p, of the law with exactly these parameters
/// (test UnivariateAccuracy.*). Beyond |x - mu| = 1e100 standard units a tail with a > 0 is taken as 0 (log: -inf), one
/// with a = 0 as the power law that it is there (exactly so for gamma = 0 or |gamma| sqrt(y0) > 1e-80 sigma).
/// Cost: 20 to 70 nodes, 0.5 us, for most laws; a few hundred for small shapes (p below 1 with b = 0, above -1 with
/// a = 0) and where X is all but gamma Y (|gamma| sqrt(y0) of 20 sigma and up), 10 to 60 us in the extreme. No allocation.
struct UnivariateLaw {
  GigParameters gig;
  double mu;
  double gamma;
  double sigma;  ///< > 0; the standard deviation of sigma Z, not a variance
};

/// P(X <= x[i]).
/// @throws std::invalid_argument for another size of out, as all functions of spans.
void cdf(const UnivariateLaw& law, std::span<const double> x, std::span<double> out);
/// P(X > x[i]).
void sf(const UnivariateLaw& law, std::span<const double> x, std::span<double> out);
/// log P(X <= x[i]): where the probability is near 1, from that of the other side.
void log_cdf(const UnivariateLaw& law, std::span<const double> x, std::span<double> out);
/// log P(X > x[i]).
void log_sf(const UnivariateLaw& law, std::span<const double> x, std::span<double> out);

/// The x with P(X <= x) = q[i]; 0 and 1 give -inf and inf. Throws unless every q is in [0, 1].
/// By bracketing root finding (Alefeld, Potra and Shi 1995) on the logarithm of the smaller tail: for q <= 1/2 the lower
/// one is met, else the upper one, 1 - q.
/// Accuracy: kQuantileRelativeError, relative to the larger of |x - mu| and a scale of X. Cost: 12 to 17 of cdf.
void ppf(const UnivariateLaw& law, std::span<const double> q, std::span<double> out);
/// The x with P(X > x) = q[i], which keeps all digits of a small q: ppf(1 - q) where that is exact.
void isf(const UnivariateLaw& law, std::span<const double> q, std::span<double> out);

/// Value at risk of a return X: the loss -X exceeds it with probability 1 - level, value_at_risk(level) = -ppf(1 - level).
/// Positive where it is a loss. 1 - level is exact for level >= 1/2. Throws unless 0 <= level <= 1.
void value_at_risk(const UnivariateLaw& law, std::span<const double> level, std::span<double> out);
/// Expected shortfall of a return X: the mean of the losses beyond the value at risk, -E[X | X <= ppf(1 - level)]
/// = value_at_risk(level) + E[(q - X)+] / P(X <= q), q = ppf(1 - level): two positive integrals.
/// inf where that mean does not exist (a = 0 with gamma < 0 and p >= -1, or gamma = 0 and p >= -1/2) and at level 1.
/// Throws unless 0 < level <= 1.
/// Accuracy: kShortfallRelativeError relative to the larger of |value at risk| and the excess over it. Cost: as ppf.
void expected_shortfall(const UnivariateLaw& law, std::span<const double> level, std::span<double> out);

[[nodiscard]] double cdf(const UnivariateLaw& law, double x);
[[nodiscard]] double sf(const UnivariateLaw& law, double x);
[[nodiscard]] double log_cdf(const UnivariateLaw& law, double x);
[[nodiscard]] double log_sf(const UnivariateLaw& law, double x);
[[nodiscard]] double ppf(const UnivariateLaw& law, double q);
[[nodiscard]] double isf(const UnivariateLaw& law, double q);
[[nodiscard]] double value_at_risk(const UnivariateLaw& law, double level);
[[nodiscard]] double expected_shortfall(const UnivariateLaw& law, double level);

/// The promised relative accuracy of a tail probability p, times max(1, |log p|); and of log p, relative to max(1, |log p|).
inline constexpr double kTailRelativeError = 1e-13;
/// The promised accuracy of quantiles.
inline constexpr double kQuantileRelativeError = 1e-11;
/// The promised accuracy of the expected shortfall.
inline constexpr double kShortfallRelativeError = 1e-11;

}  // namespace varimix
