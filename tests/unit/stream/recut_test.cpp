#include "varimix/stream/recut.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/streams.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/recut.hpp"

namespace varimix::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

static_assert(SkippingSource<Recut>);

std::vector<Index> sizes_of(const std::vector<SeenBatch>& batches) {
  std::vector<Index> sizes;
  sizes.reserve(batches.size());
  for (const SeenBatch& batch : batches) sizes.push_back(batch.x.rows());
  return sizes;
}

TEST(Recut, GivesBatchesOfOneSizeTheLastOneShorter) {
  const StreamRows rows = counted_rows(11, 3);
  for (const std::vector<Index>& chunks : {std::vector<Index>{1}, {4}, {3, 2}, {100}, {0, 7}, {5, 0, 0, 1}}) {
    const auto batches = read_all(Recut(in_chunks(rows, chunks), 4));
    EXPECT_THAT(sizes_of(batches), ElementsAre(4, 4, 3));
    EXPECT_EQ(rows_of(batches), rows.x);
    EXPECT_THAT(batches[1], ::testing::Field(&SeenBatch::first_row, 4));
    EXPECT_THAT(batches[2], ::testing::Field(&SeenBatch::source_end, 11));
  }
}

TEST(Recut, TakesBatchesLargerThanTheSource) {
  const StreamRows rows = counted_rows(11, 3);
  constexpr auto kAllThereIs = std::numeric_limits<std::int64_t>::max();
  for (const Index chunk : {1, 5, 11}) {
    EXPECT_EQ(rows_of(read_all(Recut(in_chunks(rows, {chunk}), kAllThereIs))), rows.x);
  }
}

TEST(Recut, DropsRowsOfZeroWeightBeforeItCuts) {
  StreamRows rows = counted_rows(9, 2);
  rows.weights = {0, 1, 2, 0, 0, 3, 4, 5, 0};
  rows.times = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  for (const Index chunk : {1, 2, 4, 9}) {
    const auto batches = read_all(Recut(in_chunks(rows, {chunk}), 2));
    ASSERT_THAT(sizes_of(batches), ElementsAre(2, 2, 1));
    EXPECT_THAT(batches[0].weights, ElementsAre(1, 2));
    EXPECT_THAT(batches[1].weights, ElementsAre(3, 4));
    EXPECT_THAT(batches[2].times, ElementsAre(7));
    EXPECT_EQ(batches[1].x.row(1), rows.x.row(6));
    EXPECT_EQ(batches[0].first_row, 1);
    EXPECT_EQ(batches[0].source_end, 3);
    EXPECT_EQ(batches[1].source_end, 7);
    EXPECT_EQ(batches[2].source_end, 8);
  }
}

TEST(Recut, WithoutAnyWeightThereIsNoBatch) {
  StreamRows rows = counted_rows(5, 2);
  rows.weights.assign(5, 0.0);
  EXPECT_THAT(read_all(Recut(in_chunks(rows, {2}), 2)), IsEmpty());
}

TEST(Recut, ReadsInPlaceWhatLiesInOneChunk) {
  const StreamRows rows = counted_rows(10, 2);
  const std::vector<double> weights(10, 1.0);
  Recut source(ArraySource(rows.x, weights), 4);
  for (const std::size_t first : {0U, 4U, 8U}) EXPECT_EQ(source.next()->weights.data(), weights.data() + first);
}

TEST(Recut, ABatchKeepsItsMemoryAlive) {
  const StreamRows rows = counted_rows(10, 2);
  std::vector<Batch> batches;
  {
    Recut source(in_chunks(rows, {3}), 4);
    while (auto batch = source.next()) batches.push_back(std::move(*batch));
  }
  EXPECT_EQ(seen(batches[0]).x, rows.x.topRows(4));
  EXPECT_EQ(seen(batches[2]).x, rows.x.bottomRows(2));
}

TEST(Recut, LetsAChunkGoWhenItsRowsAreCopied) {
  const StreamRows rows = counted_rows(40, 2);
  std::vector<std::weak_ptr<const void>> chunks;
  std::size_t most_alive = 0;
  Index first = 0;
  Recut source(CallbackSource(2,
                              [&]() -> std::optional<Batch> {
                                if (first == 40) return std::nullopt;
                                std::size_t alive = 0;
                                for (const auto& chunk : chunks) alive += chunk.expired() ? 0 : 1;
                                most_alive = std::max(most_alive, alive);
                                Batch chunk = owned_chunk(rows, std::exchange(first, first + 1), 1);
                                chunks.emplace_back(chunk.owner);
                                return chunk;
                              }),
               20);
  while (source.next()) {
  }
  EXPECT_LE(most_alive, 1U);
}

