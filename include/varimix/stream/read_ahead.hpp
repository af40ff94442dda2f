#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "varimix/stream/batch_source.hpp"

namespace varimix {

/// Reads a source on a thread of its own, up to `depth` batches before they are asked for. It is not for a live source,
/// whose rows must not be read before they are learned.
/// The source is read on that thread and destroyed on the caller's; owners of chunks are released on either.
/// The destructor waits for the call of the source that is running, if any: a caller that holds a lock which the source
/// takes (Python's GIL) must let it go first.
class ReadAhead {
 public:
  /// Nothing is read before the first `next`. Throws std::invalid_argument for depth < 1.
  ReadAhead(AnyBatchSource source, std::int64_t depth);
  ReadAhead(ReadAhead&&) noexcept;
  ReadAhead& operator=(ReadAhead&&) noexcept;
  ~ReadAhead();

  /// Returns the source's next batch, in the source's order, or nothing at the end. An exception of the source is
  /// thrown here, at its place in that order; nothing comes after it.
  [[nodiscard]] std::optional<Batch> next();
  [[nodiscard]] Index d() const noexcept { return d_; }
  /// Leaves out the next `rows` rows as the source does. Throws std::invalid_argument after the first `next`.
  void skip(std::int64_t rows);

 private:
  class State;
  Index d_;
  std::unique_ptr<State> state_;
};

}  // namespace varimix
