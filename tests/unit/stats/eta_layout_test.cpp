#include "varimix/stats/eta_layout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/close.hpp"
#include "varimix/stats/eta.hpp"
#include "varimix/stats/gauge.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

/// Returns a layout like that of a mixture of laws: the number P[1], means over law 1, and a mean E[X] over all.
EtaLayout two_laws(Index d) {
  return {d,
          {{"P[1]", Statistic::kNumber, 0.0},
           {"E[X; 1]", Statistic::kVector, 0.0, 0},
           {"E[XX'; 1]", Statistic::kSymmetric, 0.0, 1},
           {"E[Y; 1]", Statistic::kNumber, 1.0},
           {"E[log Y; 1]", Statistic::kLogarithm, 0.0, 0},
           {"E[X]", Statistic::kVector, 0.0}}};
}

TEST(EtaLayout, SaysWhereEachFieldLies) {
  const EtaLayout layout = mean_variance_layout(3, LogY::kCompute);
  EXPECT_EQ(layout.size(), 1 + 1 + 3 + 3 + 6 + 1);
  EXPECT_EQ(layout.begin(4), 8);
  EXPECT_EQ(layout.end(4), 14);
  EXPECT_TRUE(mean_variance_layout(3, LogY::kLeaveOut).begins(layout));
  EXPECT_FALSE(layout.begins(mean_variance_layout(3, LogY::kLeaveOut)));
  EXPECT_FALSE(mean_variance_layout(2, LogY::kLeaveOut).begins(layout));
  EXPECT_TRUE(is_mean_variance(layout));
  EXPECT_FALSE(is_mean_variance(two_laws(3)));
}

TEST(EtaLayout, FieldsThatCannotBeMovedAreRefused) {
  const auto error = [](std::vector<EtaField> fields) { return error_of([&] { (void)EtaLayout(2, fields); }); };
  EXPECT_THAT(error({}), HasSubstr("fields must be one or more"));
  EXPECT_THAT(error({{"a", Statistic::kVector, 0.0, 0}}), HasSubstr("parent must be an earlier field"));
  EXPECT_THAT(error({{"a", Statistic::kNumber, 0.0, -1}}), HasSubstr("parent must be an earlier field"));
  EXPECT_THAT(error({{"a", Statistic::kSymmetric}}),
              HasSubstr("the parent of 'a' must be the field with one factor X"));
  EXPECT_THAT(error({{"w", Statistic::kNumber}, {"a", Statistic::kSymmetric, 0.0, 0}}), HasSubstr("one factor X less"));
  EXPECT_THAT(error({{"w", Statistic::kNumber}, {"v", Statistic::kNumber, 0.0, 0}}), HasSubstr("one factor X less"));
  EXPECT_THAT(error_of([] { (void)EtaLayout(0, {{"a"}}); }), HasSubstr("d must be >= 1"));
}

TEST(EtaOfAnyLayout, MovesItsOriginAndItsGaugeByWhatItsFieldsAre) {
  Eta eta(two_laws(2), Vector{{1.0, -2.0}});
  eta.values << 0.4, /*wX*/ 0.3, 0.1, /*wXX*/ 2.0, 0.5, 3.0, /*Y*/ 0.7, /*log*/ -0.2, /*X*/ 0.9, 0.6;
  const Eta at_zero = with_origin(eta, Vector::Zero(2));
  const Vector o = eta.origin;
  EXPECT_TRUE(all_close(Vector(at_zero.vector(1)), Vector{{0.3 + 0.4 * o(0), 0.1 + 0.4 * o(1)}}, 1e-15));
  EXPECT_TRUE(all_close(Vector(at_zero.vector(5)), Vector{{0.9 + o(0), 0.6 + o(1)}}, 1e-15));
  const Vector wx{{0.3, 0.1}};
  const Matrix xx = Matrix{{2.0, 0.5}, {0.5, 3.0}} + wx * o.transpose() + o * wx.transpose() + 0.4 * o * o.transpose();
  EXPECT_TRUE(all_close(at_zero.symmetric(2), xx, 1e-15));
  EXPECT_EQ(at_zero.number(0), 0.4);

  const Eta scaled = rescale_y(eta, 4.0);
  EXPECT_EQ(scaled.number(3), 2.8);
  EXPECT_DOUBLE_EQ(scaled.number(4), -0.2 + 0.4 * std::log(4.0)) << "of the share of rows behind it";
  EXPECT_EQ(scaled.symmetric(2), eta.symmetric(2));
  EXPECT_TRUE(is_near(rescale_y(scaled, 0.25), eta));
}

TEST(EtaOfAnyLayout, IsNotCombinedWithAnother) {
  const Eta one(two_laws(2), Vector::Zero(2));
  const Eta other(mean_variance_layout(2, LogY::kLeaveOut), Vector::Zero(2));
  EXPECT_THAT(error_of([&] { (void)blend(one, other, 0.5); }), HasSubstr("eta must be of the same statistics"));
  EXPECT_THAT(error_of([&] { (void)blend_by_field(one, other, one); }), HasSubstr("of the same statistics"));
  EXPECT_THAT(error_of([&] { (void)one.E_Y(); }), HasSubstr("the statistics of a mean-variance mixture"));
  EXPECT_FALSE(is_near(one, other));
}

}  // namespace
}  // namespace varimix::tests
