#pragma once

#include <cstdint>
#include <optional>

#include "varimix/stream/batch_source.hpp"

namespace varimix {

/// The rows of a source that have weight, in runs of consecutive rows of one chunk, in place. Rows of zero weight are
/// left out; rows are counted from 0, those included. Throws as Recut::next says.
class WeightedRuns {
 public:
  explicit WeightedRuns(AnyBatchSource source) : source_(std::move(source)) {}

  /// The next run, of 1 to `most` rows; nothing at the end. Reads a chunk only if none of the last one is left. A bad
  /// weight or time throws when no good row is left before it, so whatever the chunks are.
  [[nodiscard]] std::optional<Batch> next(Index most);
  /// Leaves out the next rows, with weight or without.
  void skip(std::int64_t rows);
  [[nodiscard]] Index d() const { return source_.d(); }
  /// Rows of the source that were given, left out or skipped.
  [[nodiscard]] std::int64_t position() const noexcept { return position_; }

 private:
  struct Extras {
    bool weights;
    bool times;
    bool operator==(const Extras&) const = default;
  };
  bool load();
  void advance(Index rows);

  AnyBatchSource source_;
  std::optional<Batch> chunk_;
  Index used_ = 0;                // rows of chunk_
  std::int64_t position_ = 0;     // rows of the source before the first of chunk_ that is not used
  std::optional<Extras> extras_;  // what the chunks of this source have
};

}  // namespace varimix
