#include "varimix/stream/array_source.hpp"

#include <string>
#include <utility>

#include "chunk_checks.hpp"
#include "varimix/core/require.hpp"

namespace varimix {

ArraySource::ArraySource(const RowView& x, std::span<const double> weights, std::span<const double> times,
                         std::shared_ptr<const void> owner)
    : all_{.x = x, .weights = weights, .times = times, .owner = std::move(owner), .source_rows = x.rows()} {
  require_chunk(all_, x.columns());
}

std::optional<Batch> ArraySource::next() {
  const Index left = all_.x.rows() - position_;
  if (left == 0) return std::nullopt;
  const Index first = std::exchange(position_, all_.x.rows());
  return slice(all_, first, left);
}

void ArraySource::skip(std::int64_t rows) {
  const Index left = all_.x.rows() - position_;
  require(rows >= 0 && rows <= left, "rows to skip", "from 0 to the " + std::to_string(left) + " that are left", rows);
  position_ += rows;
}

}  // namespace varimix
