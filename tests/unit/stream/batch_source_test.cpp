#include "varimix/stream/batch_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/streams.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/callback_source.hpp"

namespace varimix::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

static_assert(SkippingSource<ArraySource> && SkippingSource<AnyBatchSource>);
static_assert(BatchSource<CallbackSource> && !SkippingSource<CallbackSource>);
static_assert(std::movable<AnyBatchSource> && !std::copyable<AnyBatchSource>);

TEST(ArraySource, IsOneChunkInPlace) {
  const StreamRows rows = counted_rows(5, 2);
  const std::vector<double> weights = {1, 2, 3, 4, 5};
  const std::vector<double> times = {5, 6, 7, 8, 9};
  ArraySource source(rows.x, weights, times);
  const auto batch = source.next();
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->weights.data(), weights.data());
  EXPECT_EQ(batch->times.data(), times.data());
  EXPECT_EQ(seen(*batch).x, rows.x);
  EXPECT_EQ(batch->first_row, 0);
  EXPECT_EQ(batch->source_end(), 5);
  EXPECT_FALSE(source.next().has_value());
  EXPECT_FALSE(source.next().has_value());
  EXPECT_EQ(source.d(), 2);
}

TEST(ArraySource, OfNoRowsIsAtItsEnd) {
  const RowMatrix empty(0, 3);
  EXPECT_FALSE(ArraySource(empty).next().has_value());
}

TEST(ArraySource, SkipsToARow) {
  StreamRows rows = counted_rows(5, 2);
  rows.weights = {1, 2, 3, 4, 5};
  ArraySource source(rows.x, rows.weights);
  source.skip(1);
  source.skip(2);
  EXPECT_THAT(error_of([&] { source.skip(3); }), HasSubstr("must be from 0 to the 2 that are left, got 3"));
  EXPECT_NE(error_of([&] { source.skip(-1); }), "");
  const auto batch = source.next();
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(seen(*batch).x, rows.x.bottomRows(2));
  EXPECT_THAT(batch->weights, ElementsAre(4, 5));
  EXPECT_EQ(batch->first_row, 3);
  EXPECT_EQ(batch->source_end(), 5);
}

TEST(ArraySource, WantsAWeightAndATimeForEveryRow) {
  const StreamRows rows = counted_rows(5, 2);
  const std::vector<double> four(4, 1.0);
  EXPECT_EQ(error_of([&] { ArraySource(rows.x, four); }), "weights must be one a row, 5, got 4");
  EXPECT_EQ(error_of([&] { ArraySource(rows.x, {}, four); }), "times must be one a row, 5, got 4");
}

TEST(CallbackSource, AsksOnceAChunkAndNoMoreAfterTheEnd) {
  int calls = 0;
  const StreamRows rows = counted_rows(3, 2);
  CallbackSource source(2, [&]() -> std::optional<Batch> {
    if (++calls > 2) return std::nullopt;
    return Batch{.x = rows.x};
  });
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(source.next()->first_row, 0);
  EXPECT_EQ(calls, 1);
  const auto second = source.next();
  EXPECT_EQ(second->first_row, 3);
  EXPECT_EQ(second->source_end(), 6);
  EXPECT_FALSE(source.next().has_value());
  EXPECT_FALSE(source.next().has_value());
  EXPECT_EQ(calls, 3);
}

TEST(CallbackSource, RefusesOtherColumnsAndNoFunction) {
  const StreamRows rows = counted_rows(3, 2);
  const auto read = [&] { return std::optional(Batch{.x = rows.x}); };
  EXPECT_EQ(error_of([&] { (void)CallbackSource(3, read).next(); }),
            "a chunk of the source must be rows of 3 columns, as those before, got 2 columns");
  EXPECT_NE(error_of([&] { CallbackSource(0, read); }), "");
  EXPECT_NE(error_of([&] { CallbackSource(2, nullptr); }), "");
}

TEST(AnyBatchSource, SkipsThroughChunksOfASourceThatCannot) {
  const StreamRows rows = counted_rows(10, 2);
  for (const std::int64_t skipped : {0, 1, 3, 4, 9, 10}) {
    AnyBatchSource source = in_chunks(rows, {3});
    source.skip(skipped);
    const auto rest = read_all(std::move(source));
    if (skipped < 10) {
      EXPECT_EQ(rows_of(rest), rows.x.bottomRows(10 - skipped));
      EXPECT_EQ(rest.front().first_row, skipped);
    } else {
      EXPECT_THAT(rest, SizeIs(0));
    }
  }
}

TEST(AnyBatchSource, SkipsAgainWithinAChunk) {
  const StreamRows rows = counted_rows(10, 2);
  AnyBatchSource source = in_chunks(rows, {8});
  source.skip(2);
  source.skip(3);
  EXPECT_EQ(rows_of(read_all(std::move(source))), rows.x.bottomRows(5));
}

TEST(AnyBatchSource, CannotSkipMoreThanThereIs) {
  AnyBatchSource source = in_chunks(counted_rows(10, 2), {3});
  EXPECT_EQ(error_of([&] { source.skip(12); }), "rows to skip must be at most the 10 that are left, got 12");
  EXPECT_NE(error_of([&] { source.skip(-1); }), "");
}

TEST(AnyBatchSource, RefusesChunksThatAreNotWhatTheSourceSays) {
  const StreamRows rows = counted_rows(3, 2);
  const std::vector<double> two(2, 1.0);
  struct Liar {
    Batch chunk;
    std::optional<Batch> next() { return chunk; }
    [[nodiscard]] Index d() const { return 2; }
  };
  const StreamRows wide = counted_rows(3, 4);
  EXPECT_THAT(error_of([&] { (void)AnyBatchSource(Liar{{.x = wide.x}}).next(); }), HasSubstr("rows of 2 columns"));
  EXPECT_THAT(error_of([&] { (void)AnyBatchSource(Liar{{.x = rows.x, .weights = two}}).next(); }),
              HasSubstr("weights must be"));
  EXPECT_THAT(error_of([&] { (void)AnyBatchSource(Liar{{.x = rows.x, .times = two}}).next(); }),
              HasSubstr("times must be"));
}

}  // namespace
}  // namespace varimix::tests
