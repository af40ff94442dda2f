#pragma once

#include <vector>

#include "varimix/core/types.hpp"

namespace varimix {

/// The lower Cholesky factor of a dispersion matrix that a caller gave. Throws std::invalid_argument naming `name`
/// unless it is d x d, finite, symmetric (each pair of entries to 1e-10 of their scale) and positive definite.
[[nodiscard]] Matrix checked_cholesky(const Matrix& sigma, Index d, const char* name);

/// Cholesky factorisation, column by column, that raises a pivot not above `least` to it: the factor of f plus a diagonal
/// matrix >= 0 (Gill, Murray and Wright 1981, section 4.4.2.2). Indices of raised pivots are appended to `out_raised`.
/// Reads the lower triangle of f. @pre least >= 0, > 0 where a pivot may need raising.
[[nodiscard]] Matrix raised_cholesky(const Matrix& f, const Vector& least, std::vector<Index>& out_raised);

/// Throws std::invalid_argument naming `name` and showing `values` unless all are finite.
void require_finite(const Matrix& values, const char* name);

}  // namespace varimix
