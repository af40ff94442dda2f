#pragma once

#include <algorithm>

#include "varimix/core/block_reduce.hpp"
#include "varimix/core/require.hpp"
#include "varimix/subordinator/subordinator.hpp"

namespace varimix {

/// Returns n draws of Y. Draw i comes from its own stream, keyed by (seed, i): the first k draws are the same for every
/// n >= k, and all of them are the same for any number of threads. Throws std::invalid_argument for n < 0.
template <Subordinator S>
[[nodiscard]] Vector draw(const S& law, Index n, const Seed& seed) {
  require(n >= 0, "n", ">= 0", n);
  Vector draws(n);
  parallel_for((n + kBlockRows - 1) / kBlockRows, [n, &law, &seed, &draws](Index block) {
    const Index end = std::min(n, (block + 1) * kBlockRows);
    for (Index i = block * kBlockRows; i < end; ++i) {
      CounterStream stream(seed, StreamPurpose::kSubordinatorRows, static_cast<std::uint64_t>(i));
      draws(i) = law.sample(stream);
    }
  });
  return draws;
}

}  // namespace varimix
