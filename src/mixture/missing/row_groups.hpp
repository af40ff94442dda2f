#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "varimix/core/row_view.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// A pass takes windows of this many rows, one after the other: enough blocks for the threads of any machine.
inline constexpr Index kWindowRows = 65536;

/// Within a window rows are grouped by pattern in parts of so many: each thread groups some, they stay in a cache until
/// they are read again, and frequent patterns have enough of them to share a factor.
[[nodiscard]] Index rows_of_part(Index d) noexcept;

/// The rows of a window by pattern, which is the set of columns that a row shows (that are not NaN). In each part, in
/// turn: patterns that show most columns first, then in a fixed order of the patterns, then in the rows' own order.
/// Rows that show nothing are left out.
struct RowGroups {
  [[nodiscard]] Index groups() const noexcept { return static_cast<Index>(shown.size()); }
  [[nodiscard]] Index size() const noexcept { return static_cast<Index>(rows.size()); }
  /// Returns the columns that group g misses, in ascending order.
  [[nodiscard]] std::span<const std::int32_t> missing(Index g) const {
    const auto k = static_cast<std::size_t>(g);
    return std::span(missing_columns).subspan(missing_start[k], missing_start[k + 1] - missing_start[k]);
  }
  /// Returns the group of the row at a position in `rows`.
  [[nodiscard]] Index group_at(Index position) const;

  Index d = 0;
  std::vector<std::int64_t> rows;          // row numbers in the view
  std::vector<Index> start;                // group g has positions start[g], ..., start[g + 1] - 1 in `rows`
  std::vector<Index> shown;                // the number of columns that group g shows
  std::vector<std::size_t> missing_start;  // group g misses the columns from here in `missing_columns`
  std::vector<std::int32_t> missing_columns;
};

/// Groups rows first, ..., first + count - 1. @pre count <= kWindowRows. Cost: O(count d), by counting sorts.
[[nodiscard]] RowGroups group_rows(const RowView& x, Index first, Index count);

/// Returns the numbers of the rows that show something but miss more columns than a few, in order.
[[nodiscard]] std::vector<std::int64_t> rows_with_more_gaps(const RowView& x, Index few);

/// Returns how many rows show none, one, ..., all of the d columns (d + 1). @pre x.rows() <= kWindowRows.
[[nodiscard]] std::vector<Index> rows_by_shown(const RowView& x);

/// True if any value is NaN.
[[nodiscard]] bool has_missing(const RowView& x);

}  // namespace varimix
