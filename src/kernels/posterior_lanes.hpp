#pragma once

#include "posterior.hpp"

namespace varimix::kernels {

/// The steps of `posterior` that are one formula a row, before and after K is evaluated, on the machine's vectors.

// Between these bounds the product a b neither loses digits nor overflows.
inline constexpr double kSmallestProduct = 1e-290;
inline constexpr double kLargestProduct = 1e290;

/// Computes b_i = b + q_i and u_i = a b_i. Returns true if some product is extreme (is_extreme_product).
[[nodiscard]] bool products(const PosteriorLaw& law, Index rows, const double* q, double* out_b,
                            double* out_u) noexcept;

/// Turns what was evaluated for GIG(order, 1, u_i) into the results for GIG(order, a, b_i): the arrays of `inout` but
/// log_density hold the moments, and `log_scaled` and `log_b` hold log(e^z K_order(z)) and log b_i.
void scale_posteriors(const PosteriorLaw& law, Index rows, const double* exponent, const double* log_scaled,
                      const double* log_b, const Posteriors& inout) noexcept;

}  // namespace varimix::kernels
