#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/close.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

TEST(DisplayGauge, ThatAFamilyNeverHasIsRefused) {
  const VarianceGamma model(Vector{{0.0}}, Vector{{0.1}}, Matrix{{1.0}}, Gamma(1.0, 1.0));
  EXPECT_THAT(error_of([&] {
                OnlineEM<VarianceGamma>(model, IdentityUpdate{}, Key{0}, {.regularization = Regularization::kAEqB});
              }),
              HasSubstr("regularization must be another than 'a_eq_b' for VarianceGamma"));
}

TEST(DisplayGauge, ThatAModelDoesNotHaveLeavesTheWorkingOneAndSaysSo) {
  // The tail is so heavy that E[Y] of the model is infinite, while that of the data is not.
  const NormalInverseGamma heavy(Vector{{0.0}}, Vector{{0.0}}, Matrix{{1.0}}, InverseGamma(0.7, 0.7));
  const RowMatrix x = heavy.rvs(4000, Seed{1});
  OnlineEM<NormalInverseGamma> shown(heavy, IdentityUpdate{}, Key{0}, {.regularization = Regularization::kMeanYOne});
  OnlineEM<NormalInverseGamma> plain(heavy, IdentityUpdate{});
  shown.update(x);
  plain.update(x);
  EXPECT_TRUE(std::isinf(plain.model().subordinator().E_Y()));
  EXPECT_EQ(shown.model(), plain.model());
  EXPECT_TRUE(shown.status().has(StatusCode::kGaugeNotDefined));
  EXPECT_FALSE(plain.status().has(StatusCode::kGaugeNotDefined));
}

}  // namespace
}  // namespace varimix::tests
