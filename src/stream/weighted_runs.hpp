#pragma once

#include <cstdint>
#include <optional>

#include "varimix/stream/batch_source.hpp"

namespace varimix {

/// Gives the rows of a source that have weight, in place, in runs of consecutive rows of one chunk. Rows of zero weight
/// are left out, but count in the numbers of rows, which start at 0. Throws as Recut::next says.
class WeightedRuns {
 public:
  explicit WeightedRuns(AnyBatchSource source) : source_(std::move(source)) {}

  /// Returns the next run, of 1 to `most` rows, or nothing at the end. Reads a chunk only if nothing of the last one is
  /// left. A bad weight or time throws only when no good row is left before it, whatever the chunks are.
  [[nodiscard]] std::optional<Batch> next(Index most);
  /// Leaves out the next `rows` rows, with weight or without.
  void skip(std::int64_t rows);
  [[nodiscard]] Index d() const { return source_.d(); }
  /// Returns the number of rows of the source that were given, left out or skipped.
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
  Index used_ = 0;                // number of rows of chunk_ that are used
  std::int64_t position_ = 0;     // number of rows of the source before the first row of chunk_ that is not used
  std::optional<Extras> extras_;  // tells if the chunks of this source have weights and times
};

}  // namespace varimix
