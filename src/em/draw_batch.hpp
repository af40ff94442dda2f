#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "varimix/random/counter_stream.hpp"
#include "varimix/random/sample_rows.hpp"

namespace varimix {

/// Returns the rows that step number `step` of a fit draws from so many.
[[nodiscard]] inline std::vector<std::int64_t> draw_batch(const Key& key, std::int64_t step, std::int64_t rows,
                                                          std::int64_t batch_size) {
  CounterStream stream(key, StreamPurpose::kBatchRows, static_cast<std::uint64_t>(step));
  return sample_rows(stream, rows, std::min(rows, batch_size));
}

}  // namespace varimix
