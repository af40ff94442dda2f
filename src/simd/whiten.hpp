#pragma once

#include "varimix/core/types.hpp"

namespace varimix::simd {

/// Whitens a block of rows stored as columns: v = L^{-1}(x - mu), for every row i
///   out_distance_squared[i] = v'v = (x-mu)' Sigma^{-1} (x-mu),   out_projection[i] = direction' v.
/// @param x  x[j * leading + i] is row i, column j.   @param mu  (d), about the same origin as x.
/// @param cholesky  L, lower, column-major d x d, positive diagonal.   @param direction  (d).
/// @param scratch  d * leading doubles.   A distance that overflows is inf, with
/// a projection of 0. NaN in, NaN out.
void whiten(const double* x, Index rows, Index leading, Index d, const double* mu, const double* cholesky,
            const double* direction, double* scratch, double* out_distance_squared, double* out_projection) noexcept;

}  // namespace varimix::simd
