#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <Random123/boxmuller.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

#include "random/normal_pairs.hpp"
#include "random/stream_words.hpp"
#include "support/close.hpp"
#include "support/simd_targets.hpp"
#include "support/statistics.hpp"
#include "varimix/random/counter_stream.hpp"
#include "varimix/random/key.hpp"
#include "varimix/random/sample_rows.hpp"

namespace varimix::tests {
namespace {

CounterStream stream_of(std::int64_t key, std::uint64_t index = 0) {
  return {Key{key}, StreamPurpose::kBatchRows, index};
}

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

// Words at the ends of their range, at the middle, where sine and cosine are 0, and of the largest radii, among others.
TEST(NormalPairs, AreThoseOfTheStreamsOnEveryTargetForEveryNumberOfPairs) {
  constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  std::vector<std::uint64_t> words;
  for (const std::uint64_t angle :
       {std::uint64_t{0}, std::uint64_t{1}, kTop, kTop - 1, kTop + 1, kAll, kTop / 2, kTop / 2 * 3}) {
    for (const std::uint64_t radius :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 31, kTop, kTop + 1, kAll}) {
      words.insert(words.end(), {angle, radius});
    }
  }
  CounterStream stream = stream_of(6);
  for (int k = 0; k < 200; ++k) words.push_back(stream.bits());
  std::vector<double> expected;
  for (std::size_t k = 0; k < words.size(); k += 2) {
    const auto pair = r123::boxmuller(words[k], words[k + 1]);
    expected.insert(expected.end(), {pair.x, pair.y});
  }
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    SCOPED_TRACE(target_name(target));
    for (const std::size_t pairs : {std::size_t{0}, std::size_t{1}, std::size_t{7}, words.size() / 2}) {
      std::vector<double> out(words.size(), -9.0);
      simd::normal_pairs(words.data(), pairs, out.data());
      for (std::size_t k = 0; k < out.size(); ++k) {
        if (k >= 2 * pairs) {
          ASSERT_EQ(out[k], -9.0);
        } else {
          const double radius = std::hypot(expected[k - k % 2], expected[k - k % 2 + 1]);
          ASSERT_NEAR(out[k], expected[k], 0x1p-50 * std::max(1.0, radius)) << k;
        }
      }
    }
  }
}

TEST(NormalColumns, AreThePairsOfTheirRowsOnEveryTarget) {
  constexpr Index kLeading = 45;
  constexpr Index kPairs = 2;
  constexpr Index kColumns = 2 * kPairs;
  CounterStream stream = stream_of(10);
  std::vector<std::uint64_t> words(kLeading * kColumns);
  for (std::uint64_t& word : words) word = stream.bits();
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    SCOPED_TRACE(target_name(target));
    for (const Index rows : {Index{0}, Index{1}, Index{7}, Index{43}}) {
      std::vector<double> out(words.size(), -9.0);
      simd::normal_columns(words.data(), kPairs, rows, kLeading, out.data());
      for (Index i = 0; i < kLeading; ++i) {
        std::array<std::uint64_t, kColumns> row_words{};
        std::array<double, kColumns> expected{};
        const auto place = [&](Index k) { return static_cast<std::size_t>(k * kLeading + i); };
        for (Index k = 0; k < kColumns; ++k) row_words[static_cast<std::size_t>(k)] = words[place(k)];
        expected.fill(-9.0);
        if (i < rows) simd::normal_pairs(row_words.data(), kPairs, expected.data());
        for (Index k = 0; k < kColumns; ++k) ASSERT_EQ(out[place(k)], expected[static_cast<std::size_t>(k)]);
      }
    }
  }
}

