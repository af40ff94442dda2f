#include "varimix/random/counter_stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "support/close.hpp"
#include "support/counter_streams.hpp"
#include "support/statistics.hpp"
#include "varimix/random/key.hpp"

namespace varimix::tests {
namespace {

TEST(RandomKey, ANegativeKeyAndNoWordsAreRefused) {
  EXPECT_EQ(error_of([] { (void)Key(-1); }), "key must be >= 0, got -1");
  EXPECT_EQ(error_of([] { (void)Key::from_words({}); }), "key must be one or more numbers, got none");
}

Key key_of(std::initializer_list<std::uint64_t> words) {
  return Key::from_words(std::span(words.begin(), words.size()));
}

TEST(RandomKey, OneWordKeysAsTheNumberDoes) {
  EXPECT_EQ(key_of({7}), Key(7));
  EXPECT_NE(key_of({7}), Key(8));
}

TEST(RandomKey, EveryWordAndItsPlaceMatter) {
  EXPECT_EQ(key_of({7, 1, 2}), key_of({7, 1, 2}));
  EXPECT_NE(key_of({7, 0}), Key(7));
  EXPECT_NE(key_of({7, 1, 2}), key_of({8, 1, 2}));
  EXPECT_NE(key_of({7, 1, 2}), key_of({7, 3, 2}));
  EXPECT_NE(key_of({7, 1, 2}), key_of({7, 1, 3}));
  EXPECT_NE(key_of({7, 1, 2}), key_of({7, 2, 1}));
  EXPECT_NE(key_of({7, 1, 2}), key_of({1, 7, 2}));
  EXPECT_NE(key_of({0, 0}), key_of({0, 0, 0}));
}

TEST(CounterStream, TheSameKeyPurposeAndIndexGiveTheSameDraws) {
  CounterStream first = stream_of(3, 5);
  CounterStream second = stream_of(3, 5);
  for (int k = 0; k < 50; ++k) {
    EXPECT_EQ(first.bits(), second.bits());
    EXPECT_EQ(first.normal(), second.normal());
    EXPECT_EQ(first.below(10), second.below(10));
    EXPECT_EQ(first.uniform(), second.uniform());
  }
}

TEST(CounterStream, AnotherKeyPurposeOrIndexGivesOtherDraws) {
  std::set<std::uint64_t> seen;
  for (std::int64_t key = 0; key < 20; ++key) {
    for (std::uint64_t index = 0; index < 20; ++index) {
      for (const StreamPurpose purpose : {StreamPurpose::kModelRows, StreamPurpose::kBatchRows}) {
        CounterStream stream(Key{key}, purpose, index);
        for (int k = 0; k < 6; ++k) seen.insert(stream.bits());
      }
    }
  }
  EXPECT_EQ(seen.size(), 20U * 20U * 2U * 6U);
}

// The first words of numpy's Philox (4x64-10, another implementation) at key 0 and counter (0, 0, 2, 0).
TEST(CounterStream, IsPhiloxAtTheCounterThatItsHeaderNames) {
  CounterStream stream = stream_of(0);
  const std::array<std::uint64_t, 5> words = {stream.bits(), stream.bits(), stream.bits(), stream.bits(),
                                              stream.bits()};
  const std::array<std::uint64_t, 5> numpy = {0x27090d78e556be4e, 0xcb0c93488cc4dc9f, 0x4e153290958cd8b5,
                                              0xdb344f7a244a59fc, 0xf799733eea369405};
  EXPECT_EQ(words, numpy);
}

TEST(CounterStream, ASpareNormalIsTheNextOneAndIsTakenOnce) {
  CounterStream stream = stream_of(4);
  CounterStream twin = stream_of(4);
  EXPECT_EQ(stream.take_spare_normal(), std::nullopt);
  EXPECT_EQ(stream.normal(), twin.normal());
  EXPECT_EQ(stream.take_spare_normal(), twin.normal());
  EXPECT_EQ(stream.take_spare_normal(), std::nullopt);
  EXPECT_EQ(stream.normal(), twin.normal());
}

TEST(CounterStream, UniformsAreUniformOnZeroToOne) {
  CounterStream stream = stream_of(1);
  std::vector<double> draws(20'000);
  for (double& u : draws) {
    u = stream.uniform();
    ASSERT_GT(u, 0.0);
    ASSERT_LE(u, 1.0);
  }
  EXPECT_LT(kolmogorov_statistic(draws), kolmogorov_critical());
}

TEST(CounterStream, NormalsAreNormalAndIndependentOfTheirNeighbours) {
  CounterStream stream = stream_of(2);
  constexpr int kDraws = 20'000;
  std::vector<double> transformed;
  double neighbours = 0.0;
  double squared_neighbours = 0.0;
  double before = stream.normal();
  for (int k = 0; k < kDraws; ++k) {
    const double z = stream.normal();
    transformed.push_back(0.5 * std::erfc(-z / std::sqrt(2.0)));
    neighbours += z * before;
    squared_neighbours += (z * z - 1.0) * (before * before - 1.0);
    before = z;
  }
  EXPECT_LT(kolmogorov_statistic(transformed), kolmogorov_critical());
  EXPECT_LT(std::abs(neighbours) / std::sqrt(kDraws), kNormalCritical);
  // Products of squares have heavier tails.
  EXPECT_LT(std::abs(squared_neighbours) / (2.0 * std::sqrt(kDraws)), 1.5 * kNormalCritical);
}

TEST(CounterStream, BelowIsUniformForBoundsThatDoNotDivideTwoToThe64) {
  for (const std::uint64_t bound : {std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{1000}}) {
    CounterStream stream = stream_of(4, bound);
    std::vector<double> counts(bound, 0.0);
    for (int k = 0; k < 20'000; ++k) {
      const std::uint64_t draw = stream.below(bound);
      ASSERT_LT(draw, bound);
      counts[draw] += 1.0;
    }
    if (bound == 1) continue;
    EXPECT_LT(chi_square_of_equal(counts), chi_square_critical(static_cast<double>(bound - 1))) << bound;
  }
}

// With bound = 3 * 2^62, the high half of the product, without rejection, would have one of the three residues modulo 3
// twice as often as each other one.
TEST(CounterStream, BelowRejectsWhatWouldBiasIt) {
  constexpr std::uint64_t kQuarter = std::uint64_t{1} << 62;
  CounterStream stream = stream_of(5);
  std::vector<double> residues(3, 0.0);
  for (int k = 0; k < 30'000; ++k) residues[stream.below(3 * kQuarter) % 3] += 1.0;
  EXPECT_LT(chi_square_of_equal(residues), chi_square_critical(2.0));
}

}  // namespace
}  // namespace varimix::tests
