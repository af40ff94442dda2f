#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "varimix/core/row_view.hpp"

namespace varimix {

/// What a shuffled order took to come this far.
struct ShuffledFrom {
  std::int64_t read = 0;  ///< rows of the source that were read
  bool to_end = false;    ///< whether it had ended
};

/// Rows of a stream, with what keeps their memory alive. A source gives chunks of any size in this form; Recut makes
/// batches of one size of them.
struct Batch {
  RowView x;                               ///< n rows of d numbers, NaN where one is missing; n may be 0
  std::span<const double> weights = {};    ///< n weights >= 0, or none for all chunks of the stream
  std::span<const double> times = {};      ///< n times, in seconds, or none for all chunks of the stream
  std::shared_ptr<const void> owner = {};  ///< of the memory of x, weights and times; none if it outlives the stream
  std::int64_t first_row = 0;              ///< rows of the source before the first of these
  std::int64_t source_rows = 0;            ///< rows of the source from the first to the last of these, dropped ones too
  /// Which rows of the source these are, one number a row; none: first_row, first_row + 1, ...
  std::span<const std::int64_t> numbers = {};
  std::optional<ShuffledFrom> shuffled = std::nullopt;  ///< if they are in shuffled order; they then count as handed on

  /// Rows of the source that are consumed once these are learned: what a checkpoint keeps and `skip` takes. Rows of zero
  /// weight count up to the last row learned.
  [[nodiscard]] std::int64_t source_end() const noexcept { return first_row + source_rows; }
  /// The row of the source, as it was opened, from 0, that is row i of these.
  [[nodiscard]] std::int64_t number(Index i) const noexcept {
    return numbers.empty() ? first_row + i : numbers[static_cast<std::size_t>(i)];
  }
};

/// Rows first, ..., first + count - 1 of a chunk from which nothing was dropped (source_rows = rows); same memory, same
/// owner. @pre 0 <= first, first + count <= batch.x.rows().
[[nodiscard]] Batch slice(const Batch& batch, Index first, Index count);

}  // namespace varimix
