#include "varimix/stats/expectations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/models.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

constexpr double kFewUlp = 1e-15;  // a few additions of numbers of size one

/// The statistics of 50 rows under some model, about this origin, with all fields present.
Expectations some_eta(std::int64_t seed, const Vector& origin) {
  const NormalInverseGaussian model = some_model(origin.size(), 5, 0.8);
  return with_origin(model.e_step(model.rvs(50 + seed, Seed{seed})).eta, origin);
}

Vector far_origin(Index d) { return Vector::LinSpaced(d, -3.0, 5.0); }

TEST(ExpectationsFromRaw, UncentredValuesComeBackAsTheyWere) {
  const Matrix xx{{2.0, 0.5}, {0.5, 3.0}};
  const Expectations eta = Expectations::from_raw(1.5, 0.9, -0.2, Vector{{1.0, 2.0}}, Vector{{3.0, 4.0}}, xx);
  EXPECT_EQ(eta.E_inv_Y(), 1.5);
  EXPECT_EQ(eta.E_Y(), 0.9);
  EXPECT_EQ(eta.E_log_Y(), -0.2);
  EXPECT_EQ(eta.E_X(), (Vector{{1.0, 2.0}}));
  EXPECT_EQ(eta.E_X_inv_Y(), (Vector{{3.0, 4.0}}));
  EXPECT_EQ(eta.E_XXT_inv_Y(), xx);
  EXPECT_EQ(eta.weight, 0.0);
}

TEST(ExpectationsFromRaw, CentredStatisticsGiveTheirUncentredValues) {
  const Expectations eta = some_eta(1, far_origin(3));
  const Expectations raw =
      Expectations::from_raw(eta.E_inv_Y(), eta.E_Y(), eta.E_log_Y(), eta.E_X(), eta.E_X_inv_Y(), eta.E_XXT_inv_Y());
  Expectations back = with_origin(raw, eta.origin);
  back.weight = eta.weight;
  EXPECT_TRUE(same_eta(back, eta, 20.0 * kFewUlp));  // moments about 0 are ten times as large
}

TEST(ExpectationsFromRaw, ShapesThatDisagreeAndAsymmetryAreRefused) {
  const Vector two{{1.0, 2.0}};
  const Matrix unit = Matrix::Identity(2, 2);
  EXPECT_THAT(error_of([&] { (void)Expectations::from_raw(1, 1, 0, two, Vector{{1.0}}, unit); }),
              HasSubstr("E_X_inv_Y must be of dimension 2, got 1"));
  EXPECT_THAT(error_of([&] { (void)Expectations::from_raw(1, 1, 0, two, two, Matrix::Identity(2, 3)); }),
              HasSubstr("E_XXT_inv_Y must be a d x d matrix with d = 2, got 2 x 3"));
  EXPECT_THAT(error_of([&] {
                (void)Expectations::from_raw(1, 1, 0, two, two, Matrix{{1.0, 0.5}, {0.4, 1.0}});
              }),
              HasSubstr("E_XXT_inv_Y must be symmetric"));
  EXPECT_THAT(error_of([&] { (void)Expectations::from_raw(1, 1, 0, Vector(), Vector(), Matrix()); }),
              HasSubstr("E_X must be of dimension 1 or more"));
}

TEST(ExpectationsOrigin, AChangeIsExactAlgebra) {
  const Expectations eta = some_eta(2, Vector::Zero(3));
  const Vector origin = far_origin(3);
  const Expectations moved = with_origin(eta, origin);
  EXPECT_EQ(moved.origin, origin);
  EXPECT_TRUE(all_close(moved.E_X(), eta.E_X(), kFewUlp));
  EXPECT_TRUE(all_close(moved.E_X_inv_Y(), eta.E_X_inv_Y(), 10.0 * kFewUlp));
  EXPECT_TRUE(all_close(moved.E_XXT_inv_Y(), eta.E_XXT_inv_Y(), 30.0 * kFewUlp));
  EXPECT_EQ(moved.inv_y, eta.inv_y);
  EXPECT_EQ(moved.weight, eta.weight);
}

