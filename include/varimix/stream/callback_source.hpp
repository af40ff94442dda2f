#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "varimix/stream/batch.hpp"

namespace varimix {

/// Gives the rows that a function hands over chunk by chunk. The function is called once a chunk, when the chunk is
/// needed, until it gives nothing. The source counts the rows itself: first_row and source_rows need not be set.
class CallbackSource {
 public:
  /// Throws std::invalid_argument for d < 1, and for an empty function.
  CallbackSource(Index d, std::function<std::optional<Batch>()> read);

  /// Returns the next chunk, or nothing at the end. Throws what the function throws, and std::invalid_argument for a
  /// chunk that does not have d columns, or whose weights or times are not one a row.
  [[nodiscard]] std::optional<Batch> next();
  [[nodiscard]] Index d() const noexcept { return d_; }

 private:
  Index d_;
  std::function<std::optional<Batch>()> read_;
  std::int64_t position_ = 0;
};

}  // namespace varimix
