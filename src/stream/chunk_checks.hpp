#pragma once

#include <span>

#include "varimix/stream/batch.hpp"

namespace varimix {

/// Throws std::invalid_argument naming `name`, unless there are none of these values or one for each row.
void require_one_a_row(std::span<const double> values, Index rows, const char* name);

/// Throws std::invalid_argument unless the chunk has d columns, and weights and times one a row, if any.
void require_chunk(const Batch& chunk, Index d);

}  // namespace varimix
