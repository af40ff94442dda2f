#include "varimix/stats/eta.hpp"

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
#include "varimix/stats/mixture_statistics.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

constexpr double kFewUlp = 1e-15;  // a few additions of numbers of size one

/// Returns the statistics of some fifty rows under some model, about this origin, with all fields present.
Eta some_eta(std::int64_t seed, const Vector& origin) {
  const NormalInverseGaussian model = some_model(origin.size(), 5, 0.8);
  return with_origin(model.e_step(model.rvs(50 + seed, Seed{seed})).eta, origin);
}

Vector far_origin(Index d) { return Vector::LinSpaced(d, -3.0, 5.0); }

TEST(EtaFromRaw, UncentredValuesComeBackAsTheyWere) {
  const Matrix xx{{2.0, 0.5}, {0.5, 3.0}};
  const Eta eta = Eta::from_raw(1.5, 0.9, -0.2, Vector{{1.0, 2.0}}, Vector{{3.0, 4.0}}, xx);
  EXPECT_EQ(eta.E_inv_Y(), 1.5);
  EXPECT_EQ(eta.E_Y(), 0.9);
  EXPECT_EQ(eta.E_log_Y(), -0.2);
  EXPECT_EQ(eta.E_X(), (Vector{{1.0, 2.0}}));
  EXPECT_EQ(eta.E_X_inv_Y(), (Vector{{3.0, 4.0}}));
  EXPECT_EQ(eta.E_XXT_inv_Y(), xx);
  EXPECT_EQ(eta.weight, 0.0);
}

TEST(EtaFromRaw, CentredStatisticsGiveTheirUncentredValues) {
  const Eta eta = some_eta(1, far_origin(3));
  const Eta raw = Eta::from_raw(eta.E_inv_Y(), eta.E_Y(), eta.E_log_Y(), eta.E_X(), eta.E_X_inv_Y(), eta.E_XXT_inv_Y());
  Eta back = with_origin(raw, eta.origin);
  back.weight = eta.weight;
  EXPECT_TRUE(same_eta(back, eta, 20.0 * kFewUlp));  // moments about 0 are ten times as large
}

TEST(EtaFromRaw, ShapesThatDisagreeAndAsymmetryAreRefused) {
  const Vector two{{1.0, 2.0}};
  const Matrix unit = Matrix::Identity(2, 2);
  EXPECT_THAT(error_of([&] { (void)Eta::from_raw(1, 1, 0, two, Vector{{1.0}}, unit); }),
              HasSubstr("E_X_inv_Y must be of dimension 2, got 1"));
  EXPECT_THAT(error_of([&] { (void)Eta::from_raw(1, 1, 0, two, two, Matrix::Identity(2, 3)); }),
              HasSubstr("E_XXT_inv_Y must be a d x d matrix with d = 2, got 2 x 3"));
  EXPECT_THAT(error_of([&] {
                (void)Eta::from_raw(1, 1, 0, two, two, Matrix{{1.0, 0.5}, {0.4, 1.0}});
              }),
              HasSubstr("E_XXT_inv_Y must be symmetric"));
  EXPECT_THAT(error_of([&] { (void)Eta::from_raw(1, 1, 0, Vector(), Vector(), Matrix()); }),
              HasSubstr("E_X must be of dimension 1 or more"));
}

TEST(Eta, OfGivenValuesNeedsAsManyAsItsLayoutHas) {
  const Eta eta = some_eta(1, far_origin(2));
  EXPECT_EQ(Eta(eta.layout, eta.origin, eta.values, eta.weight), eta);
  EXPECT_THAT(error_of([&] { (void)Eta(eta.layout, eta.origin, Vector::Zero(3), 1.0); }),
              HasSubstr("values must be of dimension 10, got 3"));
  EXPECT_THAT(error_of([&] { (void)Eta(eta.layout, Vector::Zero(3), eta.values, 1.0); }),
              HasSubstr("origin must be of dimension 2, got 3"));
}

TEST(MixtureStatistics, AViewHasThoseOfTheEta) {
  const Eta eta = some_eta(1, far_origin(3));
  const MixtureStatisticsView view(eta);
  const MixtureStatistics all = mixture_statistics(eta);
  EXPECT_EQ(view.inv_y(), all.inv_y);
  EXPECT_EQ(view.y(), all.y);
  EXPECT_EQ(view.log_y(), all.log_y);
  EXPECT_EQ(Vector(view.x()), all.x);
  EXPECT_EQ(Vector(view.x_inv_y()), all.x_inv_y);
  Matrix lower = Matrix::Zero(3, 3);
  view.copy_xx_inv_y(lower);
  EXPECT_EQ(lower, Matrix(all.xx_inv_y.triangularView<Eigen::Lower>()));
  EXPECT_EQ(to_eta(all, eta.origin, eta.weight), eta);
  const Eta other(EtaLayout(2, {{"a"}}), Vector::Zero(2));
  EXPECT_THAT(error_of([&] { (void)MixtureStatisticsView(other); }),
              HasSubstr("statistics of a mean-variance mixture"));
}

