#include "varimix/stream/callback_source.hpp"

#include <utility>

#include "chunk_checks.hpp"
#include "varimix/core/require.hpp"

namespace varimix {

CallbackSource::CallbackSource(Index d, std::function<std::optional<Batch>()> read) : d_(d), read_(std::move(read)) {
  require(d >= 1, "d", ">= 1", d);
  require(static_cast<bool>(read_), "the callback of a source", "a function", "none");
}

std::optional<Batch> CallbackSource::next() {
  if (!read_) return std::nullopt;
  std::optional<Batch> chunk = read_();
  if (!chunk) {
    read_ = nullptr;  // the function is not called again after the end
    return chunk;
  }
  require_chunk(*chunk, d_);
  chunk->first_row = position_;
  chunk->source_rows = chunk->x.rows();
  position_ += chunk->x.rows();
  return chunk;
}

}  // namespace varimix
