#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "varimix/core/constants.hpp"

namespace varimix {

/// Limits how many threads the library uses; 0 (the default) takes all cores. Results do not depend on it.
/// Throws std::invalid_argument for threads < 0.
void set_threads(int threads);
/// Returns the limit in force; 0 means all cores.
[[nodiscard]] int threads() noexcept;

/// Runs body(0), ..., body(count - 1) on the available threads, in any order.
void parallel_for(Index count, const std::function<void(Index)>& body);

/// Returns how many threads may work in a parallel_for that is started now.
[[nodiscard]] Index most_workers();

/// Does the same, and gives `body` the number of the thread that works: from 0 to most_workers() - 1. Threads that work
/// at the same time have different numbers.
void parallel_for_with_worker(Index count, const std::function<void(Index item, Index worker)>& body);

/// Returns into how many chunks the blocks of rows are cut when each partial result holds `partial_size` numbers. The
/// number depends on the two arguments alone. All partial results together hold at most kMostPartialNumbers numbers,
/// unless one alone holds more.
[[nodiscard]] Index chunks_of(Index rows, Index partial_size);

/// Calls visit(chunk, scratch, first, count) for all blocks of rows. One thread visits the blocks of a chunk, in order.
/// Each thread calls `make_scratch()` once, and overwrites this scratch from block to block.
template <class MakeScratch, class Visit>
void for_each_block_in(Index chunks, Index rows, MakeScratch&& make_scratch, Visit&& visit) {
  const Index blocks = (rows + kBlockRows - 1) / kBlockRows;
  if (chunks == 1) {
    auto mine = make_scratch();
    for (Index first = 0; first < rows; first += kBlockRows) {
      visit(Index{0}, mine, first, std::min(kBlockRows, rows - first));
    }
    return;
  }
  std::vector<std::optional<std::invoke_result_t<MakeScratch>>> scratch(static_cast<std::size_t>(most_workers()));
  parallel_for_with_worker(chunks, [chunks, rows, blocks, &make_scratch, &visit, &scratch](Index chunk, Index worker) {
    auto& mine = scratch[static_cast<std::size_t>(worker)];
    if (!mine) mine.emplace(make_scratch());
    const Index end = blocks * (chunk + 1) / chunks;
    for (Index block = blocks * chunk / chunks; block < end; ++block) {
      const Index first = block * kBlockRows;
      visit(chunk, *mine, first, std::min(kBlockRows, rows - first));
    }
  });
}

/// Calls visit(scratch, first, count) for all blocks of rows 0, ..., rows - 1, in any order. Use it for results that
/// are written row by row.
template <class MakeScratch, class Visit>
void for_each_block(Index rows, MakeScratch&& make_scratch, Visit&& visit) {
  for_each_block_in(chunks_of(rows, 0), rows, make_scratch,
                    [&](Index /*chunk*/, auto& scratch, Index first, Index count) { visit(scratch, first, count); });
}

/// Reduces rows 0, ..., rows - 1 block by block: `add(partial, scratch, first, count)` adds the rows of a block to a
/// chunk's partial result, `combine(left, right)` adds right to left. The chunks and the tree in which they are
/// combined depend on `rows` and `partial_size` alone, so the result has the same bits for any number of threads.
/// @param partial_size  about how many numbers a partial result holds.   @param zero  the result for no rows.
/// Memory: one scratch per thread and one partial result per chunk (chunks_of).
template <class Partial, class MakeScratch, class Add, class Combine>
[[nodiscard]] Partial block_reduce(Index rows, Index partial_size, Partial zero, MakeScratch&& make_scratch, Add&& add,
                                   Combine&& combine) {
  if (rows == 0) return zero;
  const Index chunks = chunks_of(rows, partial_size);
  if (chunks == 1) {
    for_each_block_in(
        chunks, rows, make_scratch,
        [&add, &zero](Index /*chunk*/, auto& scratch, Index first, Index count) { add(zero, scratch, first, count); });
    return zero;
  }
  std::vector<Partial> partial(static_cast<std::size_t>(chunks), zero);
  for_each_block_in(chunks, rows, make_scratch, [&add, &partial](Index chunk, auto& scratch, Index first, Index count) {
    add(partial[static_cast<std::size_t>(chunk)], scratch, first, count);
  });
  for (std::size_t step = 1; step < partial.size(); step *= 2) {
    for (std::size_t left = 0; left + step < partial.size(); left += 2 * step) {
      combine(partial[left], partial[left + step]);
    }
  }
  return std::move(partial.front());
}

}  // namespace varimix
