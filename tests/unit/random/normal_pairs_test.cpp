#include "random/normal_pairs.hpp"

#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <Random123/boxmuller.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "random/stream_words.hpp"
#include "support/counter_streams.hpp"
#include "support/simd_targets.hpp"
#include "varimix/core/types.hpp"
#include "varimix/random/counter_stream.hpp"
#include "varimix/random/key.hpp"

namespace varimix::tests {
namespace {

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

}  // namespace
}  // namespace varimix::tests
