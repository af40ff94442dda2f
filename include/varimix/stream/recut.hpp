#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "varimix/stream/batch_source.hpp"

namespace varimix {

/// Batches of exactly `batch_size` rows, the last one shorter, whatever the chunks of the source are: rows of zero weight
/// are dropped first, and which rows are a batch, and their order, depends on the rows and weights alone. A fit on them
/// has the same bits however the source was cut.
/// Rows are not copied where a batch lies in one chunk, else into memory that the batch owns. Memory: O(batch_size * d)
/// beyond the chunks that are in use.
class Recut {
 public:
  /// Throws std::invalid_argument for batch_size < 1.
  Recut(AnyBatchSource source, std::int64_t batch_size);
  Recut(Recut&&) noexcept;
  Recut& operator=(Recut&&) noexcept;
  ~Recut();

  /// The next batch; nothing at the end; never an empty one. Rows of the source are counted from 0, so `source_end` is
  /// what `skip` needs to go on after this batch.
  /// Throws std::invalid_argument for a chunk whose columns are not d, whose weights or times are not one a row, or that
  /// has weights or times where others had none; for a weight that is negative or not finite, and a time that is not
  /// finite, naming its row of the source. Values of x are for the fit to judge.
  [[nodiscard]] std::optional<Batch> next();
  [[nodiscard]] Index d() const;
  /// Leaves out the next `rows` rows of the source, dropped ones counted.
  void skip(std::int64_t rows);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace varimix
