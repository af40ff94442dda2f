#include "varimix/core/block_reduce.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/threads.hpp"

namespace varimix::tests {
namespace {

/// The scratch of a reduction that needs none.
struct Nothing {};
const auto no_scratch = [] { return Nothing{}; };

/// Returns a sum whose value depends on the order of addition.
double sum_of_sines(Index rows) {
  return block_reduce(
      rows, 1, 0.0, no_scratch,
      [](double& partial, Nothing&, Index first, Index count) {
        for (Index i = first; i < first + count; ++i) partial += std::sin(static_cast<double>(i)) * std::exp2(i % 40);
      },
      [](double& left, double right) { left += right; });
}

TEST(BlockReduce, VisitsEveryRowOnceInBlocksOfAtMostTheBlockSize) {
  for (const Index rows :
       {Index{1}, kBlockRows - 1, kBlockRows, kBlockRows + 1, 10 * kBlockRows + 7, 2 * kMaxChunks * kBlockRows + 3}) {
    std::vector<std::atomic<int>> visits(static_cast<std::size_t>(rows));
    const Index total = block_reduce(
        rows, 1, Index{0}, no_scratch,
        [&](Index& partial, Nothing&, Index first, Index count) {
          EXPECT_LE(count, kBlockRows);
          EXPECT_GE(count, 1);
          for (Index i = first; i < first + count; ++i) ++visits[static_cast<std::size_t>(i)];
          partial += count;
        },
        [](Index& left, Index right) { left += right; });
    EXPECT_EQ(total, rows);
    for (const auto& count : visits) ASSERT_EQ(count, 1);
  }
}

TEST(BlockReduce, NoRowsGiveTheZero) {
  EXPECT_EQ(block_reduce(
                0, 1, 42.0, no_scratch, [](double&, Nothing&, Index, Index) { FAIL() << "no block"; },
                [](double&, double) {}),
            42.0);
}

TEST(BlockReduce, ChunksAreCombinedInTheirOrder) {
  const Index rows = 37 * kBlockRows;
  const auto order = block_reduce(
      rows, 1, std::vector<Index>{}, no_scratch,
      [](std::vector<Index>& partial, Nothing&, Index first, Index) { partial.push_back(first); },
      [](std::vector<Index>& left, const std::vector<Index>& right) {
        left.insert(left.end(), right.begin(), right.end());
      });
  ASSERT_EQ(order.size(), 37U);
  for (std::size_t k = 0; k < order.size(); ++k) EXPECT_EQ(order[k], static_cast<Index>(k) * kBlockRows);
}

TEST(BlockReduce, GivesTheSameBitsForAnyNumberOfThreads) {
  for (const Index rows : {Index{5}, 3 * kBlockRows, 100 * kBlockRows + 1, 333 * kBlockRows}) {
    const double all_cores = sum_of_sines(rows);
    for (const int count : {1, 2, 7}) {
      const ThreadLimit limit(count);
      for (int repeat = 0; repeat < 3; ++repeat) EXPECT_EQ(sum_of_sines(rows), all_cores) << rows << ", " << count;
    }
  }
}

TEST(BlockReduce, MakesAScratchForEachThreadThatWorksAtMost) {
  for (const int count : {1, 2, 7}) {
    const ThreadLimit limit(count);
    std::atomic<Index> made{0};
    for_each_block(
        500 * kBlockRows, [&] { return ++made; }, [](Index& /*scratch*/, Index, Index) {});
    EXPECT_GE(made, 1);
    EXPECT_LE(made, most_workers());
    EXPECT_LE(most_workers(), count);
  }
}

TEST(BlockReduce, NoTwoThreadsShareAScratch) {
  std::vector<std::atomic<int>> users(static_cast<std::size_t>(most_workers()));
  parallel_for_with_worker(1000, [&](Index, Index worker) {
    auto& mine = users[static_cast<std::size_t>(worker)];
    EXPECT_EQ(++mine, 1);
    --mine;
  });
}

TEST(ChunksOf, DependsOnTheSizesAloneAndBoundsWhatIsHeld) {
  constexpr Index kManyRows = 1'000'000;
  EXPECT_EQ(chunks_of(1, 100), 1);
  EXPECT_EQ(chunks_of(2 * kBlockRows * kMinBlocksPerChunk, 100), 2);
  EXPECT_EQ(chunks_of(kManyRows, 1000 * 1000), kMaxChunks);
  for (const Index d : {1024, 2000, 5000, 20'000}) {
    const Index chunks = chunks_of(kManyRows, d * d);
    EXPECT_GE(chunks, 1);
    EXPECT_TRUE(chunks == 1 || chunks * d * d <= kMostPartialNumbers) << d;
  }
  const ThreadLimit limit(1);
  EXPECT_EQ(chunks_of(kManyRows, 1000 * 1000), kMaxChunks);
}

TEST(ParallelFor, RunsEveryIndexOnce) {
  for (const int count : {0, 1, 7}) {
    const ThreadLimit limit(count);
    std::vector<std::atomic<int>> runs(1000);
    parallel_for(1000, [&](Index i) { ++runs[static_cast<std::size_t>(i)]; });
    for (const auto& run : runs) ASSERT_EQ(run, 1);
  }
  parallel_for(0, [](Index) { FAIL() << "nothing to run"; });
}

TEST(Threads, TheLimitIsKeptAndANegativeOneIsRefused) {
  const ThreadLimit limit(3);
  EXPECT_EQ(threads(), 3);
  EXPECT_EQ(error_of([] { set_threads(-1); }), "threads must be >= 0, got -1");
  EXPECT_EQ(threads(), 3);
}

}  // namespace
}  // namespace varimix::tests
