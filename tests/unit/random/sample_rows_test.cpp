#include "varimix/random/sample_rows.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <set>
#include <stdexcept>
#include <unordered_set>
#include <utility>
#include <vector>

#include "support/counter_streams.hpp"
#include "support/statistics.hpp"
#include "varimix/random/counter_stream.hpp"

namespace varimix::tests {
namespace {

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

TEST(SampleRows, MoreThanATableCanNumberAreRefused) {
  CounterStream stream = stream_of(10);
  constexpr std::int64_t kTooMany = std::int64_t{1} << 32;
  EXPECT_THROW((void)sample_rows(stream, 2 * kTooMany, kTooMany), std::invalid_argument);
}

}  // namespace
}  // namespace varimix::tests
