#pragma once

namespace varimix {

/// Computes log Phi(u), where Phi is the standard normal distribution function. u may be any double; NaN in, NaN out;
/// -inf gives -inf.
/// Method: erfc for u >= -20, the asymptotic expansion of Mills' ratio (DLMF 7.12.1) below.
/// Accuracy: the relative error of Phi is at most max(1e-14, 4e-16 u^2), the rounding of a logarithm of size u^2 / 2.
[[nodiscard]] double log_normal_cdf(double u) noexcept;

}  // namespace varimix
