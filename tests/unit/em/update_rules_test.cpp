#include "varimix/em/rules/update_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/stats/gauge.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

constexpr double kFewUlp = 4e-16;

/// A one-dimensional eta, easy to follow by hand.
Eta scalar_eta(double inv_y, double y, double x, double x_inv_y, double xx_inv_y) {
  return Eta::from_raw(inv_y, y, 0.5 * x, Vector{{x}}, Vector{{x_inv_y}}, Matrix{{xx_inv_y}});
}

const Eta kRunning = scalar_eta(2.0, 1.0, 10.0, 20.0, 300.0);
const Eta kBatch = scalar_eta(4.0, 2.0, 30.0, 60.0, 700.0);

/// Expects that every field of `eta` is (1 - c) running + c batch.
void expect_step(const Eta& eta, double c) {
  const auto expect_field = [c](double actual, double running, double batch) {
    EXPECT_TRUE(is_close(actual, (1.0 - c) * running + c * batch, kFewUlp)) << "c = " << c;
  };
  expect_field(eta.E_inv_Y(), 2.0, 4.0);
  expect_field(eta.E_Y(), 1.0, 2.0);
  expect_field(eta.E_log_Y().value(), 5.0, 15.0);
  expect_field(eta.E_X()(0), 10.0, 30.0);
  expect_field(eta.E_X_inv_Y()(0), 20.0, 60.0);
  expect_field(eta.E_XXT_inv_Y()(0, 0), 300.0, 700.0);
}

StepInfo info(std::int64_t step, double before, double rows) {
  return {.step = step, .weight_before = before, .batch_weight = rows};
}

template <class Rule>
std::string error_with(Rule rule) {
  return error_of([&] { (void)UpdateRule(rule); });
}

TEST(IdentityUpdate, ForgetsThePast) {
  EXPECT_EQ(UpdateRule(IdentityUpdate{}).accumulate(kRunning, kBatch, info(3, 100, 10)), kBatch);
}

TEST(RobbinsMonroUpdate, TakesOneOverTau0PlusT) {
  for (const std::int64_t t : {0, 1, 2, 50}) {
    expect_step(UpdateRule(RobbinsMonroUpdate{10.0}).accumulate(kRunning, kBatch, info(t, 77, 5)),
                1.0 / (10.0 + static_cast<double>(t)));
  }
  EXPECT_EQ(UpdateRule(RobbinsMonroUpdate{1.0}).accumulate(kRunning, kBatch, info(0, 0, 5)), kBatch);
}

TEST(RobbinsMonroUpdate, StepsOutsideZeroToOneAreRefused) {
  EXPECT_THAT(error_with(RobbinsMonroUpdate{0.0}),
              HasSubstr("tau0 must be finite and >= 1 (the first step 1/tau0 must not exceed 1), got 0"));
  EXPECT_THAT(error_with(RobbinsMonroUpdate{-3.0}),
              HasSubstr("tau0 must be finite and >= 1 (the first step 1/tau0 must not exceed 1), got -3"));
  EXPECT_THAT(error_with(RobbinsMonroUpdate{0.5}), HasSubstr("tau0 must be finite and >= 1 (the first step"));
  EXPECT_THAT(error_with(RobbinsMonroUpdate{std::nan("")}), HasSubstr("tau0 must be finite"));
  EXPECT_EQ(error_with(RobbinsMonroUpdate{1.0}), "");
}

TEST(SampleWeightedUpdate, WeighsByRowsSeenAndRowsInHand) {
  expect_step(UpdateRule(SampleWeightedUpdate{}).accumulate(kRunning, kBatch, info(4, 300, 100)), 0.25);
  EXPECT_EQ(UpdateRule(SampleWeightedUpdate{}).accumulate(kRunning, kBatch, info(0, 0, 100)), kBatch);
}

TEST(EwmaUpdate, BlendsByItsWeight) {
  expect_step(UpdateRule(EWMAUpdate{}).accumulate(kRunning, kBatch, info(9, 5, 5)), 0.1);
  expect_step(UpdateRule(EWMAUpdate{.w = 0.7}).accumulate(kRunning, kBatch, info(9, 5, 5)), 0.7);
}

TEST(EwmaUpdate, WeightOneForgetsThePast) {
  EXPECT_EQ(UpdateRule(EWMAUpdate{.w = 1.0}).accumulate(kRunning, kBatch, info(9, 5, 5)), kBatch);
}

