#include "varimix/stream/batch_source.hpp"

#include <algorithm>
#include <string>

#include "chunk_checks.hpp"
#include "varimix/core/require.hpp"

namespace varimix {

std::optional<Batch> AnyBatchSource::next() {
  if (rest_) return std::exchange(rest_, std::nullopt);
  std::optional<Batch> chunk = source_->next();
  if (chunk) require_chunk(*chunk, d());
  return chunk;
}

void AnyBatchSource::skip(std::int64_t rows) {
  require(rows >= 0, "rows to skip", ">= 0", rows);
  std::int64_t left = rows;
  if (source_->skip(rows)) return;
  while (left > 0) {
    const std::optional<Batch> chunk = next();
    require(chunk.has_value(), "rows to skip", "at most the " + std::to_string(rows - left) + " that are left", rows);
    const Index used = std::min<std::int64_t>(left, chunk->x.rows());
    if (used < chunk->x.rows()) rest_ = slice(*chunk, used, chunk->x.rows() - used);
    left -= used;
  }
}

}  // namespace varimix