TEST(EtaOrigin, AChangeIsExactAlgebra) {
  const Eta eta = some_eta(2, Vector::Zero(3));
  const Vector origin = far_origin(3);
  const Eta moved = with_origin(eta, origin);
  EXPECT_EQ(moved.origin, origin);
  EXPECT_TRUE(all_close(moved.E_X(), eta.E_X(), kFewUlp));
  EXPECT_TRUE(all_close(moved.E_X_inv_Y(), eta.E_X_inv_Y(), 10.0 * kFewUlp));
  EXPECT_TRUE(all_close(moved.E_XXT_inv_Y(), eta.E_XXT_inv_Y(), 30.0 * kFewUlp));
  EXPECT_EQ(moved.E_inv_Y(), eta.E_inv_Y());
  EXPECT_EQ(moved.weight, eta.weight);
}

TEST(EtaOrigin, AChangeBackUndoesIt) {
  const Eta eta = some_eta(3, Vector::Zero(3));
  EXPECT_TRUE(same_eta(with_origin(with_origin(eta, far_origin(3)), eta.origin), eta, 50.0 * kFewUlp));
  EXPECT_EQ(with_origin(eta, eta.origin), eta);
}

TEST(EtaOrigin, AnOriginOfAnotherDimensionIsRefused) {
  EXPECT_EQ(error_of([] { (void)with_origin(some_eta(1, Vector::Zero(3)), Vector::Zero(2)); }),
            "origin must be of dimension 3, got 2");
}

TEST(EtaMerge, TwoHalvesAreTheWhole) {
  const NormalInverseGaussian model = some_model(2, 9, 1.2);
  const RowMatrix x = model.rvs(1000, Seed{4});
  const Eta whole = model.e_step(x).eta;
  for (const Index cut : {1, 137, 512, 999}) {
    const Eta left = model.e_step(RowView(x).slice(0, cut)).eta;
    const Eta right = model.e_step(RowView(x).slice(cut, 1000 - cut)).eta;
    EXPECT_TRUE(same_eta(merge(left, right), whole, 1e-13)) << cut;
  }
}

TEST(EtaMerge, IsCommutativeAndAssociativeAcrossOrigins) {
  const Eta a = some_eta(1, Vector::Zero(3));
  const Eta b = some_eta(2, far_origin(3));
  const Eta c = some_eta(3, -far_origin(3));
  constexpr double kRounding = 1e-13;
  EXPECT_TRUE(same_eta(with_origin(merge(b, a), a.origin), merge(a, b), kRounding));
  EXPECT_TRUE(same_eta(merge(merge(a, b), c), merge(a, merge(b, c)), kRounding));
  EXPECT_EQ(merge(a, b).weight, a.weight + b.weight);
  EXPECT_EQ(merge(a, b).origin, a.origin);
}

TEST(EtaMerge, ZeroWeightAndOtherDimensionsAreRefused) {
  const Eta a = some_eta(1, Vector::Zero(3));
  Eta weightless = a;
  weightless.weight = 0.0;
  EXPECT_NE(error_of([&] { (void)merge(weightless, weightless); }), "");
  EXPECT_NE(error_of([&] { (void)merge(a, weightless); }), "") << "the header: throws if a weight is 0";
  EXPECT_NE(error_of([&] { (void)merge(weightless, a); }), "") << "the header: throws if a weight is 0";
  EXPECT_EQ(error_of([&] { (void)merge(a, some_eta(1, Vector::Zero(2))); }), "eta must be of dimension 3, got 2");
}

TEST(EtaBlend, ItsEndsAreExact) {
  const Eta running = some_eta(1, Vector::Zero(3));
  const Eta batch = some_eta(2, Vector::Zero(3));
  EXPECT_EQ(blend(running, batch, 0.0), running);
  EXPECT_EQ(blend(running, batch, 1.0), batch);
}

TEST(EtaBlend, IsTheWeightedMeanOfTheUncentredFields) {
  const Eta running = some_eta(1, far_origin(3));
  const Eta batch = some_eta(2, Vector::Zero(3));
  const Eta mixed = blend(running, batch, 0.3);
  EXPECT_TRUE(is_close(mixed.E_inv_Y(), 0.7 * running.E_inv_Y() + 0.3 * batch.E_inv_Y(), kFewUlp));
  EXPECT_TRUE(
      is_close(mixed.E_log_Y().value(), 0.7 * running.E_log_Y().value() + 0.3 * batch.E_log_Y().value(), kFewUlp));
  EXPECT_TRUE(all_close(mixed.E_X(), 0.7 * running.E_X() + 0.3 * batch.E_X(), 5.0 * kFewUlp));
  EXPECT_TRUE(all_close(mixed.E_XXT_inv_Y(), 0.7 * running.E_XXT_inv_Y() + 0.3 * batch.E_XXT_inv_Y(), 50.0 * kFewUlp));
}