TEST(EwmaUpdate, AHalfLifeHalvesWhatIsRememberedHoweverTheRowsAreCut) {
  UpdateRule rule = EWMAUpdate{.half_life = 500.0};
  expect_step(rule.accumulate(kRunning, kBatch, info(0, 0, 500)), 0.5);
  expect_step(rule.accumulate(kRunning, kBatch, info(0, 0, 64)), 1.0 - std::exp2(-64.0 / 500.0));
  Eta cut = rule.accumulate(kRunning, kBatch, info(0, 0, 100));
  cut = rule.accumulate(cut, kBatch, info(1, 100, 400));
  EXPECT_TRUE(is_close(cut.E_XXT_inv_Y()(0, 0), 500.0, 4.0 * kFewUlp));
}

TEST(EwmaUpdate, WeightsAndHalfLivesOutsideTheirDomainAreRefused) {
  EXPECT_THAT(error_with(EWMAUpdate{.w = 0.0}), HasSubstr("w must be in (0, 1], got 0"));
  EXPECT_THAT(error_with(EWMAUpdate{.w = 1.5}), HasSubstr("w must be in (0, 1], got 1.5"));
  EXPECT_THAT(error_with(EWMAUpdate{.w = std::nan("")}), HasSubstr("w must be in (0, 1]"));
  EXPECT_THAT(error_with(EWMAUpdate{.half_life = 0.0}), HasSubstr("half_life must be finite and > 0, got 0"));
  EXPECT_THAT(error_with(EWMAUpdate{.w = 0.5, .half_life = 5.0}), HasSubstr("w must be left out"));
}

TEST(AffineUpdate, AddsItsConstantAndScalesBothEtas) {
  const Eta constant = scalar_eta(1.0, 1.0, 1.0, 2.0, 5.0);
  const Eta eta =
      UpdateRule(AffineUpdate{.a = constant, .b = 0.5, .c = 1.5}).accumulate(kRunning, kBatch, info(1, 1, 1));
  EXPECT_DOUBLE_EQ(eta.E_inv_Y(), 1.0 + 0.5 * 2.0 + 1.5 * 4.0);
  EXPECT_DOUBLE_EQ(eta.E_Y(), 1.0 + 0.5 * 1.0 + 1.5 * 2.0);
  EXPECT_DOUBLE_EQ(eta.E_log_Y().value(), 0.5 + 0.5 * 5.0 + 1.5 * 15.0);
  EXPECT_DOUBLE_EQ(eta.E_X()(0), 1.0 + 0.5 * 10.0 + 1.5 * 30.0);
  EXPECT_DOUBLE_EQ(eta.E_X_inv_Y()(0), 2.0 + 0.5 * 20.0 + 1.5 * 60.0);
  EXPECT_DOUBLE_EQ(eta.E_XXT_inv_Y()(0, 0), 5.0 + 0.5 * 300.0 + 1.5 * 700.0);
}

TEST(AffineUpdate, WithoutArgumentsItIsIdentityAndItsConstantIsCarriedAlongTheGauge) {
  EXPECT_TRUE(
      same_eta(UpdateRule(AffineUpdate{}).accumulate(with_origin(kRunning, kBatch.origin), kBatch, info(1, 1, 1)),
               kBatch, kFewUlp));
  const Eta constant = scalar_eta(1.0, 1.0, 1.0, 2.0, 5.0);
  UpdateRule rule = AffineUpdate{.a = constant, .b = 0.3, .c = 0.7};
  const Eta before = rule.accumulate(kRunning, kBatch, info(1, 1, 1));
  constexpr double s = 4.0;
  rule.rescale_y(s);
  const Eta after = rule.accumulate(rescale_y(kRunning, s), rescale_y(kBatch, s), info(1, 1, 1));
  const Eta expected = rescale_y(before, s);
  EXPECT_DOUBLE_EQ(after.E_Y(), expected.E_Y());
  EXPECT_DOUBLE_EQ(after.E_XXT_inv_Y()(0, 0), expected.E_XXT_inv_Y()(0, 0));
}

TEST(PolyakAverage, WhatItsBaseCarriesFollowsTheGauge) {
  const AffineUpdate base{.a = scalar_eta(1.0, 1.0, 1.0, 2.0, 5.0), .b = 0.3, .c = 0.7};
  UpdateRule average = PolyakAverage{base};
  UpdateRule alone = base;
  average.rescale_y(4.0);
  alone.rescale_y(4.0);
  EXPECT_EQ(average.accumulate(kRunning, kBatch, info(1, 1, 1)), alone.accumulate(kRunning, kBatch, info(1, 1, 1)));
}

