#include "subordinator/block_trials.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

#include "random/stream_words.hpp"
#include "support/extreme_laws.hpp"
#include "support/families.hpp"
#include "support/simd_targets.hpp"

namespace varimix::tests {
namespace {

constexpr Index kRows = 500;
constexpr Index kLeading = 509;

/// Trials of a law for rows 0, ..., rows - 1 of a key.
struct Trials {
  template <BlockTrials T>
  Trials(const T& trials, Index rows)
      : pair(static_cast<std::size_t>(2 * kLeading), -9.0), y(static_cast<std::size_t>(kLeading), -9.0) {
    std::vector<std::uint64_t> indices(static_cast<std::size_t>(rows));
    std::iota(indices.begin(), indices.end(), std::uint64_t{0});
    std::vector<std::uint64_t> words(static_cast<std::size_t>(kLeading * whole_words(trials.words())));
    stream_words(Key{1}, StreamPurpose::kModelRows, indices, trials.words(), kLeading, words.data());
    trials.try_once({words.data(), rows, kLeading}, pair.data(), y.data());
  }
  std::vector<double> pair, y;
};

template <class S>
class BlockTrialsOfLaws : public ::testing::Test {};
TYPED_TEST_SUITE(BlockTrialsOfLaws, Families, FamilyNames);

// Four of five trials or more are a draw at once; in one law a tenth of the draws is at the end of the doubles.
constexpr double kMostRefused = 0.3;

TYPED_TEST(BlockTrialsOfLaws, GiveTheDrawsOfTheStreamsOnEveryTarget) {
  for (const TypeParam& law : extreme_laws<TypeParam>()) {
    with_trials(law, [&]<BlockTrials T>(const T& trials) {
      for (const std::int64_t target : simd_targets()) {
        const ForcedTarget forced(target);
        SCOPED_TRACE(target_name(target));
        const Trials drawn(trials, kRows);
        Index refused = 0;
        for (Index i = 0; i < kRows; ++i) {
          const double y = drawn.y[static_cast<std::size_t>(i)];
          CounterStream stream(Key{1}, StreamPurpose::kModelRows, static_cast<std::uint64_t>(i));
          const double expected = law.sample(stream);
          refused += std::isnan(y) ? 1 : 0;
          if (std::isnan(y)) continue;
          ASSERT_NEAR(y / expected, 1.0, kRoundingOfDraws) << law.parameters()[0] << " row " << i;
          const std::optional<double> spare = stream.take_spare_normal();
          ASSERT_EQ(spare.has_value(), T::kLeavesNormal);
          if (!spare) continue;
          ASSERT_NEAR(drawn.pair[static_cast<std::size_t>(kLeading + i)], *spare, 1e-14);
        }
        EXPECT_LT(static_cast<double>(refused), kMostRefused * kRows);
      }
    });
  }
}

TYPED_TEST(BlockTrialsOfLaws, WhatARowBecomesDoesNotDependOnTheOthers) {
  for (const TypeParam& law : extreme_laws<TypeParam>()) {
    with_trials(law, [&](const auto& trials) {
      const Trials many(trials, kRows);
      for (const Index rows : {Index{0}, Index{1}, Index{3}, Index{8}, Index{77}}) {
        const Trials few(trials, rows);
        for (Index i = 0; i < kLeading; ++i) {
          const double y = few.y[static_cast<std::size_t>(i)];
          if (i >= rows) {
            ASSERT_EQ(y, -9.0);
          } else {
            const double expected = many.y[static_cast<std::size_t>(i)];
            ASSERT_TRUE(y == expected || (std::isnan(y) && std::isnan(expected)));
          }
        }
      }
    });
  }
}

/// Rows whose draw is at the ends of the doubles are left to `sample`, whose answer is a normal double.
TEST(BlockTrials, NoRowEndsBeyondTheNormalDoubles) {
  const auto check = [](const auto& law) {
    with_trials(law, [](const auto& trials) {
      const Trials drawn(trials, kRows);
      Index left = 0;
      for (Index i = 0; i < kRows; ++i) {
        const double y = drawn.y[static_cast<std::size_t>(i)];
        left += std::isnan(y) ? 1 : 0;
        ASSERT_TRUE(std::isnan(y) || (std::isnormal(y) && y > 0.0));
      }
      EXPECT_GT(left, 0);
    });
  };
  check(Gamma(0.002, 1.0));
  check(InverseGamma(0.002, 1.0));
  check(Gamma(3.0, 2e-307));
  check(InverseGamma(3.0, 1e-307));
  check(GeneralizedInverseGaussian(1.0, 5e-308, 1.0));
}

}  // namespace
}  // namespace varimix::tests
