#pragma once

#include "varimix/core/types.hpp"

namespace varimix {

/// The kernels of the E-step on matrices: a row of a matrix is a row of data to them. They run in the widest vectors of
/// the processor.

/// Returns L^{-1}. L is lower, in the first rows of `lower`, which has as many columns.
[[nodiscard]] Matrix inverse_of(const Matrix& lower);

/// Returns L^{-1} S L'^{-1} of a symmetric S; L is lower.
[[nodiscard]] Matrix whitened(const Matrix& lower, Matrix symmetric);

/// Adds factor * A'A to the lower triangle of a matrix.
void add_square(const Matrix& a, double factor, Matrix& inout);

}  // namespace varimix
