#pragma once

#include <vector>

#include "varimix/core/types.hpp"

namespace varimix {

/// Returns the columns from 0 to d - 1 that are not in `columns`, in order.
[[nodiscard]] std::vector<Index> other_columns(const std::vector<Index>& columns, Index d);

/// Returns the Cholesky factor of Sigma with its rows and columns in this order, from that of Sigma: nothing is
/// squared.
[[nodiscard]] Matrix reordered_factor(const Matrix& factor, const std::vector<Index>& order);

}  // namespace varimix
