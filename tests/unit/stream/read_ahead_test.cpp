#include "varimix/stream/read_ahead.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/close.hpp"
#include "support/streams.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/recut.hpp"

namespace varimix::tests {
namespace {

static_assert(SkippingSource<ReadAhead>);

/// Waits until `holds()` is true and returns true; false after so long that something is wrong.
template <class Claim>
bool comes_true(Claim&& holds) {
  using Clock = std::chrono::steady_clock;
  for (const auto start = Clock::now(); Clock::now() - start < std::chrono::seconds(20);) {
    if (holds()) return true;
    std::this_thread::yield();
  }
  return false;
}

TEST(ReadAhead, GivesTheSameBatchesInTheSameOrder) {
  StreamRows rows = counted_rows(1000, 3);
  for (Index i = 0; i < 1000; ++i) rows.weights.push_back(static_cast<double>(i % 5));
  const auto expected = read_all(Recut(in_chunks(rows, {17}), 32));
  for (const std::int64_t depth : {1, 2, 100}) {
    EXPECT_EQ(read_all(ReadAhead(Recut(in_chunks(rows, {17}), 32), depth)), expected);
  }
}

TEST(ReadAhead, StaysAtItsEnd) {
  ReadAhead source(in_chunks(counted_rows(4, 2), {4}), 2);
  EXPECT_EQ(source.d(), 2);
  EXPECT_TRUE(source.next().has_value());
  EXPECT_FALSE(source.next().has_value());
  EXPECT_FALSE(source.next().has_value());
}

/// A source that counts how often it is asked and gives the same rows for ever.
struct Endless {
  std::shared_ptr<std::atomic<int>> calls = std::make_shared<std::atomic<int>>(0);
  StreamRows rows = counted_rows(4, 2);
  std::optional<Batch> next() {
    ++*calls;
    return owned_chunk(rows, 0, 4);
  }
  [[nodiscard]] Index d() const { return 2; }
};

TEST(ReadAhead, ReadsDepthBatchesAheadAndNoMore) {
  constexpr int kDepth = 3;
  const Endless endless;
  ReadAhead source(endless, kDepth);
  EXPECT_EQ(*endless.calls, 0);
  for (int taken = 1; taken < 20; ++taken) {
    ASSERT_TRUE(source.next().has_value());
    ASSERT_TRUE(comes_true([&] { return *endless.calls == taken + kDepth; })) << *endless.calls;
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(*endless.calls, 19 + kDepth);
}

TEST(ReadAhead, ThrowsWhatTheSourceThrowsAtItsPlace) {
  const StreamRows rows = counted_rows(4, 2);
  for (const std::int64_t depth : {1, 10}) {
    ReadAhead source(CallbackSource(2,
                                    [&, calls = 0]() mutable -> std::optional<Batch> {
                                      if (++calls == 4) throw std::runtime_error("the disk is on fire");
                                      return owned_chunk(rows, 0, 4);
                                    }),
                     depth);
    for (int k = 0; k < 3; ++k) EXPECT_TRUE(source.next().has_value());
    try {
      (void)source.next();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "the disk is on fire");
    }
    EXPECT_FALSE(source.next().has_value());
  }
}

TEST(ReadAhead, CanBeLeftAtAnyTime) {
  for (const int taken : {0, 1, 5}) {
    for (int repeat = 0; repeat < 20; ++repeat) {
      ReadAhead source(Endless{}, 1 + repeat % 3);
      for (int k = 0; k < taken; ++k) ASSERT_TRUE(source.next().has_value());
    }
  }
}

TEST(ReadAhead, LeftWithoutRoomOrWithItAsksNoMore) {
  const Endless endless;
  {
    ReadAhead source(endless, 1000000);
    (void)source.next();
  }
  const int calls = *endless.calls;
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(*endless.calls, calls);
}

TEST(ReadAhead, SkipsBeforeItReads) {
  const StreamRows rows = counted_rows(30, 2);
  ReadAhead source(Recut(ArraySource(rows.x), 4), 2);
  source.skip(10);
  EXPECT_EQ(seen(*source.next()).x, rows.x.middleRows(10, 4));
  EXPECT_NE(error_of([&] { source.skip(1); }), "");
}

TEST(ReadAhead, MovesWhileItReads) {
  const StreamRows rows = counted_rows(40, 2);
  ReadAhead first(in_chunks(rows, {4}), 2);
  (void)first.next();
  EXPECT_EQ(rows_of(read_all(std::move(first))), rows.x.bottomRows(36));
}

TEST(ReadAhead, RefusesNoDepth) {
  EXPECT_EQ(error_of([] { ReadAhead(Endless{}, 0); }), "read_ahead must be >= 1, got 0");
}

}  // namespace
}  // namespace varimix::tests
