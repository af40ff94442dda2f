#pragma once

#include "posterior.hpp"

namespace varimix::kernels {

/// The steps of `posterior` that are one formula a row, before and after K is evaluated, on the machine's vectors.

// Between these bounds the product a b neither loses digits nor overflows.
inline constexpr double kSmallestProduct = 1e-290;
inline constexpr double kLargestProduct = 1e290;

/// Computes u_i = a (b + q_i). Returns true if some product is extreme (is_extreme_product).
[[nodiscard]] bool products(const PosteriorLaw& law, Index rows, const double* q, double* out_u) noexcept;

/// Turns what was evaluated for GIG(order, 1, u_i) into the results for GIG(order, a, b_i): log_density holds
/// GigMomentArrays::log_normalizer, and the other arrays of `inout` hold the moments.
void scale_posteriors(const PosteriorLaw& law, Index rows, const double* exponent, const Posteriors& inout) noexcept;

/// `products` for rows that each have their own a, which is extreme too unless it is a normal double.
[[nodiscard]] bool mixed_products(const PosteriorLaw& law, Index rows, const double* a, const double* q,
                                  double* out_u) noexcept;

/// `scale_posteriors` for rows that each have their own a; law.log_constant is not added.
void scale_mixed_posteriors(const PosteriorLaw& law, Index rows, const double* a, const double* exponent,
                            const Posteriors& inout) noexcept;

}  // namespace varimix::kernels
