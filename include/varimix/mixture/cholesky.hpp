#pragma once

#include <vector>

#include "varimix/core/types.hpp"

namespace varimix {

/// Returns the lower Cholesky factor of a dispersion matrix that a caller gave. Throws std::invalid_argument naming
/// `name` unless it is d x d, finite, symmetric (each pair of entries to 1e-10 of their scale) and positive definite.
[[nodiscard]] Matrix checked_cholesky(const Matrix& sigma, Index d, const char* name);

/// Returns a Cholesky factor, made column by column, in which every pivot not above `least` is raised to it: the factor
/// of f plus a diagonal matrix >= 0 (Gill, Murray and Wright 1981, section 4.4.2.2). Indices of raised pivots are
/// appended to `out_raised`. Only the lower triangle of f is read.
/// @pre least >= 0, and > 0 where a pivot may need raising.
[[nodiscard]] Matrix raised_cholesky(const Matrix& f, const Vector& least, std::vector<Index>& out_raised);

/// Throws std::invalid_argument naming `name` and showing `values` unless all are finite.
void require_finite(const Eigen::Ref<const Matrix>& values, const char* name);

}  // namespace varimix
