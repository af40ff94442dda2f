#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/gaps.hpp"
#include "support/models.hpp"
#include "varimix/mixture/default_init.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

template <class S>
class DefaultInitMissing : public ::testing::Test {};
TYPED_TEST_SUITE(DefaultInitMissing, Families, FamilyNames);

TYPED_TEST(DefaultInitMissing, WithoutGapsItHasTheSameBits) {
  const RowMatrix x = some_model<TypeParam>(3, 4, 0.6).rvs(500, Seed{2});
  EXPECT_EQ(MeanVarianceMixture<TypeParam>::default_init(x, Missing::kExact),
            MeanVarianceMixture<TypeParam>::default_init(x));
}

TYPED_TEST(DefaultInitMissing, IsNearToThatOfTheRowsWithoutGaps) {
  const RowMatrix x = some_model<TypeParam>(3, 4, 0.3).rvs(20'000, Seed{2});
  Status status_of_complete;
  const auto complete = MeanVarianceMixture<TypeParam>::default_init(x, status_of_complete);
  Status status;
  const auto model = MeanVarianceMixture<TypeParam>::default_init(with_gaps(x, 0.2, 3), status, Missing::kExact);
  const Vector deviation = complete.cov().diagonal().cwiseSqrt();
  EXPECT_LT((model.mean() - complete.mean()).cwiseQuotient(deviation).cwiseAbs().maxCoeff(), 0.03);
  EXPECT_LT((model.cov() - complete.cov()).cwiseQuotient(deviation * deviation.transpose()).cwiseAbs().maxCoeff(), 0.1);
  EXPECT_NEAR(model.tail_weight(), complete.tail_weight(), 0.3 * complete.tail_weight());
  ASSERT_EQ(status.entries().size(), 1U) << status;
  EXPECT_EQ(status.entries().front().code, status_of_complete.entries().front().code);  // kSkewnessBound
}

// One row without values among many changes nothing: the formulas tend to those of complete rows.
TEST(DefaultInitMissingRows, TendsToThatOfCompleteRows) {
  const RowMatrix x = some_model(3, 4, 0.5).rvs(4000, Seed{2});
  RowMatrix gap(4001, 3);
  gap << x, RowMatrix::Constant(1, 3, kGap);
  const auto complete = NormalInverseGaussian::default_init(x);
  EXPECT_TRUE(NormalInverseGaussian::default_init(gap, Missing::kExact).same_law(complete, 1e-11));
}

TEST(DefaultInitMissingRows, AColumnThatNoRowShowsHasATypicalScaleAndAStatus) {
  RowMatrix x = some_model(4, 4, 0.5).rvs(500, Seed{2});
  x.col(1) *= 100.0;
  x.col(2).setConstant(kGap);
  Status status;
  const auto model = NormalInverseGaussian::default_init(x, status, Missing::kExact);
  EXPECT_EQ(status.sentence(), "columns that no row has shown yet: what the model says of them is assumed (column 2)");
  EXPECT_TRUE(is_sound(model));
  const Matrix cov = model.cov();
  EXPECT_EQ(model.mu()(2), 0.0);
  EXPECT_EQ(model.gamma()(2), 0.0);
  EXPECT_EQ(cov(2, 0), 0.0);
  EXPECT_TRUE(is_close(cov(2, 2), std::max(cov(0, 0), cov(3, 3)), 1e-9)) << "the median of three";
}

TEST(DefaultInitMissingRows, WhereNothingIsShownEveryColumnIsUnseen) {
  Status status;
  const auto model = VarianceGamma::default_init(RowMatrix(RowMatrix::Constant(6, 2, kGap)), status, Missing::kExact);
  EXPECT_TRUE(is_sound(model));
  EXPECT_TRUE(status.has(StatusCode::kUnseenColumn));
  EXPECT_THAT(status.sentence(), HasSubstr("columns 0, 1"));
  EXPECT_TRUE(all_close(model.cov(), Matrix::Identity(2, 2), 1e-12));
}

TEST(DefaultInitMissingRows, AColumnOfOneValueIsConstant) {
  RowMatrix x = some_model(2, 4, 0.5).rvs(100, Seed{2});
  x.col(0).setConstant(kGap);
  x(7, 0) = 3.0;
  Status status;
  const auto model = NormalInverseGaussian::default_init(x, status, Missing::kExact);
  EXPECT_TRUE(status.has(StatusCode::kConstantColumn));
  EXPECT_FALSE(status.has(StatusCode::kUnseenColumn));
  EXPECT_TRUE(is_sound(model));
  EXPECT_EQ(constant_columns(x), (std::vector<Index>{0}));
}

// Every two columns are shown together, but never all three: no matrix has the correlations 0.99, 0.99 and -0.99.
TEST(DefaultInitMissingRows, CorrelationsOfNoMatrixAreShortened) {
  const RowMatrix z = gaussian_rows(300, 2, 5);
  RowMatrix x = RowMatrix::Constant(300, 3, kGap);
  for (Index i = 0; i < 300; ++i) {
    const Index skipped = i % 3;
    const Index j = skipped == 0 ? 1 : 0;
    const Index k = skipped == 2 ? 1 : 2;
    x(i, j) = z(i, 0);
    x(i, k) = (skipped == 1 ? -0.99 : 0.99) * z(i, 0) + 0.14 * z(i, 1);
  }
  Status status;
  const auto model = NormalInverseGaussian::default_init(x, status, Missing::kExact);
  EXPECT_FALSE(status.has(StatusCode::kCollinearColumns)) << status;
  const Matrix cov = model.cov();
  const Vector unit = cov.diagonal().cwiseSqrt().cwiseInverse();
  const Matrix correlation = unit.asDiagonal() * cov * unit.asDiagonal();
  const double smallest = Eigen::SelfAdjointEigenSolver<Matrix>(correlation).eigenvalues()(0);
  EXPECT_NEAR(smallest, kSmallestPairwiseEigenvalue, 1e-9);
  EXPECT_GT(correlation(1, 0), 0.4);
  EXPECT_LT(correlation(2, 1) * correlation(2, 0) * correlation(1, 0), 0.0);
}

TEST(DefaultInitMissingRows, CollinearColumnsAreFound) {
  RowMatrix x = some_model(3, 4, 0.5).rvs(500, Seed{2});
  x.col(2) = 2.0 * x.col(0);
  Status status;
  const auto model = NormalInverseGaussian::default_init(with_gaps(x, 0.1, 1), status, Missing::kExact);
  EXPECT_TRUE(is_sound(model));
  EXPECT_GT(model.cov()(2, 0) / std::sqrt(model.cov()(0, 0) * model.cov()(2, 2)), 0.98);
}

TEST(DefaultInitMissingRows, HostileNumbersGiveASoundModel) {
  for (const double scale : {1e-200, 1e-150, 1e200, 1e307}) {
    for (const double centre : {0.0, 1e300}) {
      if (scale == 1e307 && centre > 0.0) continue;
      const RowMatrix x = with_gaps((scale * gaussian_rows(60, 2, 3)).array() + centre, 0.3, 1);
      Status status;
      EXPECT_TRUE(is_sound(GeneralizedHyperbolic::default_init(x, status, Missing::kExact))) << scale << " " << status;
    }
  }
  EXPECT_TRUE(is_sound(NormalInverseGamma::default_init(RowMatrix{{1.0, kGap}}, Missing::kExact)));
}

TEST(DefaultInitMissingRows, BadRowsAreNamed) {
  const RowMatrix gap{{1.0, kGap}};
  EXPECT_THAT(error_of([&] { (void)NormalInverseGaussian::default_init(gap); }), HasSubstr("missing=\"exact\""));
  const RowMatrix infinite{{1.0, std::numeric_limits<double>::infinity()}};
  EXPECT_THAT(error_of([&] { (void)NormalInverseGaussian::default_init(infinite, Missing::kExact); }),
              HasSubstr("X must be finite or NaN, got inf in row 0, column 1"));
  EXPECT_NE(error_of([&] { (void)NormalInverseGaussian::default_init(RowMatrix(0, 2), Missing::kExact); }), "");
}

}  // namespace
}  // namespace varimix::tests