TEST(Recut, ReadsNoChunkBeforeItIsNeeded) {
  const StreamRows rows = counted_rows(4, 2);
  int calls = 0;
  Recut source(CallbackSource(2,
                              [&]() -> std::optional<Batch> {
                                ++calls;
                                return Batch{.x = rows.x};
                              }),
               4);
  (void)source.next();
  EXPECT_EQ(calls, 1);
  (void)source.next();
  EXPECT_EQ(calls, 2);
}

TEST(Recut, GoesOnFromWhereABatchEnded) {
  StreamRows rows = counted_rows(30, 2);
  for (Index i = 0; i < 30; ++i) rows.weights.push_back(i % 3 == 0 ? 0.0 : 1.0 + static_cast<double>(i));
  const auto all = read_all(Recut(in_chunks(rows, {7}), 4));
  for (std::size_t k = 0; k < all.size(); ++k) {
    Recut rest(in_chunks(rows, {5, 2}), 4);
    rest.skip(all[k].source_end);
    EXPECT_EQ(read_all(std::move(rest)),
              std::vector<SeenBatch>(all.begin() + static_cast<std::ptrdiff_t>(k) + 1, all.end()));
  }
}

TEST(Recut, SkipsFromWithinAChunkToo) {
  const StreamRows rows = counted_rows(30, 2);
  for (const Index chunk : {8, 30}) {
    Recut source(in_chunks(rows, {chunk}), 4);
    (void)source.next();
    source.skip(15);
    const auto batch = source.next();
    EXPECT_EQ(batch->first_row, 19);
    EXPECT_EQ(seen(*batch).x, rows.x.middleRows(19, 4));
  }
}

TEST(Recut, NamesTheRowOfABadWeightOrTimeAfterTheBatchesBeforeIt) {
  for (const double bad : {-1.0, kNan, kInfinity, -kInfinity}) {
    StreamRows rows = counted_rows(9, 2);
    rows.weights = {1, 1, 0, 1, 1, 1, bad, 1, 1};
    for (const Index chunk : {1, 4, 9}) {
      Recut source(in_chunks(rows, {chunk}), 2);
      EXPECT_TRUE(source.next().has_value());
      EXPECT_TRUE(source.next().has_value());
      EXPECT_THAT(error_of([&] { (void)source.next(); }), AllOf(HasSubstr("weights must be finite and >= 0, got "),
                                                                HasSubstr("in row 6 of the source (counted from 0)")));
    }
  }
  StreamRows rows = counted_rows(4, 2);
  rows.times = {1, 1, kNan, 1};
  Recut source(in_chunks(rows, {4}), 2);
  EXPECT_TRUE(source.next().has_value());
  EXPECT_THAT(error_of([&] { (void)source.next(); }),
              HasSubstr("times must be finite, got nan in row 2 of the source"));
}

TEST(Recut, LeavesValuesForTheFitToJudge) {
  StreamRows rows = counted_rows(3, 2);
  rows.x(1, 1) = kNan;
  const auto batches = read_all(Recut(in_chunks(rows, {1}), 3));
  EXPECT_TRUE(std::isnan(batches.front().x(1, 1)));
}

TEST(Recut, RefusesASchemaThatDrifts) {
  const StreamRows plain = counted_rows(3, 2);
  StreamRows weighted = plain;
  weighted.weights = {1, 2, 3};
  StreamRows timed = plain;
  timed.times = {1, 2, 3};
  const auto error = [](const StreamRows& first, const StreamRows& second) {
    Recut source(
        CallbackSource(2, [&, k = 0]() mutable { return std::optional(owned_chunk(k++ == 0 ? first : second, 0, 3)); }),
        3);
    (void)source.next();
    return error_of([&] { (void)source.next(); });
  };
  EXPECT_EQ(error(plain, plain), "");
  EXPECT_THAT(error(plain, counted_rows(3, 3)), HasSubstr("must be rows of 2 columns, as those before, got 3 columns"));
  EXPECT_THAT(error(plain, weighted), HasSubstr("must be without weights, as those before, got one with"));
  EXPECT_THAT(error(weighted, plain), HasSubstr("must be with weights, as those before, got one without"));
  EXPECT_THAT(error(plain, timed), HasSubstr("must be without times, as those before, got one with"));
}

TEST(Recut, HandsOnWhatTheSourceThrows) {
  Recut source(CallbackSource(2, []() -> std::optional<Batch> { throw std::runtime_error("no disk"); }), 3);
  EXPECT_THROW((void)source.next(), std::runtime_error);
  EXPECT_EQ(error_of([&] { Recut(in_chunks(counted_rows(3, 2), {1}), 0); }), "batch_size must be >= 1, got 0");
}

}  // namespace
}  // namespace varimix::tests
