#pragma once

namespace varimix {

/// Returns g(x) = log x - digamma(x) > 0, which decreases from about 1/x near 0 to about 1/(2x) at infinity. x > 0 is a
/// normal double. The relative error is a few units of rounding: the terms that cancel are taken out.
[[nodiscard]] double log_minus_digamma(double x) noexcept;

/// Returns g'(x) = 1/x - trigamma(x) < 0, with the same domain and error.
[[nodiscard]] double log_minus_digamma_slope(double x) noexcept;

/// Returns the alpha with g(alpha) = d. @pre d > 0 is finite, and alpha is a normal double.
[[nodiscard]] double inverse_log_minus_digamma(double d) noexcept;

/// Returns the remainder of Stirling's formula, log Gamma(x) - ((x - 1/2) log x - x + log(2 pi)/2), which is about
/// 1/(12x) at infinity. The error is 1e-14: absolute for x >= 1, relative to |log x| below.
[[nodiscard]] double stirling_remainder(double x) noexcept;

/// Returns log(x^alpha e^{-x} / Gamma(alpha)) at x = scale * y > 0: the log density of log X, X ~ Gamma(alpha, rate 1).
/// Large terms are subtracted from each other first, so that the error is that of rounding alpha and x.
[[nodiscard]] double log_gamma_kernel(double alpha, double scale, double y) noexcept;

}  // namespace varimix
