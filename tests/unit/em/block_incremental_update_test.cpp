#include "varimix/em/rules/block_incremental_update.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/models.hpp"
#include "varimix/stats/gauge.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix::tests {
namespace {

Eta eta_of(std::int64_t seed, double weight) {
  Eta eta = with_origin(some_model(2, seed, 0.6).compute_eta_from_model(), Vector::Zero(2));
  eta.weight = weight;
  return eta;
}

/// Returns the mean of `etas` by weight, merged one after the other.
Eta mean_of(const std::vector<Eta>& etas) {
  Eta mean = etas.front();
  for (std::size_t k = 1; k < etas.size(); ++k) mean = merge(mean, etas[k]);
  return mean;
}

TEST(BlockMemory, ItsMeanIsThatOfTheNewestOfEveryBlock) {
  for (const std::int64_t blocks : {1, 2, 3, 7, 64, 1000}) {
    BlockMemory memory;
    std::vector<Eta> newest;
    for (std::int64_t k = 0; k < std::min<std::int64_t>(blocks, 9); ++k) {
      newest.push_back(eta_of(k, 1.0 + static_cast<double>(k)));
      memory.replace(k, blocks, newest.back());
      EXPECT_TRUE(same_eta(memory.mean(), mean_of(newest), 1e-13)) << blocks << ", " << k;
    }
    newest[newest.size() / 2] = eta_of(77, 5.0);
    memory.replace(static_cast<std::int64_t>(newest.size() / 2), blocks, newest[newest.size() / 2]);
    EXPECT_TRUE(same_eta(memory.mean(), mean_of(newest), 1e-13)) << blocks;
    ASSERT_EQ(memory.seen().size(), newest.size());
    EXPECT_EQ(memory.seen().front().eta, newest.front());
  }
}

TEST(BlockMemory, ForgetsAHugeBlockWhenItIsReplaced) {
  BlockMemory memory;
  for (std::int64_t k = 0; k < 5; ++k) memory.replace(k, 5, eta_of(k, 1.0));
  const Eta before = memory.mean();
  const Eta huge = changed(eta_of(9, 1.0), [](MixtureStatistics& s) { s.xx_inv_y *= 1e200; });
  memory.replace(2, 5, huge);
  memory.replace(2, 5, eta_of(2, 1.0));
  EXPECT_EQ(memory.mean(), before) << "nothing of it is left, to the bit";
}

TEST(BlockMemory, ACopyGoesItsOwnWay) {
  BlockMemory memory;
  memory.replace(0, 4, eta_of(1, 1.0));
  BlockMemory copy = memory;
  EXPECT_EQ(copy, memory);
  copy.replace(0, 4, eta_of(2, 1.0));
  EXPECT_FALSE(copy == memory);
  EXPECT_EQ(memory.mean(), eta_of(1, 1.0));
}

TEST(BlockIncrementalUpdate, ABlockThatWasNotLearnedInOnePassIsLearnedInTheNext) {
  UpdateRule rule = BlockIncrementalUpdate{.blocks = 3};
  const Eta start = eta_of(0, 0.0);
  const auto take = [&](std::int64_t step) {
    return rule.accumulate(start, eta_of(step, 10.0), {.step = step, .batch_weight = 10.0});
  };
  (void)take(0);
  (void)take(2);  // step 1 was not taken
  const auto numbers = [&] {
    std::vector<std::int64_t> seen;
    for (const auto& block : rule.get<BlockIncrementalUpdate>()->memory.seen()) seen.push_back(block.number);
    return seen;
  };
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{0, 2}));
  const Eta all = take(4);
  EXPECT_EQ(numbers(), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_TRUE(same_eta(all, mean_of({eta_of(0, 10.0), eta_of(4, 10.0), eta_of(2, 10.0)}), 1e-13));
}

TEST(BlockIncrementalUpdate, FollowsTheGauge) {
  UpdateRule rule = BlockIncrementalUpdate{.blocks = 2};
  const Eta start = eta_of(0, 0.0);
  (void)rule.accumulate(start, eta_of(1, 1.0), {.step = 0, .batch_weight = 1.0});
  rule.rescale_y(4.0);
  const Eta mean =
      rule.accumulate(rescale_y(start, 4.0), rescale_y(eta_of(2, 1.0), 4.0), {.step = 1, .batch_weight = 1.0});
  EXPECT_TRUE(same_eta(mean, rescale_y(mean_of({eta_of(1, 1.0), eta_of(2, 1.0)}), 4.0), 1e-13));
}

TEST(BlockIncrementalUpdate, OfOneBlockForgetsThePast) {
  UpdateRule rule = BlockIncrementalUpdate{.blocks = 1};
  for (const std::int64_t step : {0, 1, 2}) {
    EXPECT_TRUE(same_eta(rule.accumulate(eta_of(0, 0.0), eta_of(step, 1.0), {.step = step, .batch_weight = 1.0}),
                         eta_of(step, 1.0), 1e-13));
  }
  EXPECT_THAT(error_of([] { (void)UpdateRule(BlockIncrementalUpdate{.blocks = 0}); }),
              ::testing::HasSubstr("blocks must be >= 1"));
}

}  // namespace
}  // namespace varimix::tests
