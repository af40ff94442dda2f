#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "varimix/core/constants.hpp"

namespace varimix {

/// Limits how many threads the library uses; 0 (the default) takes all cores. Results do not depend on it.
/// Throws std::invalid_argument for threads < 0.
void set_threads(int threads);
/// The limit in force; 0 means all cores.
[[nodiscard]] int threads() noexcept;

/// Runs body(0), ..., body(count - 1) on the threads available, in any order.
void parallel_for(Index count, const std::function<void(Index)>& body);

/// Reduces rows 0, ..., rows - 1 block by block: `accumulate(partial, first, count)` adds the rows of a block to a
/// chunk's partial result, `combine(left, right)` adds right to left. Chunks and the tree in which they are combined
/// depend on `rows` alone, so the result has the same bits for any number of threads.
/// Memory: at most kMaxChunks partial results.
template <class Partial, class Accumulate, class Combine>
[[nodiscard]] Partial block_reduce(Index rows, const Partial& zero, Accumulate&& accumulate, Combine&& combine) {
  const Index blocks = (rows + kBlockRows - 1) / kBlockRows;
  if (blocks == 0) return zero;
  const Index chunks = std::clamp<Index>(blocks / kMinBlocksPerChunk, 1, kMaxChunks);
  std::vector<Partial> partial(static_cast<std::size_t>(chunks), zero);
  parallel_for(chunks, [&](Index chunk) {
    const Index end = blocks * (chunk + 1) / chunks;
    for (Index block = blocks * chunk / chunks; block < end; ++block) {
      const Index first = block * kBlockRows;
      accumulate(partial[static_cast<std::size_t>(chunk)], first, std::min(kBlockRows, rows - first));
    }
  });
  for (std::size_t step = 1; step < partial.size(); step *= 2) {
    for (std::size_t left = 0; left + step < partial.size(); left += 2 * step) {
      combine(partial[left], partial[left + step]);
    }
  }
  return std::move(partial.front());
}

}  // namespace varimix
