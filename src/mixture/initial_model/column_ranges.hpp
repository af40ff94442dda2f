#pragma once

#include <span>
#include <vector>

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
/// Returns those of the rows whose weight is not 0; `weights` is empty for ones.
[[nodiscard]] ColumnRanges column_ranges(const RowView& x, std::span<const double> weights);
/// Returns the columns in which every value that is shown equals the others.
[[nodiscard]] std::vector<Index> constant_columns(const ColumnRanges& range);

}  // namespace varimix
