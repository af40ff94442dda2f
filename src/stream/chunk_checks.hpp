#pragma once

#include <span>

#include "varimix/stream/batch.hpp"

namespace varimix {

/// Throws std::invalid_argument naming `name`, unless there are no values or one for each row.
void require_one_a_row(std::span<const double> values, Index rows, const char* name);

/// Throws std::invalid_argument unless the chunk has d columns, and its weights and times, if any, are one a row.
void require_chunk(const Batch& chunk, Index d);

}  // namespace varimix
