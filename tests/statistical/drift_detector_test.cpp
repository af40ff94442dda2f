#include "varimix/em/drift_detector.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "support/models.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

/// Moments of the log densities of rows.
ScoreMoments moments_of(const Vector& scores) {
  const double mean = scores.mean();
  return {static_cast<double>(scores.size()), mean, (scores.array() - mean).square().sum()};
}

template <class S>
NormalMixture<S> heavy_model() {
  const NormalInverseGaussian nig(Vector{{0.0, 1.0}}, Vector{{0.4, -0.3}}, some_factor(2, 3),
                                  InverseGaussian(1.0, 0.5));
  return NormalMixture<S>::default_init(nig.rvs(4000, Seed{12}));
}

template <class S>
std::int64_t false_alarms(int blocks) {
  constexpr Index kBlocksPerDraw = 500;
  const auto rows = static_cast<Index>(DriftDetector::kBlockWeight);
  const auto model = heavy_model<S>();
  DriftDetector detector;
  for (int draw = 0; draw < blocks / kBlocksPerDraw; ++draw) {
    const Vector scores = model.log_prob(model.rvs(rows * kBlocksPerDraw, Seed{100 + draw}));
    for (Index k = 0; k < kBlocksPerDraw; ++k) (void)detector.add(moments_of(scores.segment(k * rows, rows)));
  }
  return detector.changes;
}

// A rate of one alarm in 1,000 gives 20 in 20,000 blocks; more than 34 has a probability of 0.1% then (Poisson).
TEST(DriftDetector, GivesAtMostOneFalseAlarmInAThousandBlocks) {
  constexpr int kBlocks = 20'000;
  constexpr std::int64_t kMost = 34;
  EXPECT_LE(false_alarms<InverseGaussian>(kBlocks), kMost);
  EXPECT_LE(false_alarms<Gamma>(kBlocks), kMost);
  EXPECT_LE(false_alarms<InverseGamma>(kBlocks), kMost);
  EXPECT_LE(false_alarms<GeneralizedInverseGaussian>(kBlocks), kMost);
}

TEST(DriftDetector, SeesARegimeThatDoublesTheScale) {
  const auto calm = heavy_model<InverseGaussian>();
  const NormalInverseGaussian wild(calm.mu(), 2.0 * calm.gamma(), 2.0 * calm.L_Sigma(), calm.subordinator());
  for (std::int64_t seed = 0; seed < 20; ++seed) {
    DriftDetector detector;
    for (int k = 0; k < 30; ++k)
      EXPECT_FALSE(detector.add(moments_of(calm.log_prob(calm.rvs(64, Seed{1000 * seed + k})))));
    int blocks = 0;
    while (!detector.add(moments_of(calm.log_prob(wild.rvs(64, Seed{1000 * seed + 500 + blocks}))))) ++blocks;
    EXPECT_LE(blocks, 10) << seed;
    EXPECT_EQ(detector.changes, 1);
    EXPECT_EQ(detector.level(), 0.0) << "the reference starts anew";
  }
}

TEST(DriftDetector, DoesNotDependOnHowABlockWasCut) {
  const auto model = heavy_model<InverseGaussian>();
  const Vector scores = model.log_prob(model.rvs(Index{64} * 40, Seed{7}));
  DriftDetector whole;
  DriftDetector in_eights;
  for (Index k = 0; k < 40; ++k) {
    (void)whole.add(moments_of(scores.segment(64 * k, 64)));
    for (Index part = 0; part < 8; ++part) (void)in_eights.add(moments_of(scores.segment(64 * k + 8 * part, 8)));
  }
  EXPECT_NEAR(whole.cusum, in_eights.cusum, 1e-10);
  EXPECT_NEAR(whole.reference.deviation, in_eights.reference.deviation, 1e-9);
}

TEST(DriftDetector, TakesAnImpossibleRowForAChange) {
  DriftDetector detector;
  EXPECT_TRUE(detector.add({1.0, -std::numeric_limits<double>::infinity(), 0.0}));
  EXPECT_EQ(detector.changes, 1);
}

}  // namespace
}  // namespace varimix::tests
