#pragma once

#include <cstdint>

#include "varimix/random/counter_stream.hpp"
#include "varimix/random/key.hpp"

namespace varimix::tests {

/// Returns a stream of batches, the same for the same key and index.
inline CounterStream stream_of(std::int64_t key, std::uint64_t index = 0) {
  return {Key{key}, StreamPurpose::kBatchRows, index};
}

}  // namespace varimix::tests
