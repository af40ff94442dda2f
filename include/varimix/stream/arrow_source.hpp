#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "varimix/stream/arrow_c_abi.hpp"
#include "varimix/stream/batch.hpp"

namespace varimix {

/// Names the columns of an Arrow table that are read.
struct ArrowColumns {
  /// The columns of x, in this order. If empty, these are all columns but the two below, in the table's order.
  std::vector<std::string> x = {};
  std::optional<std::string> weights = std::nullopt;  ///< a column of numbers
  std::optional<std::string> times = std::nullopt;    ///< timestamps, dates, durations (to seconds), or numbers
};

/// Gives the record batches of an Arrow C stream of pyarrow, pandas, polars, DuckDB, or any other library that has one.
/// Columns without nulls are read in place if they are float64, or if all are float32. Others are converted to
/// float64, column by column, in memory that the chunk owns: float16, float32 beside other types, integers (beyond 2^53
/// to the nearest double), decimals, booleans, and columns with nulls, which become NaN. Times of integer ticks become
/// seconds (from 1970 for timestamps and dates), to the nearest double.
/// Each record batch is a chunk; empty ones are left out. Its memory is released with the chunk's owner, on any thread.
class ArrowSource {
 public:
  /// Takes the stream over, which then counts as released, and reads its schema.
  /// Throws std::invalid_argument for a stream that is released or not of a struct (a table); for a column that is
  /// missing, named twice, or neither number nor boolean (nor, for times, a time), naming it and its format; and if
  /// there are no columns for x.
  /// Throws std::runtime_error with the stream's own message if the schema cannot be read.
  explicit ArrowSource(ArrowArrayStream* stream, const ArrowColumns& columns = {});
  ArrowSource(ArrowSource&&) noexcept;
  ArrowSource& operator=(ArrowSource&&) noexcept;
  ~ArrowSource();

  /// Returns the next record batch that has rows, or nothing at the end.
  /// Throws std::runtime_error with the stream's own message if it fails, and std::invalid_argument for a batch that
  /// breaks the interface's rules (number of columns and buffers, lengths, offsets, null counts, missing buffers), as
  /// far as that can be seen: the interface does not tell the size of a buffer.
  [[nodiscard]] std::optional<Batch> next();
  [[nodiscard]] Index d() const noexcept;
  /// Returns the names of the columns of x.
  [[nodiscard]] const std::vector<std::string>& names() const noexcept;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace varimix
