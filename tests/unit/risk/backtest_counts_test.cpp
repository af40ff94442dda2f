#include "varimix/risk/backtest_counts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <vector>

#include "varimix/random/counter_stream.hpp"

namespace varimix::tests {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

BacktestCounts counts_of(const std::vector<bool>& days) {
  BacktestCounts counts;
  for (const bool day : days) counts.add(day);
  return counts;
}

/// Returns days of which about a fifth fail, keyed by `seed`.
std::vector<bool> some_days(std::int64_t seed, std::size_t n) {
  CounterStream stream(Key(seed), StreamPurpose::kStarts, 0);
  std::vector<bool> days(n);
  for (std::size_t t = 0; t < n; ++t) days[t] = stream.below(5) == 0;
  return days;
}

TEST(BacktestCounts, AreThoseOfTheDays) {
  const BacktestCounts counts = counts_of({false, true, true, false, false, true, false});
  EXPECT_EQ(counts.days(), 7);
  EXPECT_EQ(counts.failures(), 3);
  EXPECT_EQ(counts.transitions(), (FailureTransitions{.n00 = 1, .n01 = 2, .n10 = 2, .n11 = 1}));
  EXPECT_EQ(counts.durations(), (BacktestCounts::Durations{{1, 1}, {3, 1}}));
  EXPECT_EQ(counts.days_before_first(), 1);
  EXPECT_EQ(counts.days_after_last(), 1);
  EXPECT_EQ(counts.first(), false);
  EXPECT_EQ(counts.last(), false);
}

TEST(BacktestCounts, TransitionsAreThoseThatAreCountedDayByDay) {
  for (std::int64_t seed = 0; seed < 40; ++seed) {
    const std::vector<bool> days = some_days(seed, 1 + static_cast<std::size_t>(seed));
    FailureTransitions expected;
    for (std::size_t t = 1; t < days.size(); ++t) {
      auto& n = days[t - 1] ? (days[t] ? expected.n11 : expected.n10) : (days[t] ? expected.n01 : expected.n00);
      ++n;
    }
    EXPECT_EQ(counts_of(days).transitions(), expected) << "seed " << seed;
  }
}

TEST(BacktestCounts, PiecesMergedInTimeOrderAreOnePassToTheBit) {
  for (std::int64_t seed = 0; seed < 60; ++seed) {
    const std::vector<bool> days = some_days(seed, static_cast<std::size_t>(seed));
    CounterStream cuts(Key(seed), StreamPurpose::kShuffle, 0);
    BacktestCounts merged;
    for (std::size_t first = 0; first < days.size();) {
      const std::size_t last = std::min(days.size(), first + cuts.below(9));
      merged.merge(counts_of(
          {days.begin() + static_cast<std::ptrdiff_t>(first), days.begin() + static_cast<std::ptrdiff_t>(last)}));
      first = last;
    }
    EXPECT_EQ(merged, counts_of(days)) << "seed " << seed;
  }
}

TEST(BacktestCounts, MergeIsAssociative) {
  const BacktestCounts a = counts_of({false, true, false});
  const BacktestCounts b = counts_of({false, false});
  const BacktestCounts c = counts_of({true, false, true});
  BacktestCounts left = a;
  left.merge(b);
  left.merge(c);
  BacktestCounts right = b;
  right.merge(c);
  BacktestCounts whole = a;
  whole.merge(right);
  EXPECT_EQ(left, whole);
}

TEST(BacktestCounts, MergeWithItselfIsTheDaysTwice) {
  BacktestCounts twice = counts_of({false, true, true});
  twice.merge(twice);
  EXPECT_EQ(twice, counts_of({false, true, true, false, true, true}));
}

TEST(BacktestCounts, OfNoDaysHaveNoStates) {
  EXPECT_EQ(BacktestCounts().first(), std::nullopt);
  EXPECT_EQ(BacktestCounts().last(), std::nullopt);
  EXPECT_EQ(BacktestCounts().transitions(), FailureTransitions());
}

TEST(BacktestCounts, ALossOfExactlyTheValueAtRiskIsNoFailure) {
  BacktestCounts counts;
  const std::vector<double> returns = {-2.0, -1.0, 1.0};
  const std::vector<double> value_at_risk = {1.0, 1.0, -2.0};
  counts.add(returns, value_at_risk);
  EXPECT_EQ(counts, counts_of({true, false, true}));
}

TEST(BacktestCounts, RefuseDaysBeforeTheyAddOne) {
  BacktestCounts counts;
  const std::vector<double> two = {-2.0, 0.0};
  const std::vector<double> three = {1.0, 1.0, 1.0};
  const std::vector<double> bad = {1.0, std::numeric_limits<double>::quiet_NaN()};
  EXPECT_THAT([&] { counts.add(two, three); },
              ThrowsMessage<std::invalid_argument>("the days of value_at_risk must be those of returns, 2, got 3"));
  EXPECT_THAT([&] { counts.add(two, bad); },
              ThrowsMessage<std::invalid_argument>("value_at_risk[1] must be finite, got nan"));
  EXPECT_THAT([&] { counts.add(bad, two); },
              ThrowsMessage<std::invalid_argument>("returns[1] must be finite, got nan"));
  EXPECT_EQ(counts, BacktestCounts());
}

TEST(BacktestCounts, AreRestoredFromTheirParts) {
  for (std::int64_t seed = 0; seed < 40; ++seed) {
    const BacktestCounts counts = counts_of(some_days(seed, static_cast<std::size_t>(seed)));
    EXPECT_EQ(BacktestCounts::restored(counts.days(), counts.days_before_first(), counts.days_after_last(),
                                       counts.durations()),
              counts);
  }
}

TEST(BacktestCounts, AreNotRestoredFromPartsThatNoDaysHave) {
  constexpr auto kRestored = &BacktestCounts::restored;
  EXPECT_THAT([&] { (void)kRestored(-1, 0, 0, {}); }, ThrowsMessage<std::invalid_argument>(HasSubstr("days must be")));
  EXPECT_THAT([&] { (void)kRestored(5, 6, 0, {}); },
              ThrowsMessage<std::invalid_argument>("days_before_first must be from 0 to days, got 6"));
  EXPECT_THAT([&] { (void)kRestored(5, 1, -1, {}); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("days_after_last must be")));
  EXPECT_THAT(
      [&] {
        (void)kRestored(5, 1, 1, {{0, 1}});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("a duration must be")));
  EXPECT_THAT(
      [&] {
        (void)kRestored(5, 0, 0, {{2, 3}});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("the count of a duration must be")));
  EXPECT_THAT([&] { (void)kRestored(5, 1, 1, {{1, 1}}); }, ThrowsMessage<std::invalid_argument>(HasSubstr("got 4")));
}

}  // namespace
}  // namespace varimix::tests
