#pragma once

#include <memory>
#include <optional>

#include "arrow_schema.hpp"
#include "varimix/stream/arrow_c_abi.hpp"
#include "varimix/stream/batch.hpp"

namespace varimix {

/// The rows of a record batch: columns in place where they can be, others converted; the result owns both.
/// Throws std::invalid_argument as ArrowSource::next says.
[[nodiscard]] Batch read_record_batch(ArrowOwner<ArrowArray> array, const ArrowPlan& plan);

}  // namespace varimix