TEST(ExpectationsOrigin, AChangeBackUndoesIt) {
  const Expectations eta = some_eta(3, Vector::Zero(3));
  EXPECT_TRUE(same_eta(with_origin(with_origin(eta, far_origin(3)), eta.origin), eta, 50.0 * kFewUlp));
  EXPECT_EQ(with_origin(eta, eta.origin), eta);
}

TEST(ExpectationsOrigin, AnOriginOfAnotherDimensionIsRefused) {
  EXPECT_EQ(error_of([] { (void)with_origin(some_eta(1, Vector::Zero(3)), Vector::Zero(2)); }),
            "origin must be of dimension 3, got 2");
}

TEST(ExpectationsMerge, TwoHalvesAreTheWhole) {
  const NormalInverseGaussian model = some_model(2, 9, 1.2);
  const RowMatrix x = model.rvs(1000, Seed{4});
  const Expectations whole = model.e_step(x).eta;
  for (const Index cut : {1, 137, 512, 999}) {
    const Expectations left = model.e_step(RowView(x).slice(0, cut)).eta;
    const Expectations right = model.e_step(RowView(x).slice(cut, 1000 - cut)).eta;
    EXPECT_TRUE(same_eta(merge(left, right), whole, 1e-13)) << cut;
  }
}

TEST(ExpectationsMerge, IsCommutativeAndAssociativeAcrossOrigins) {
  const Expectations a = some_eta(1, Vector::Zero(3));
  const Expectations b = some_eta(2, far_origin(3));
  const Expectations c = some_eta(3, -far_origin(3));
  constexpr double kRounding = 1e-13;
  EXPECT_TRUE(same_eta(with_origin(merge(b, a), a.origin), merge(a, b), kRounding));
  EXPECT_TRUE(same_eta(merge(merge(a, b), c), merge(a, merge(b, c)), kRounding));
  EXPECT_EQ(merge(a, b).weight, a.weight + b.weight);
  EXPECT_EQ(merge(a, b).origin, a.origin);
}

TEST(ExpectationsMerge, ZeroWeightAndOtherDimensionsAreRefused) {
  const Expectations a = some_eta(1, Vector::Zero(3));
  Expectations weightless = a;
  weightless.weight = 0.0;
  EXPECT_NE(error_of([&] { (void)merge(weightless, weightless); }), "");
  EXPECT_NE(error_of([&] { (void)merge(a, weightless); }), "") << "the header: throws if a weight is 0";
  EXPECT_NE(error_of([&] { (void)merge(weightless, a); }), "") << "the header: throws if a weight is 0";
  EXPECT_EQ(error_of([&] { (void)merge(a, some_eta(1, Vector::Zero(2))); }), "eta must be of dimension 3, got 2");
}

TEST(ExpectationsBlend, ItsEndsAreExact) {
  const Expectations running = some_eta(1, Vector::Zero(3));
  const Expectations batch = some_eta(2, Vector::Zero(3));
  EXPECT_EQ(blend(running, batch, 0.0), running);
  EXPECT_EQ(blend(running, batch, 1.0), batch);
}

TEST(ExpectationsBlend, IsTheWeightedMeanOfTheUncentredFields) {
  const Expectations running = some_eta(1, far_origin(3));
  const Expectations batch = some_eta(2, Vector::Zero(3));
  const Expectations mixed = blend(running, batch, 0.3);
  EXPECT_TRUE(is_close(mixed.inv_y, 0.7 * running.inv_y + 0.3 * batch.inv_y, kFewUlp));
  EXPECT_TRUE(is_close(mixed.log_y.value(), 0.7 * running.log_y.value() + 0.3 * batch.log_y.value(), kFewUlp));
  EXPECT_TRUE(all_close(mixed.E_X(), 0.7 * running.E_X() + 0.3 * batch.E_X(), 5.0 * kFewUlp));
  EXPECT_TRUE(all_close(mixed.E_XXT_inv_Y(), 0.7 * running.E_XXT_inv_Y() + 0.3 * batch.E_XXT_inv_Y(), 50.0 * kFewUlp));
}

TEST(ExpectationsBlend, LogYIsAbsentWhereOneSideHasNone) {
  const Expectations running = some_eta(1, Vector::Zero(2));
  Expectations batch = some_eta(2, Vector::Zero(2));
  batch.log_y.reset();
  EXPECT_FALSE(blend(running, batch, 0.5).log_y.has_value());
}

