#pragma once

#include <cstdint>

#include "precision_rows.hpp"
#include "varimix/core/types.hpp"

namespace varimix::kernels {

/// Rows that miss as many columns each, and what is known of them. The k-th missing column of row i is
/// columns[k * rest.stride + i].
struct CompletedRows {
  Index rows, missing;
  const std::int64_t* columns;
  MissingColumns rest;
  const double *weight, *inv_y, *y;
};

/// Sets the missing values of each row to h = c + g / w, and adds the terms that y - 1/w and w multiply:
///   sum of weight C + weight (y - 1/w) gg', and, in a last column, sum of weight (y - 1/w) g,
/// with w = inv_y, c = mean, g = gamma and C = covariance of a row. Where g is 0, so are its terms, though y be infinite.
/// @param mu, unit  (columns): out_x[j * leading + i] = mu_j + unit_j h_j for each missing column j of row i.
/// @param inout  (columns, columns + 1), in units; of the first columns only the lower triangle is used.
/// @pre All that is read may be read a vector beyond the last row.
void add_rest(const CompletedRows& from, const double* mu, const double* unit, double* out_x, Index leading,
              Index columns, double* inout) noexcept;

}  // namespace varimix::kernels
