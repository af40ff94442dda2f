#pragma once

#include "support/models.hpp"

/// Rows of more than two blocks, for views of them in every layout.
namespace varimix::tests::row_views {

inline constexpr Index kRows = 700;  // more than two blocks
inline constexpr Index kColumns = 3;

/// Returns numbers that float32 holds exactly, so that all layouts hold the same.
inline RowMatrix some_rows() { return gaussian_rows(kRows, kColumns, 1).cast<float>().cast<double>(); }

}  // namespace varimix::tests::row_views
