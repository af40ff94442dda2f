#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "varimix/stream/batch_source.hpp"

namespace varimix {

/// Gives batches of exactly `batch_size` rows, the last one possibly shorter, whatever the chunks of the source are.
/// Rows of zero weight are dropped first; the rows of a batch, and their order, depend on the rows and weights alone. A
/// fit on the batches has the same bits however the source was cut.
/// Rows of a batch that lies in one chunk are not copied; others are copied into memory that the batch owns. Memory:
/// O(batch_size * d) beyond the chunks that are in use.
class Recut {
 public:
  /// Throws std::invalid_argument for batch_size < 1.
  Recut(AnyBatchSource source, std::int64_t batch_size);
  Recut(Recut&&) noexcept;
  Recut& operator=(Recut&&) noexcept;
  ~Recut();

  /// Returns the next batch, which is never empty, or nothing at the end. Rows of the source are counted from 0; to go
  /// on after this batch, give its `source_end` to `skip`.
  /// Throws std::invalid_argument for a chunk that does not have d columns, whose weights or times are not one a row,
  /// or that has weights or times where others had none, or the other way round; and for a weight that is negative or
  /// not finite, or a time that is not finite, naming its row of the source. Values of x are for the fit to judge.
  [[nodiscard]] std::optional<Batch> next();
  [[nodiscard]] Index d() const;
  /// Leaves out the next `rows` rows of the source; rows of zero weight count.
  void skip(std::int64_t rows);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace varimix
