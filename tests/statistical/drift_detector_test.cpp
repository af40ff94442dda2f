#include "varimix/em/drift_detector.hpp"

#include <gtest/gtest.h>

#include "support/models.hpp"
#include "support/sanitizers.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

using Signal = DriftDetector::Signal;

/// Adds scores one after the other and returns their number up to the first signal; all of them if there is none.
Index rows_to_signal(DriftDetector& detector, const Vector& scores, Signal expected) {
  for (Index i = 0; i < scores.size(); ++i) {
    const Signal signal = detector.add(scores(i), 1.0);
    if (signal == Signal::kNone) continue;
    EXPECT_EQ(signal, expected);
    return i + 1;
  }
  return scores.size();
}

template <class S>
MeanVarianceMixture<S> heavy_model() {
  const NormalInverseGaussian nig(Vector{{0.0, 1.0}}, Vector{{0.4, -0.3}}, some_factor(2, 3),
                                  InverseGaussian(1.0, 0.5));
  return MeanVarianceMixture<S>::default_init(nig.rvs(4000, Seed{12}));
}

template <class S>
std::int64_t false_alarms(const MeanVarianceMixture<S>& model, Index rows) {
  constexpr Index kRowsPerDraw = 32'000;
  DriftDetector detector;
  for (Index draw = 0; draw < rows / kRowsPerDraw; ++draw) {
    for (const double score : model.log_prob(model.rvs(kRowsPerDraw, Seed{100 + draw}))) {
      (void)detector.add(score, 1.0);
    }
  }
  return detector.changes;
}

// A rate of one in 64,000 gives 10 alarms in 640,000 rows; then more than 21 have a probability of 0.1% (Poisson). In
// 64,000 rows more than 5 have.
TEST(DriftDetector, GivesAtMostOneFalseAlarmIn64000Rows) {
  constexpr Index kRows = kSanitized ? 64'000 : 640'000;
  constexpr std::int64_t kMost = kSanitized ? 5 : 21;
  EXPECT_LE(false_alarms(heavy_model<InverseGaussian>(), kRows), kMost);
  EXPECT_LE(false_alarms(heavy_model<Gamma>(), kRows), kMost);
  EXPECT_LE(false_alarms(heavy_model<InverseGamma>(), kRows), kMost);
  EXPECT_LE(false_alarms(heavy_model<GeneralizedInverseGaussian>(), kRows), kMost);
  const NormalInverseGamma t_of_three(Vector{{0.0}}, Vector{{0.0}}, Matrix{{1.0}}, InverseGamma(1.5, 1.5));
  EXPECT_LE(false_alarms(t_of_three, kRows), kMost);
  const VarianceGamma unbounded(Vector{{0.0}}, Vector{{0.0}}, Matrix{{1.0}}, Gamma(0.3, 0.3));
  EXPECT_LE(false_alarms(unbounded, kRows), kMost) << "scores without an upper bound";
  const NormalInverseGaussian nearly_gaussian(Vector{{0.0}}, Vector{{0.0}}, Matrix{{1.0}}, InverseGaussian(1.0, 1e4));
  EXPECT_LE(false_alarms(nearly_gaussian, kRows), kMost);
}

// The rate holds as well where the model learns while it is scored, in batches of one row or of many.
TEST(DriftDetector, AFitThatLearnsFromItsOwnRowsGivesNoMoreFalseAlarms) {
  const auto truth = heavy_model<InverseGaussian>();
  std::int64_t changes = 0;
  for (const Index size : {1, 64, 512}) {
    for (const UpdateRule& rule : {UpdateRule(PolyakRuppertUpdate{}), UpdateRule(EWMAUpdate{.half_life = 500.0})}) {
      constexpr Index kShare = kSanitized ? 10 : 1;
      const RowMatrix x = truth.rvs((size == 1 ? 10'000 : 64'000) / kShare, Seed{7 + size});
      OnlineEM<NormalInverseGaussian> state(NormalInverseGaussian::default_init(x.topRows(512)), rule);
      for (Index first = 0; first + size <= x.rows(); first += size) (void)state.update(x.middleRows(first, size));
      changes += state.state().drift.changes;
    }
  }
  EXPECT_LE(changes, 14) << "276,000 rows: 4.3 expected at one in 64,000, more than 14 in one case of 5,000";
}

TEST(DriftDetector, SeesARegimeThatDoublesTheScaleAndOneThatHalvesIt) {
  const auto calm = heavy_model<InverseGaussian>();
  for (const double factor : {2.0, 0.5}) {
    const NormalInverseGaussian other(calm.mu(), factor * calm.gamma(), factor * calm.L_Sigma(), calm.subordinator());
    for (std::int64_t seed = 0; seed < 20; ++seed) {
      DriftDetector detector;
      for (const double score : calm.log_prob(calm.rvs(2000, Seed{1000 * seed}))) {
        EXPECT_EQ(detector.add(score, 1.0), Signal::kNone);
      }
      const Vector scores = calm.log_prob(other.rvs(1000, Seed{1000 * seed + 500}));
      const Index rows = rows_to_signal(detector, scores, factor > 1.0 ? Signal::kWorse : Signal::kBetter);
      EXPECT_LE(rows, 300) << factor << ", " << seed;
      EXPECT_EQ(detector.changes, 1);
      EXPECT_EQ(detector.level(), 0.0) << "the reference starts anew";
    }
  }
}

TEST(DriftDetector, SeesACrisisWithinFourRowsAndNotOneBadRow) {
  const auto model = heavy_model<InverseGaussian>();
  DriftDetector detector;
  for (const double score : model.log_prob(model.rvs(2000, Seed{5}))) (void)detector.add(score, 1.0);
  DriftDetector one_row = detector;
  EXPECT_EQ(one_row.add(-1e10, 1.0), Signal::kNone);
  EXPECT_LT(one_row.level(), 0.5);
  EXPECT_NEAR(one_row.reference.mean, detector.reference.mean, 0.1) << "nor does it move the reference";
  EXPECT_EQ(rows_to_signal(detector, Vector::Constant(10, -50.0), Signal::kWorse), 4);
}

TEST(DriftDetector, AnIntegerWeightIsARepeatedRow) {
  const auto model = heavy_model<InverseGaussian>();
  DriftDetector weighted;
  DriftDetector repeated;
  for (const double score : model.log_prob(model.rvs(1500, Seed{6}))) {
    (void)weighted.add(score, 2.0);
    (void)repeated.add(score, 1.0);
    (void)repeated.add(score, 1.0);
  }
  EXPECT_NEAR(weighted.reference.mean, repeated.reference.mean, 0.02);
  EXPECT_NEAR(weighted.reference.weight, repeated.reference.weight, 1e-9);
  EXPECT_EQ(weighted.changes, repeated.changes);
}

TEST(DriftDetector, ScoresThatAreAllEqualGiveNoSignal) {
  DriftDetector detector;
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(detector.add(-1.0, 1.0), Signal::kNone);
  EXPECT_EQ(detector.level(), 0.0);
}

}  // namespace
}  // namespace varimix::tests
