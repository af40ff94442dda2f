#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <sstream>
#include <string>
#include <utility>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/em/incremental_em_fitter.hpp"
#include "varimix/mixture/column_moments.hpp"
#include "varimix/mixture/mixture_fit.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

const ColumnNames kNames({"AAPL", "MSFT"});

template <class S>
class ModelColumns : public ::testing::Test {
 public:
  RowMatrix x = some_model(2, 17, 0.8).rvs(300, Seed{9});
  MeanVarianceMixture<S> plain = MeanVarianceMixture<S>::default_init(x);
  MeanVarianceMixture<S> named = plain.with_columns(kNames);
};
TYPED_TEST_SUITE(ModelColumns, Families, FamilyNames);

TYPED_TEST(ModelColumns, AreAValueOfTheModelThatEqualityLeavesOut) {
  EXPECT_TRUE(this->plain.columns().empty());
  EXPECT_EQ(this->named.columns(), kNames);
  EXPECT_EQ(this->named, this->plain);
  EXPECT_TRUE(this->named.with_columns({}).columns().empty());
  const auto copy = this->named;
  EXPECT_EQ(copy.columns().names().data(), kNames.names().data()) << "a copy shares the names";
}

TYPED_TEST(ModelColumns, MustBeOneForEachColumn) {
  EXPECT_EQ(error_of([&] {
              (void)this->plain.with_columns(ColumnNames({"a", "b", "c"}));
            }),
            "columns must be 2 names, got ['a', 'b', 'c']");
}

TYPED_TEST(ModelColumns, StayWithTheSameColumnsAndGoWithAProjection) {
  EXPECT_EQ(this->named.replace({.mu = Vector{{1.0, 2.0}}}).columns(), kNames);
  EXPECT_EQ(this->named.rescale_y(2.0).columns(), kNames);
  EXPECT_EQ(this->named.m_step(this->named.e_step(this->x).eta).columns(), kNames);
  EXPECT_TRUE(this->named.project(Vector{{1.0, 2.0}}).columns().empty());
}

TYPED_TEST(ModelColumns, StandInEveryModelOfAFit) {
  const MixtureFit<TypeParam> fit(this->named, {});
  const auto expected = fit.e_step(this->plain, this->x, {});
  const auto m_step = fit.m_step(expected.eta, BelowFloor::kRaise);
  ASSERT_TRUE(m_step.model.has_value());
  EXPECT_EQ(m_step.model->columns(), kNames);
  EXPECT_EQ(fit.within_constraints(this->plain).columns(), kNames);
  Status status;
  EXPECT_EQ(fit.shown(this->plain, 1.0, status).columns(), kNames);
  const std::array<WeightedModel<TypeParam>, 2> both = {{{&this->plain, 1.0}, {&this->plain, 2.0}}};
  const auto mean = fit.mean_of(both);
  ASSERT_TRUE(mean.has_value());
  EXPECT_EQ(mean->columns(), kNames);
}

TYPED_TEST(ModelColumns, AreThoseOfTheInitialModelInWhatIsFitted) {
  EXPECT_EQ(BatchEMFitter({.max_iter = 3}).fit(this->named, this->x).model.columns(), kNames);
  EXPECT_EQ(BatchEMFitter({.max_iter = 0}).fit(this->named, this->x).model.columns(), kNames);
  const IncrementalEMFitter fitter({.batch_size = 50, .max_steps = 3});
  EXPECT_EQ(fitter.fit(this->named, this->x, Key{0}).model.columns(), kNames);
  EXPECT_TRUE(fitter.fit(this->plain, this->x, Key{0}).model.columns().empty());
}

TYPED_TEST(ModelColumns, StandAtTheEndOfItsText) {
  std::ostringstream out;
  out << this->named;
  EXPECT_THAT(out.str(), HasSubstr(", columns=['AAPL', 'MSFT'])"));
  std::ostringstream of_plain;
  of_plain << this->plain;
  EXPECT_EQ(of_plain.str().find("columns"), std::string::npos);
}

TYPED_TEST(ModelColumns, HaveTheDeviationsAndCorrelationsOfTheCovariance) {
  const Matrix covariance = this->plain.cov();
  const Vector deviations = column_std(this->plain);
  const Matrix correlations = correlation(this->plain);
  for (Index j = 0; j < 2; ++j) {
    EXPECT_TRUE(is_close(deviations(j), std::sqrt(covariance(j, j)), 1e-13));
    EXPECT_EQ(correlations(j, j), 1.0);
  }
  const double expected = covariance(1, 0) / std::sqrt(covariance(0, 0) * covariance(1, 1));
  EXPECT_TRUE(is_close(correlations(1, 0), expected, 1e-13));
  EXPECT_EQ(correlations(0, 1), correlations(1, 0));
}

TEST(ColumnMoments, HoldWhereSquaresLeaveTheDoubles) {
  const NormalInverseGaussian large(Vector::Zero(2), Vector::Zero(2), Matrix{{1e200, 0.0}, {3e-200, 4e-200}},
                                    InverseGaussian(1.0, 1.0));
  EXPECT_TRUE(is_close(column_std(large)(0), 1e200, 1e-14));
  EXPECT_TRUE(is_close(column_std(large)(1), 5e-200, 1e-14));
  EXPECT_TRUE(is_close(correlation(large)(1, 0), 0.6, 1e-14));
}

TEST(ColumnMoments, AreNoNumbersWhereAVarianceIsInfinite) {
  const NormalInverseGamma heavy(Vector::Zero(2), Vector{{1.0, 0.0}}, Matrix::Identity(2, 2), InverseGamma(1.5, 1.0));
  EXPECT_EQ(column_std(heavy)(0), HUGE_VAL);
  EXPECT_TRUE(std::isfinite(column_std(heavy)(1)));
  EXPECT_TRUE(std::isnan(correlation(heavy)(0, 0)));
  EXPECT_TRUE(std::isnan(correlation(heavy)(1, 0)));
  EXPECT_EQ(correlation(heavy)(1, 1), 1.0);
}

}  // namespace
}  // namespace varimix::tests