TEST(EtaBlend, LogYIsAbsentWhereOneSideHasNone) {
  const Eta running = some_eta(1, Vector::Zero(2));
  const Eta batch = without_log_y(some_eta(2, Vector::Zero(2)));
  EXPECT_FALSE(blend(running, batch, 0.5).E_log_Y().has_value());
  EXPECT_FALSE(blend(batch, running, 0.5).E_log_Y().has_value());
}

TEST(AffineCombine, CombinesUncentredFieldsWhateverTheOriginsAndTheSumOfCoefficients) {
  const Eta eta = some_eta(1, far_origin(3));
  const Eta batch = some_eta(2, Vector::Zero(3));
  const Eta constant = some_eta(3, -far_origin(3));
  const std::array<AffineTerm, 3> terms = {{{0.7, &eta}, {1.4, &batch}, {1.0, &constant}}};
  const Eta sum = affine_combine(terms);
  constexpr double kRounding = 1e-13;
  EXPECT_EQ(sum.origin, eta.origin);
  EXPECT_TRUE(is_close(sum.E_inv_Y(), 0.7 * eta.E_inv_Y() + 1.4 * batch.E_inv_Y() + constant.E_inv_Y(), kRounding));
  EXPECT_TRUE(is_close(sum.E_Y(), 0.7 * eta.E_Y() + 1.4 * batch.E_Y() + constant.E_Y(), kRounding));
  EXPECT_NEAR(sum.E_log_Y().value(), 0.7 * *eta.E_log_Y() + 1.4 * *batch.E_log_Y() + *constant.E_log_Y(), kRounding);
  EXPECT_TRUE(all_close(sum.E_X(), 0.7 * eta.E_X() + 1.4 * batch.E_X() + constant.E_X(), kRounding));
  EXPECT_TRUE(
      all_close(sum.E_X_inv_Y(), 0.7 * eta.E_X_inv_Y() + 1.4 * batch.E_X_inv_Y() + constant.E_X_inv_Y(), kRounding));
  EXPECT_TRUE(all_close(sum.E_XXT_inv_Y(), 0.7 * eta.E_XXT_inv_Y() + 1.4 * batch.E_XXT_inv_Y() + constant.E_XXT_inv_Y(),
                        kRounding));
}

TEST(RescaleY, IsTheEtaOfSTimesY) {
  const Eta eta = some_eta(1, far_origin(3));
  const double s = 7.5;
  const Eta scaled = rescale_y(eta, s);
  EXPECT_TRUE(is_close(scaled.E_inv_Y(), eta.E_inv_Y() / s, kFewUlp));
  EXPECT_TRUE(is_close(scaled.E_Y(), s * eta.E_Y(), kFewUlp));
  EXPECT_NEAR(scaled.E_log_Y().value(), eta.E_log_Y().value() + std::log(s), kFewUlp * 4.0);
  EXPECT_EQ(scaled.E_X(), eta.E_X());
  EXPECT_TRUE(all_close(scaled.E_X_inv_Y(), eta.E_X_inv_Y() / s, 5.0 * kFewUlp));
  EXPECT_TRUE(all_close(scaled.E_XXT_inv_Y(), eta.E_XXT_inv_Y() / s, 5.0 * kFewUlp));
  EXPECT_TRUE(same_eta(rescale_y(scaled, 1.0 / s), eta, 4.0 * kFewUlp));
  for (const double wrong : {0.0, -1.0, std::numeric_limits<double>::infinity()}) {
    EXPECT_THAT(error_of([&] { (void)rescale_y(eta, wrong); }), HasSubstr("s must be finite and > 0"));
  }
}

TEST(RescaleY, CanBeDoneWhereItsResultIsFinite) {
  const Eta eta = some_eta(1, far_origin(3));
  for (const double s : {1e-308, 1e-300, 1e-3, 1.0, 1e3, 1e300, 1e308}) {
    EXPECT_EQ(can_be_rescaled(eta, s), rescale_y(eta, s).is_finite()) << s;
  }
  Eta large = eta;
  large.values(1) = 1e300;  // E[Y]
  EXPECT_TRUE(can_be_rescaled(large, 1e8));
  EXPECT_FALSE(can_be_rescaled(large, 1e9));
  large.values(1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(can_be_rescaled(large, 1.0));
}

TEST(EtaFinite, TheFirstStatisticThatIsNotFiniteIsNamed) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const Eta good = some_eta(1, Vector::Zero(2));
  EXPECT_TRUE(good.is_finite());
  EXPECT_EQ(good.first_not_finite(), "");
  const EtaLayout& layout = good.layout;
  Eta eta = good;
  for (auto k = static_cast<Index>(layout.fields().size()) - 1; k >= 0; --k) {
    eta.values(layout.end(k) - 1) = k % 2 == 0 ? kNan : std::numeric_limits<double>::infinity();
    EXPECT_EQ(eta.first_not_finite(), layout.fields()[static_cast<std::size_t>(k)].name);
  }
  EXPECT_FALSE(eta.is_finite());
}

}  // namespace
}  // namespace varimix::tests