TEST(AffineUpdate, SettingsThatAreNotFiniteAndAnotherDimensionAreRefused) {
  EXPECT_THAT(error_with(AffineUpdate{.b = std::nan("")}), HasSubstr("b must be finite"));
  EXPECT_THAT(error_with(AffineUpdate{.c = HUGE_VAL}), HasSubstr("c must be finite, got inf"));
  EXPECT_THAT(error_with(AffineUpdate{.a = scalar_eta(1, HUGE_VAL, 1, 1, 1)}), HasSubstr("a must be finite"));
  EXPECT_THAT(error_of([] { OnlineEM<NormalInverseGaussian>(tutorial_model(), AffineUpdate{.a = kRunning}); }),
              HasSubstr("a must be of dimension 2, got 1"));
}

/// Steps of the default rule by its formula, on a stream of batches; n0 = (d+1)^2.
struct RowCount {
  double n0;
  double rows = 0.0;
  [[nodiscard]] double scale() const { return std::pow(n0, 0.45) * std::pow(rows + n0, 0.55); }
};

TEST(PolyakRuppertUpdate, StepsAndAverageFollowItsFormula) {
  UpdateRule rule = PolyakRuppertUpdate{};
  RowCount count{.n0 = 4.0};
  double running = 300.0;
  double reported = 0.0;
  Eta eta = kRunning;
  for (const double rows : {2.0, 5.0, 40.0, 1.0, 300.0}) {
    eta = rule.accumulate(eta, kBatch, info(0, count.rows, rows));
    const double c = std::min(1.0, rows / count.scale());
    running = (1.0 - c) * running + c * 700.0;
    count.rows += rows;
    const double o = 2.0 * rows / (count.rows + rows);
    reported = count.rows == rows ? running : (1.0 - o) * reported + o * running;
    EXPECT_TRUE(is_close(eta.E_XXT_inv_Y()(0, 0), running, 1e-14));
    EXPECT_TRUE(is_close(rule.report(eta).E_XXT_inv_Y()(0, 0), reported, 1e-14));
  }
  EXPECT_EQ(UpdateRule(PolyakRuppertUpdate{}).report(kRunning), kRunning) << "before any batch";
}

TEST(PolyakRuppertUpdate, ItsAverageIsCarriedAlongTheGauge) {
  UpdateRule rule = PolyakRuppertUpdate{};
  const Eta eta = rule.accumulate(kRunning, kBatch, info(0, 0, 3));
  const Eta before = rule.report(eta);
  rule.rescale_y(0.25);
  EXPECT_EQ(rule.report(eta), rescale_y(before, 0.25));
}

/// Returns the number of M-steps in one pass of 40 batches of 512 rows.
std::int64_t m_steps_of_a_pass(const UpdateRule& rule) {
  constexpr Index kAny = 2;  // any d will do, because n0 is given
  std::int64_t total = 0;
  for (int k = 0; k < 40; ++k) total += rule.parts(info(k, 512.0 * k, 512.0), kAny);
  return total;
}

TEST(PolyakRuppertUpdate, TakesTheFirstBatchesInParts) {
  EXPECT_EQ(UpdateRule(PolyakRuppertUpdate{}).parts(info(0, 0, 512), 2), 114);  // ceil(2 * 512 / 9)
  EXPECT_EQ(UpdateRule(PolyakRuppertUpdate{}).parts(info(9, 1e6, 512), 2), 1);
  EXPECT_EQ(UpdateRule(PolyakRuppertUpdate{.n0 = 512.0}).parts(info(0, 0, 512), 2), 2);
  EXPECT_GE(UpdateRule(PolyakRuppertUpdate{.n0 = 1e-300}).parts(info(0, 0, 512), 2),
            512);  // 1e303 parts are no integer
  EXPECT_EQ(m_steps_of_a_pass(PolyakRuppertUpdate{.exponent = 0.6, .n0 = 16.0}), 156);
  EXPECT_EQ(m_steps_of_a_pass(PolyakRuppertUpdate{.exponent = 0.6, .n0 = 52.0}), 80);
}

TEST(PolyakRuppertUpdate, SettingsOutsideTheirDomainAreRefused) {
  EXPECT_THAT(error_with(PolyakRuppertUpdate{.exponent = 0.5}), HasSubstr("exponent must be in (1/2, 1], got 0.5"));
  EXPECT_THAT(error_with(PolyakRuppertUpdate{.exponent = 1.1}), HasSubstr("exponent must be in (1/2, 1]"));
  EXPECT_THAT(error_with(PolyakRuppertUpdate{.n0 = 0.0}), HasSubstr("n0 must be finite and > 0, got 0"));
}

}  // namespace
}  // namespace varimix::tests
