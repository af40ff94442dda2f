#pragma once

#include <span>

#include "varimix/subordinator/subordinator.hpp"

namespace varimix {

/// The law of X = mu + gamma Y + sigma sqrt(Y) Z, Z ~ N(0, 1), Y ~ GIG(p, a, b) or one of its limits: a = 0 with p < 0
/// (inverse gamma) and b = 0 with p > 0 (gamma). The functions below take it, whatever the family.
///
/// With c = (x - mu)/sigma, g = gamma/sigma, Phi the normal distribution function and f_Y the density of Y,
///   P(X <= x) = Int Phi(c e^{-t/2} - g e^{t/2}) f_Y(e^t) e^t dt.
/// This integral of positive terms is a sum by the trapezoidal rule about the integrand's mode, which converges
/// geometrically (Trefethen and Weideman 2014, SIAM Review 56:385). P(X > x) is the same with the signs of c and g
/// flipped, never 1 - P(X <= x). The law's constant is a sum by the same rule, so that no logarithm of Gamma or K_p
/// enters.
///
/// Every function throws std::invalid_argument, naming what is wrong, unless sigma > 0, mu and gamma are finite, p, a,
/// b are finite and one of the three cases above, and normal doubles are y0, the Y at which log Y has its mode, and the
/// standard unit sigma sqrt(y0).
/// Spans of x may hold anything: -inf and inf give the limits, NaN gives NaN. x and out may be the same memory.
/// A result does not depend on what else is in the span, on its place there, or on the number of threads.
///
/// Accuracy: a probability P of the law with exactly these parameters has a relative error of at most
/// kTailRelativeError * max(1, |log P|) (test UnivariateAccuracy.*). Beyond |x - mu| = 1e100 standard units a tail is
/// taken as 0 (log: -inf) for a > 0, and for a = 0 as the power law that it is there (exactly so for gamma = 0 or
/// |gamma| sqrt(y0) > 1e-80 sigma).
/// Cost: 20 to 70 nodes, 0.5 us, for most laws; a few hundred for small shapes (p below 1 with b = 0, above -1 with
/// a = 0) and where X is nearly gamma Y (|gamma| sqrt(y0) of 20 sigma and up), 10 to 60 us in the extreme.
/// Nothing is allocated.
struct UnivariateLaw {
  GigParameters gig;
  double mu;
  double gamma;
  double sigma;  ///< > 0; the standard deviation of sigma Z, not a variance
};

/// Computes out[i] = P(X <= x[i]).
/// @throws std::invalid_argument if out has another size than x, as all functions of spans do.
void cdf(const UnivariateLaw& law, std::span<const double> x, std::span<double> out);
/// Computes P(X > x[i]).
void sf(const UnivariateLaw& law, std::span<const double> x, std::span<double> out);
/// Computes log P(X <= x[i]); where the probability is near 1, from that of the other side.
void log_cdf(const UnivariateLaw& law, std::span<const double> x, std::span<double> out);
/// Computes log P(X > x[i]).
void log_sf(const UnivariateLaw& law, std::span<const double> x, std::span<double> out);

/// Computes the x with P(X <= x) = q[i]; 0 and 1 give -inf and inf. Throws unless every q is in [0, 1].
/// A bracketing root finder (Alefeld, Potra and Shi 1995) works on the logarithm of the smaller tail: for q <= 1/2 it
/// meets the lower tail q, else the upper one, 1 - q.
/// Accuracy: kQuantileRelativeError, relative to the larger of |x - mu| and a scale of X.
/// Cost: 12 to 17 times that of cdf.
void ppf(const UnivariateLaw& law, std::span<const double> q, std::span<double> out);
/// Computes the x with P(X > x) = q[i], ppf(1 - q) without the rounding of 1 - q: a small q keeps all its digits.
void isf(const UnivariateLaw& law, std::span<const double> q, std::span<double> out);

/// Computes the value at risk of a return X, -ppf(1 - level): the loss -X exceeds it with probability 1 - level. It is
/// positive where it is a loss. 1 - level is exact for level >= 1/2. Throws unless 0 <= level <= 1.
void value_at_risk(const UnivariateLaw& law, std::span<const double> level, std::span<double> out);
/// Computes the expected shortfall of a return X, the mean of the losses beyond the value at risk: -E[X | X <= q]
/// = value_at_risk(level) + E[(q - X)+] / P(X <= q), q = ppf(1 - level), from two positive integrals. It is inf where
/// that mean does not exist (a = 0 with gamma < 0 and p >= -1, or gamma = 0 and p >= -1/2) and at level 1.
/// Throws unless 0 < level <= 1.
/// Accuracy: kShortfallRelativeError relative to the larger of |value at risk| and the excess over it.
/// Cost: that of ppf.
void expected_shortfall(const UnivariateLaw& law, std::span<const double> level, std::span<double> out);

[[nodiscard]] double cdf(const UnivariateLaw& law, double x);
[[nodiscard]] double sf(const UnivariateLaw& law, double x);
[[nodiscard]] double log_cdf(const UnivariateLaw& law, double x);
[[nodiscard]] double log_sf(const UnivariateLaw& law, double x);
[[nodiscard]] double ppf(const UnivariateLaw& law, double q);
[[nodiscard]] double isf(const UnivariateLaw& law, double q);
[[nodiscard]] double value_at_risk(const UnivariateLaw& law, double level);
[[nodiscard]] double expected_shortfall(const UnivariateLaw& law, double level);

/// The promised accuracy of the logarithm of a tail probability P, relative to max(1, |log P|). That of P is the same,
/// times max(1, |log P|).
inline constexpr double kTailRelativeError = 1e-13;
/// The promised accuracy of quantiles.
inline constexpr double kQuantileRelativeError = 1e-11;
/// The promised accuracy of the expected shortfall.
inline constexpr double kShortfallRelativeError = 1e-11;

}  // namespace varimix
