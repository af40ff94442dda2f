#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "varimix/core/row_view.hpp"

namespace varimix {

/// Records how much of the source a shuffled order has read to come this far.
struct ShuffledFrom {
  std::int64_t read = 0;  ///< rows of the source that were read
  bool to_end = false;    ///< true if the source had ended
};

/// Holds rows of a stream, and keeps their memory alive. A source gives chunks of any size in this form, and Recut
/// makes batches of one size from them.
struct Batch {
  RowView x;                               ///< n rows of d numbers, NaN where one is missing; n may be 0
  std::span<const double> weights = {};    ///< n weights >= 0, or none for all chunks of the stream
  std::span<const double> times = {};      ///< n times, in seconds, or none for all chunks of the stream
  std::shared_ptr<const void> owner = {};  ///< owns the memory of the above; none if that outlives the stream
  std::int64_t first_row = 0;              ///< number of rows of the source before the first of these
  std::int64_t source_rows = 0;            ///< rows of the source from the first to the last of these, dropped ones too
  /// The number in the source of each of these rows. If empty, these are first_row, first_row + 1, ...
  std::span<const std::int64_t> numbers = {};
  /// Set if the rows are in shuffled order; first_row and source_rows then count the rows handed on in that order.
  std::optional<ShuffledFrom> shuffled = std::nullopt;

  /// Returns how many rows of the source are consumed once these are learned; a checkpoint keeps this number, and
  /// `skip` takes it. Rows of zero weight count up to the last row learned.
  [[nodiscard]] std::int64_t source_end() const noexcept { return first_row + source_rows; }
  /// Returns the number, from 0, that row i of these has in the source as it was opened.
  [[nodiscard]] std::int64_t number(Index i) const noexcept {
    return numbers.empty() ? first_row + i : numbers[static_cast<std::size_t>(i)];
  }
};

/// Returns the rows first, ..., first + count - 1 of a chunk from which nothing was dropped (source_rows = rows). They
/// share its memory and its owner. @pre 0 <= first, first + count <= batch.x.rows().
[[nodiscard]] Batch slice(const Batch& batch, Index first, Index count);

}  // namespace varimix
