#pragma once

#include <cstddef>
#include <span>

#include "varimix/core/types.hpp"

namespace varimix::kernels {

/// The location, dispersion and skewness that all rows share.
struct RowLaw {
  const double* mu;         ///< (d), about the same origin as the rows
  const double* cholesky;   ///< L, lower, column-major, positive diagonal
  Index cholesky_stride;    ///< from column to column of L
  const double* direction;  ///< g = L^{-1} gamma (d)
  double root_a = 0.0;      ///< sqrt(a) of the law of Y, GIG(p, a, b)
  double root_b = 0.0;      ///< sqrt(b) of the law of Y
};

/// The arrays of results for every row, from v = L^{-1}(x - mu).
struct Distances {
  double* distance_squared;  ///< v'v = (x-mu)' Sigma^{-1} (x-mu)
  double* projection;        ///< g'v = (x-mu)' Sigma^{-1} gamma
  double* misalignment;      ///< |root_b g - root_a v|^2 + (g'g v'v - (g'v)^2), a sum of squares
};

/// Computes the distances of a block of rows stored as columns: x[j * leading + i] is row i, column j.
/// @param scratch  d * leading doubles; holds v on return.
/// @param ahead  memory that is to be in the second-level cache soon: it is asked for between the rows.
/// A distance that overflows becomes inf, with a projection of 0. NaN in, NaN out.
void distance(const RowLaw& law, const double* x, Index rows, Index leading, Index d, double* scratch,
              const Distances& out, std::span<const std::byte> ahead = {}) noexcept;

/// Returns true if every value of a row is finite; `first` is its value in column 0.
[[nodiscard]] bool row_is_finite(const double* first, Index leading, Index d) noexcept;

}  // namespace varimix::kernels
