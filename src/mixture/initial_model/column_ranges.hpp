#pragma once

#include "varimix/core/row_view.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// A standard deviation below this cannot be squared within a double's range.
inline constexpr double kSmallestDeviation = 1e-150;

/// The smallest and largest value of every column without NaN; (inf, -inf) where none is shown.
struct ColumnRanges {
  Vector low, high;
};

[[nodiscard]] ColumnRanges column_ranges(const RowView& x);

}  // namespace varimix
