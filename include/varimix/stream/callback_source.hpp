#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "varimix/stream/batch.hpp"

namespace varimix {

/// Rows that a function hands over, chunk by chunk; it is called once a chunk, when the chunk is needed, until it gives
/// nothing. The source counts the rows itself: first_row and source_rows need not be set.
class CallbackSource {
 public:
  /// Throws std::invalid_argument for d < 1 or no function.
  CallbackSource(Index d, std::function<std::optional<Batch>()> read);

  /// Throws what the function throws, and std::invalid_argument for a chunk of another number of columns than d.
  [[nodiscard]] std::optional<Batch> next();
  [[nodiscard]] Index d() const noexcept { return d_; }

 private:
  Index d_;
  std::function<std::optional<Batch>()> read_;
  std::int64_t position_ = 0;
};

}  // namespace varimix
