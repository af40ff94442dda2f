#pragma once

#include "varimix/core/types.hpp"

namespace varimix::kernels {

/// Adds a block of rows, stored as columns, to the sums of the E-step:
///   inout_x += sum of weight_i x_i,   inout_wx += sum of w_i x_i,   inout_wxx += sum of w_i x_i x_i'.
/// Only the lower triangle of inout_wxx is added to.
/// @param x  x[j * leading + i] is row i, column j.   @param w  (rows).   @param weight  (rows), or null for ones.
/// @param inout_wxx  column-major d x d.   @param scratch  d * leading doubles.
void accumulate(const double* x, Index rows, Index leading, Index d, const double* weight, const double* w,
                double* scratch, double* inout_x, double* inout_wx, double* inout_wxx) noexcept;

/// Returns the largest of `rows` values; a NaN is none, and -inf is the largest of none.
[[nodiscard]] double largest(const double* values, Index rows) noexcept;

/// Returns the sum of `rows` values, added in a fixed order.
[[nodiscard]] double sum(const double* values, Index rows) noexcept;

}  // namespace varimix::kernels
