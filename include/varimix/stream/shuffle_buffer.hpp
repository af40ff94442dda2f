#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "varimix/random/key.hpp"
#include "varimix/stream/batch_source.hpp"

namespace varimix {

/// Gives rows in random order, as far as a buffer of `rows` rows can do it: each new row takes the place of one that is
/// drawn from the buffer and handed on; at the end the buffer is handed on in random order. All orders are equally
/// likely if the buffer holds all rows; else a row moves up by less than `rows` places, but may wait for long.
/// The order depends on the rows of the source, key and pass alone, not on its chunks. Rows of zero weight are dropped
/// before, so they change nothing. The counts (first_row, source_end, skip) are of the rows handed on, not of those of
/// the source: to go on after some of them the source must start again, and `AnyBatchSource::skip` draws the same order
/// anew.
/// Memory: `rows` rows, one block of rows read and one handed on, in float64.
class ShuffleBuffer {
 public:
  /// @param pass  the number of times that the source was read before, >= 0; each pass has an order of its own.
  /// Throws std::invalid_argument for rows < 1 or pass < 0.
  ShuffleBuffer(AnyBatchSource source, std::int64_t rows, const Key& key, std::int64_t pass = 0);
  ShuffleBuffer(ShuffleBuffer&&) noexcept;
  ShuffleBuffer& operator=(ShuffleBuffer&&) noexcept;
  ~ShuffleBuffer();

  /// Returns the next rows, or nothing at the end. Throws std::invalid_argument as Recut::next does.
  [[nodiscard]] std::optional<Batch> next();
  [[nodiscard]] Index d() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace varimix
