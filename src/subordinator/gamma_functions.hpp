#pragma once

namespace varimix {

/// g(x) = log x - digamma(x) > 0, decreasing, about 1/x near 0 and 1/(2x) at infinity. x > 0 normal.
/// Relative error a few units of rounding: the terms that cancel are taken out.
[[nodiscard]] double log_minus_digamma(double x) noexcept;

/// g'(x) = 1/x - trigamma(x) < 0, likewise.
[[nodiscard]] double log_minus_digamma_slope(double x) noexcept;

/// The alpha with g(alpha) = d. @pre d > 0 finite, and alpha a normal double.
[[nodiscard]] double inverse_log_minus_digamma(double d) noexcept;

/// log Gamma(x) - ((x - 1/2) log x - x + log(2 pi)/2), what Stirling's formula leaves: about 1/(12x) at infinity.
/// Absolute error 1e-14 for x >= 1, relative to |log x| below.
[[nodiscard]] double stirling_remainder(double x) noexcept;

/// log(x^alpha e^{-x} / Gamma(alpha)), x = scale * y > 0: the log density of log X, X Gamma(alpha, rate 1).
/// Large terms are taken against each other first: the error is that of rounding alpha and x.
[[nodiscard]] double log_gamma_kernel(double alpha, double scale, double y) noexcept;

}  // namespace varimix
