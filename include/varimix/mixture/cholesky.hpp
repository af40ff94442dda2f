#pragma once

#include "varimix/core/types.hpp"

namespace varimix {

/// The lower Cholesky factor of a dispersion matrix that a caller gave. Throws std::invalid_argument naming `name`
/// unless it is d x d, finite, symmetric (each pair of entries to 1e-10 of their scale) and positive definite.
[[nodiscard]] Matrix checked_cholesky(const Matrix& sigma, Index d, const char* name);

/// Throws std::invalid_argument naming `name` and showing `values` unless all are finite.
void require_finite(const Matrix& values, const char* name);

}  // namespace varimix