TEST(StreamWords, AreTheBitsOfTheirStreams) {
  constexpr Index kLeading = 9;
  const std::vector<std::uint64_t> indices = {5, 0, ~std::uint64_t{0}, 7, 1'000'000'007};
  for (const Index words : {Index{0}, Index{1}, Index{4}, Index{5}, Index{11}}) {
    std::vector<std::uint64_t> out(static_cast<std::size_t>(kLeading * (whole_words(words) + 1)), 3);
    std::vector<std::uint64_t> expected = out;
    for (std::size_t i = 0; i < indices.size(); ++i) {
      CounterStream stream(Key{12}, StreamPurpose::kScenarioRows, indices[i]);
      for (Index k = 0; k < whole_words(words); ++k) {
        expected[static_cast<std::size_t>(k * kLeading) + i] = stream.bits();
      }
    }
    stream_words(Key{12}, StreamPurpose::kScenarioRows, indices, words, kLeading, out.data());
    EXPECT_EQ(out, expected) << words;
  }
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

TEST(SampleRows, AreDistinctAndInRange) {
  for (const std::int64_t rows : {std::int64_t{1}, std::int64_t{10}, std::int64_t{5000}}) {
    for (const std::int64_t count : {std::int64_t{0}, std::int64_t{1}, rows / 2, rows}) {
      CounterStream stream = stream_of(6, static_cast<std::uint64_t>(rows));
      const auto sample = sample_rows(stream, rows, count);
      ASSERT_EQ(sample.size(), static_cast<std::size_t>(count));
      const std::set<std::int64_t> distinct(sample.begin(), sample.end());
      EXPECT_EQ(distinct.size(), sample.size());
      if (count == 0) continue;
      EXPECT_GE(*distinct.begin(), 0);
      EXPECT_LT(*distinct.rbegin(), rows);
    }
  }
}

TEST(SampleRows, AreThoseOfAShuffleOfAllRows) {
  for (const std::int64_t rows : {1, 2, 10, 1000}) {
    for (const std::int64_t count : {rows / 3, rows - 1, rows}) {
      CounterStream stream = stream_of(7, static_cast<std::uint64_t>(count));
      CounterStream same = stream;
      std::vector<std::int64_t> shuffled(static_cast<std::size_t>(rows));
      std::iota(shuffled.begin(), shuffled.end(), 0);
      for (std::int64_t i = 0; i < count; ++i) {
        const auto j = i + static_cast<std::int64_t>(same.below(static_cast<std::uint64_t>(rows - i)));
        std::swap(shuffled[static_cast<std::size_t>(i)], shuffled[static_cast<std::size_t>(j)]);
      }
      shuffled.resize(static_cast<std::size_t>(count));
      EXPECT_EQ(sample_rows(stream, rows, count), shuffled) << count << " of " << rows;
    }
  }
}

TEST(SampleRows, EveryOrderedChoiceIsEquallyLikely) {
  constexpr std::int64_t kRowCount = 5;  // 5 * 4 * 3 = 60 ordered choices of three
  std::vector<double> counts(kRowCount * kRowCount * kRowCount, 0.0);
  for (std::uint64_t index = 0; index < 30'000; ++index) {
    CounterStream stream = stream_of(7, index);
    const auto sample = sample_rows(stream, kRowCount, 3);
    counts[static_cast<std::size_t>((sample[0] * kRowCount + sample[1]) * kRowCount + sample[2])] += 1.0;
  }
  std::erase(counts, 0.0);
  ASSERT_EQ(counts.size(), 60U);
  EXPECT_LT(chi_square_of_equal(counts), chi_square_critical(59.0));
}

TEST(SampleRows, EveryRowIsDrawnEquallyOften) {
  constexpr std::int64_t kRowCount = 200;
  std::vector<double> counts(kRowCount, 0.0);
  for (std::uint64_t index = 0; index < 1000; ++index) {
    CounterStream stream = stream_of(8, index);
    for (const std::int64_t row : sample_rows(stream, kRowCount, 50)) counts[static_cast<std::size_t>(row)] += 1.0;
  }
  // Rows are drawn without replacement, so that counts vary less than multinomial ones and the bound holds a fortiori.
  EXPECT_LT(chi_square_of_equal(counts), chi_square_critical(199.0));
}

// With 2e9 rows anything that is O(rows) would need 16 GB.
TEST(SampleRows, CostDependsOnTheCountAlone) {
  constexpr std::int64_t kManyRows = 2'000'000'000;
  CounterStream stream = stream_of(9);
  const auto sample = sample_rows(stream, kManyRows, 100'000);
  const std::unordered_set<std::int64_t> distinct(sample.begin(), sample.end());
  EXPECT_EQ(distinct.size(), sample.size());
  std::vector<double> counts(100, 0.0);
  for (const std::int64_t row : sample) counts[static_cast<std::size_t>(row / (kManyRows / 100))] += 1.0;
  EXPECT_LT(chi_square_of_equal(counts), chi_square_critical(99.0));
}

}  // namespace
}  // namespace varimix::tests
