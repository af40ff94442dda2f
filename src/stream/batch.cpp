#include "varimix/stream/batch.hpp"

namespace varimix {
namespace {

template <class T>
std::span<const T> part_of(std::span<const T> values, Index first, Index count) {
  if (values.empty()) return {};
  return values.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
}

}  // namespace

Batch slice(const Batch& batch, Index first, Index count) {
  return {.x = batch.x.slice(first, count),
          .weights = part_of(batch.weights, first, count),
          .times = part_of(batch.times, first, count),
          .owner = batch.owner,
          .first_row = batch.first_row + first,
          .source_rows = count,
          .numbers = part_of(batch.numbers, first, count),
          .shuffled = batch.shuffled};
}

}  // namespace varimix
