#pragma once

#include <memory>
#include <optional>

#include "arrow_schema.hpp"
#include "varimix/stream/arrow_c_abi.hpp"
#include "varimix/stream/batch.hpp"

namespace varimix {

/// Returns the rows of a record batch, with its columns in place where that is possible, else converted. The result
/// owns their memory. Throws std::invalid_argument as ArrowSource::next says.
[[nodiscard]] Batch read_record_batch(ArrowOwner<ArrowArray> array, const ArrowPlan& plan);

}  // namespace varimix
