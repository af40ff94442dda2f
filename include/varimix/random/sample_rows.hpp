#pragma once

#include <cstdint>
#include <vector>

#include "varimix/random/counter_stream.hpp"

namespace varimix {

/// Draws `count` different rows of 0, ..., rows - 1; every ordered choice is equally likely.
/// It is a Fisher-Yates shuffle that stops after `count` places. The places that it has moved are kept in a hash table,
/// so the cost in time and memory is O(count), whatever `rows` is. Throws std::invalid_argument for a count of 2^32 or
/// more. @pre 0 <= count <= rows.
[[nodiscard]] std::vector<std::int64_t> sample_rows(CounterStream& stream, std::int64_t rows, std::int64_t count);

}  // namespace varimix