TEST(AffineCombine, CombinesUncentredFieldsWhateverTheOriginsAndTheSumOfCoefficients) {
  const Expectations eta = some_eta(1, far_origin(3));
  const Expectations batch = some_eta(2, Vector::Zero(3));
  const Expectations constant = some_eta(3, -far_origin(3));
  const std::array<AffineTerm, 3> terms = {{{0.7, &eta}, {1.4, &batch}, {1.0, &constant}}};
  const Expectations sum = affine_combine(terms);
  constexpr double kRounding = 1e-13;
  EXPECT_EQ(sum.origin, eta.origin);
  EXPECT_TRUE(is_close(sum.E_inv_Y(), 0.7 * eta.inv_y + 1.4 * batch.inv_y + constant.inv_y, kRounding));
  EXPECT_TRUE(is_close(sum.E_Y(), 0.7 * eta.y + 1.4 * batch.y + constant.y, kRounding));
  EXPECT_NEAR(sum.E_log_Y().value(), 0.7 * *eta.log_y + 1.4 * *batch.log_y + *constant.log_y, kRounding);
  EXPECT_TRUE(all_close(sum.E_X(), 0.7 * eta.E_X() + 1.4 * batch.E_X() + constant.E_X(), kRounding));
  EXPECT_TRUE(
      all_close(sum.E_X_inv_Y(), 0.7 * eta.E_X_inv_Y() + 1.4 * batch.E_X_inv_Y() + constant.E_X_inv_Y(), kRounding));
  EXPECT_TRUE(all_close(sum.E_XXT_inv_Y(), 0.7 * eta.E_XXT_inv_Y() + 1.4 * batch.E_XXT_inv_Y() + constant.E_XXT_inv_Y(),
                        kRounding));
}

TEST(RescaleY, IsTheEtaOfSTimesY) {
  const Expectations eta = some_eta(1, far_origin(3));
  const double s = 7.5;
  const Expectations scaled = rescale_y(eta, s);
  EXPECT_TRUE(is_close(scaled.inv_y, eta.inv_y / s, kFewUlp));
  EXPECT_TRUE(is_close(scaled.y, s * eta.y, kFewUlp));
  EXPECT_NEAR(scaled.log_y.value(), eta.log_y.value() + std::log(s), kFewUlp * 4.0);
  EXPECT_EQ(scaled.x, eta.x);
  EXPECT_TRUE(all_close(scaled.E_X_inv_Y(), eta.E_X_inv_Y() / s, 5.0 * kFewUlp));
  EXPECT_TRUE(all_close(scaled.E_XXT_inv_Y(), eta.E_XXT_inv_Y() / s, 5.0 * kFewUlp));
  EXPECT_TRUE(same_eta(rescale_y(scaled, 1.0 / s), eta, 4.0 * kFewUlp));
  for (const double wrong : {0.0, -1.0, std::numeric_limits<double>::infinity()}) {
    EXPECT_THAT(error_of([&] { (void)rescale_y(eta, wrong); }), HasSubstr("s must be finite and > 0"));
  }
}

TEST(ExpectationsFinite, TheFirstStatisticThatIsNotFiniteIsNamed) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  Expectations eta = some_eta(1, Vector::Zero(2));
  EXPECT_TRUE(eta.is_finite());
  EXPECT_STREQ(eta.first_not_finite(), "");
  eta.xx_inv_y(1, 0) = kNan;
  EXPECT_STREQ(eta.first_not_finite(), "E[XX'/Y]");
  eta.x_inv_y(1) = std::numeric_limits<double>::infinity();
  EXPECT_STREQ(eta.first_not_finite(), "E[X/Y]");
  eta.x(0) = kNan;
  EXPECT_STREQ(eta.first_not_finite(), "E[X]");
  eta.log_y = kNan;
  EXPECT_STREQ(eta.first_not_finite(), "E[log Y]");
  eta.y = kNan;
  EXPECT_STREQ(eta.first_not_finite(), "E[Y]");
  eta.inv_y = kNan;
  EXPECT_STREQ(eta.first_not_finite(), "E[1/Y]");
  EXPECT_FALSE(eta.is_finite());
}

}  // namespace
}  // namespace varimix::tests
