#pragma once

#include <vector>

#include "varimix/core/column_names.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// Throws std::invalid_argument unless there is at least one column, all lie within 0, ..., d - 1, and none comes twice.
void require_columns(const std::vector<Index>& columns, Index d);

/// Returns the columns from 0 to d - 1 that are not in `columns`, in order.
[[nodiscard]] std::vector<Index> other_columns(const std::vector<Index>& columns, Index d);

/// Returns the names of these columns; none of none.
[[nodiscard]] ColumnNames names_of(const ColumnNames& all, const std::vector<Index>& columns);

/// Returns the Cholesky factor of Sigma with its rows and columns in this order, from that of Sigma: nothing is
/// squared. Where the order leaves columns out, what is right of the last of the others is 0.
[[nodiscard]] Matrix reordered_factor(const Matrix& factor, const std::vector<Index>& order);

}  // namespace varimix
