#include "varimix/stream/shuffle_buffer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/streams.hpp"
#include "varimix/stream/recut.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

/// Returns the numbers of the rows of counted_rows(n, d), in the order in which the source gives them.
std::vector<int> order_of(AnyBatchSource source) {
  std::vector<int> order;
  for (const SeenBatch& batch : read_all(std::move(source))) {
    for (Index i = 0; i < batch.x.rows(); ++i) order.push_back(static_cast<int>(batch.x(i, 0)));
  }
  return order;
}

std::vector<int> shuffled(Index rows, std::int64_t buffer, std::int64_t key = 1, std::int64_t pass = 0,
                          std::vector<Index> chunks = {7}) {
  return order_of(ShuffleBuffer(in_chunks(counted_rows(rows, 1), std::move(chunks)), buffer, Key(key), pass));
}

std::vector<int> sorted(std::vector<int> order) {
  std::sort(order.begin(), order.end());
  return order;
}

std::vector<int> plain(int rows) {
  std::vector<int> order(static_cast<std::size_t>(rows));
  for (int i = 0; i < rows; ++i) order[static_cast<std::size_t>(i)] = i;
  return order;
}

TEST(ShuffleBuffer, HandsOnEveryRowOnce) {
  for (const std::int64_t buffer : {1, 2, 10, 599, 600, 5000}) EXPECT_EQ(sorted(shuffled(600, buffer)), plain(600));
}

TEST(ShuffleBuffer, OfOneRowKeepsTheOrder) { EXPECT_EQ(shuffled(600, 1), plain(600)); }

TEST(ShuffleBuffer, MovesARowUpByLessThanItHolds) {
  constexpr int kBuffer = 50;
  const auto order = shuffled(600, kBuffer);
  int furthest = 0;
  for (int k = 0; k < 600; ++k) furthest = std::max(furthest, order[static_cast<std::size_t>(k)] - k);
  EXPECT_LT(furthest, kBuffer);
  EXPECT_GT(furthest, kBuffer / 2);
}

TEST(ShuffleBuffer, OrderDependsOnKeyAndPassAlone) {
  const auto order = shuffled(600, 100);
  EXPECT_NE(order, plain(600));
  EXPECT_EQ(shuffled(600, 100), order);
  EXPECT_NE(shuffled(600, 100, 2), order);
  EXPECT_NE(shuffled(600, 100, 1, 1), order);
  for (const auto& chunks : {std::vector<Index>{1}, {600}, {0, 3, 300}}) {
    EXPECT_EQ(shuffled(600, 100, 1, 0, chunks), order);
  }
}

// In 6000 passes each of the 6 orders of 3 rows comes up 1000 times in the mean, with a standard deviation of 29; five
// standard deviations are exceeded with a probability of about 1e-6.
TEST(ShuffleBuffer, ThatHoldsAllMakesEveryOrderEquallyLikely) {
  constexpr int kPasses = 6000;
  std::map<std::vector<int>, int> counts;
  for (int pass = 0; pass < kPasses; ++pass) ++counts[shuffled(3, 3, 1, pass)];
  ASSERT_EQ(counts.size(), 6U);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, kPasses / 6.0, 5 * 29);
}

TEST(ShuffleBuffer, KeepsWeightsAndTimesWithTheirRows) {
  StreamRows rows = counted_rows(700, 3);
  for (Index i = 0; i < 700; ++i) {
    rows.weights.push_back(static_cast<double>(i) + 0.5);
    rows.times.push_back(static_cast<double>(-i));
  }
  for (const SeenBatch& batch : read_all(ShuffleBuffer(in_chunks(rows, {64}), 200, Key(1)))) {
    for (Index i = 0; i < batch.x.rows(); ++i) {
      const double row = batch.x(i, 0) / 3.0;
      EXPECT_EQ(batch.x(i, 2), 3.0 * row + 2.0);
      EXPECT_EQ(batch.weights[static_cast<std::size_t>(i)], row + 0.5);
      EXPECT_EQ(batch.times[static_cast<std::size_t>(i)], -row);
    }
  }
}

TEST(ShuffleBuffer, RowsOfZeroWeightChangeNothing) {
  StreamRows rows = counted_rows(300, 1);
  rows.weights.assign(300, 1.0);
  StreamRows with_zeros{RowMatrix(600, 1)};
  for (Index i = 0; i < 600; ++i) {
    const Index place = i / 2;
    with_zeros.x(i, 0) = i % 2 == 0 ? static_cast<double>(place) : -1.0;
    with_zeros.weights.push_back(i % 2 == 0 ? 1.0 : 0.0);
  }
  EXPECT_EQ(read_all(ShuffleBuffer(in_chunks(with_zeros, {50}), 40, Key(1))),
            read_all(ShuffleBuffer(in_chunks(rows, {300}), 40, Key(1))));
}

TEST(ShuffleBuffer, CutIntoBatchesGoesOnFromWhereOneEnded) {
  const StreamRows rows = counted_rows(700, 2);
  const auto stream = [&](Index chunk) { return Recut(ShuffleBuffer(in_chunks(rows, {chunk}), 90, Key(3)), 100); };
  const auto all = read_all(stream(13));
  Recut rest = stream(29);
  rest.skip(all[3].source_end);
  EXPECT_EQ(read_all(std::move(rest)), std::vector<SeenBatch>(all.begin() + 4, all.end()));
}

TEST(ShuffleBuffer, RefusesBadWeightsAndSettings) {
  StreamRows rows = counted_rows(4, 2);
  rows.weights = {1, 1, -2, 1};
  EXPECT_THAT(error_of([&] { (void)ShuffleBuffer(in_chunks(rows, {2}), 3, Key(1)).next(); }),
              HasSubstr("weights must be finite and >= 0, got"));
  EXPECT_EQ(error_of([&] { ShuffleBuffer(in_chunks(rows, {2}), 0, Key(1)); }), "shuffle_buffer must be >= 1, got 0");
  EXPECT_EQ(error_of([&] { ShuffleBuffer(in_chunks(rows, {2}), 1, Key(1), -1); }), "pass must be >= 0, got -1");
}

}  // namespace
}  // namespace varimix::tests
