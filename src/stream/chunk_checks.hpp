#pragma once

#include "varimix/stream/batch.hpp"

namespace varimix {

/// Throws std::invalid_argument unless the chunk has d columns, and its weights and times, if any, are one a row.
void require_chunk(const Batch& chunk, Index d);

}  // namespace varimix
