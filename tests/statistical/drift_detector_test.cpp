#include "varimix/em/drift_detector.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <limits>

#include "support/families.hpp"
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
  const NormalInverseGaussian nig(Vector{{0.0, 1.0}}, Vector{{0.4, -0.3}}, some_factor(2, 3), InverseGaussian(1.0, 0.5));
  return NormalMixture<S>::default_init(nig.rvs(4000, Seed{12}));
}

template <class S>
class DriftDetectorOf : public ::testing::Test {};
TYPED_TEST_SUITE(DriftDetectorOf, Families, FamilyNames);

// 20,000 blocks; a detector of one alarm in 1,000 gives 20, and one of the documented rate or less gives more than 34 with
// probability 0.1% (Poisson).
TYPED_TEST(DriftDetectorOf, GivesAtMostOneFalseAlarmInAThousandBlocks) {
  const auto model = heavy_model<TypeParam>();
  DriftDetector detector;
  constexpr Index kRows = 64;
  constexpr int kChunks = 40;
  constexpr Index kBlocksPerChunk = 500;
  for (int chunk = 0; chunk < kChunks; ++chunk) {
    const Vector scores = model.log_prob(model.rvs(kRows * kBlocksPerChunk, Seed{100 + chunk}));
    for (Index k = 0; k < kBlocksPerChunk; ++k) (void)detector.add(moments_of(scores.segment(k * kRows, kRows)));
  }
  EXPECT_LE(detector.changes, 34);
  std::cout << "[ false alarms ] " << detector.changes << " in 20,000 blocks\n";
}

TEST(DriftDetector, SeesARegimeThatDoublesTheScale) {
  const auto calm = heavy_model<InverseGaussian>();
  const NormalInverseGaussian wild(calm.mu(), 2.0 * calm.gamma(), 2.0 * calm.L_Sigma(), calm.subordinator());
  for (std::int64_t seed = 0; seed < 20; ++seed) {
    DriftDetector detector;
    for (int k = 0; k < 30; ++k) EXPECT_FALSE(detector.add(moments_of(calm.log_prob(calm.rvs(64, Seed{1000 * seed + k})))));
    int blocks = 0;
    while (!detector.add(moments_of(calm.log_prob(wild.rvs(64, Seed{1000 * seed + 500 + blocks}))))) ++blocks;
    EXPECT_LE(blocks, 10) << seed;
    EXPECT_EQ(detector.changes, 1);
    EXPECT_EQ(detector.level(), 0.0) << "the reference starts anew";
  }
}

TEST(DriftDetector, DoesNotDependOnHowABlockWasCut) {
  const auto model = heavy_model<InverseGaussian>();
  const Vector scores = model.log_prob(model.rvs(64 * 40, Seed{7}));
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
