#pragma once

#include "varimix/core/types.hpp"

namespace varimix::kernels {

/// The law of x = mu + y gamma + sqrt(y) L z for given y, z standard normal.
struct DrawLaw {
  const double* mu;        ///< (d)
  const double* gamma;     ///< (d)
  const double* cholesky;  ///< L, lower, column-major, d x d
};

/// Computes x for a block of rows stored as columns: z[j * leading + i] and out[j * leading + i] are row i, column j.
/// What a row becomes does not depend on the others.
/// @param y  (rows).   @param root_y  (rows), sqrt(y).   @param out  other memory than z.
void draw(const DrawLaw& law, const double* y, const double* root_y, const double* z, Index rows, Index leading,
          Index d, double* out) noexcept;

/// Copies such a block to rows: out[i * d + j] = columns[j * leading + i].
void columns_to_rows(const double* columns, Index rows, Index leading, Index d, double* out) noexcept;

}  // namespace varimix::kernels
