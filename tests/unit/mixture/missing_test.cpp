#include "varimix/mixture/missing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <vector>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/gaps.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class S>
class MissingValues : public ::testing::Test {};
TYPED_TEST_SUITE(MissingValues, Families, FamilyNames);

TYPED_TEST(MissingValues, AreImputedByTheirConditionalMean) {
  const auto model = some_model<TypeParam>(4, 3, 0.4);
  const RowMatrix x = with_gaps(model.rvs(700, Seed{1}), 0.4, 2);
  const RowMatrix imputed = impute(model, x);
  for (Index i = 0; i < x.rows(); ++i) {
    const Vector row = x.row(i).transpose();
    const auto [o, m] = split(row);
    const Vector mean = o.empty() ? model.mean() : statistics_of_row(model, row).eta.E_X();
    for (const Index j : o) EXPECT_EQ(imputed(i, j), x(i, j));
    for (const Index j : m) EXPECT_NEAR(imputed(i, j), mean(j), 1e-12 * std::max(1.0, std::abs(mean(j))));
  }
}

TYPED_TEST(MissingValues, HaveTheCovarianceOfTheirConditionalLaw) {
  const auto model = some_model<TypeParam>(3, 3, 0.4);
  const RowMatrix x{{0.3, kGap, kGap}, {kGap, -1.0, 2.0}, {0.1, 0.2, 0.3}, {kGap, kGap, kGap}};
  const Conditional actual = conditional(model, x);
  EXPECT_EQ(actual.mean, impute(model, x));
  ASSERT_EQ(actual.covariance.size(), 4U);
  EXPECT_EQ(actual.covariance[2], Matrix(Matrix::Zero(3, 3)));
  EXPECT_TRUE(all_close(actual.covariance[3], model.cov(), 1e-12));
  const Matrix sigma = model.sigma();
  for (const Index i : {0, 1}) {
    const auto [o, m] = split(Vector(x.row(i).transpose()));
    const auto part = law_of_columns(model, o);
    const Matrix B = sigma(m, o) * Matrix(sigma(o, o)).inverse();
    const Vector r = Vector(x.row(i).transpose())(o) - part.mu();
    const Matrix precision = Matrix(sigma(o, o)).inverse();
    const GigParameters prior = model.subordinator().gig();
    const GeneralizedInverseGaussian y(prior.p - 0.5 * static_cast<double>(o.size()),
                                       prior.a + part.gamma().dot(precision * part.gamma()),
                                       prior.b + r.dot(precision * r));
    const Vector g = model.gamma()(m) - B * part.gamma();
    Matrix expected = Matrix::Zero(3, 3);
    expected(m, m) = y.E_Y() * (sigma(m, m) - B * sigma(o, m)) + y.cumulants().second * g * g.transpose();
    EXPECT_TRUE(all_close(actual.covariance[static_cast<std::size_t>(i)], expected, 1e-11)) << i;
  }
}

// Over many rows with a hidden column, the conditional means and covariances average to the moments of that column.
TEST(MissingValuesOfManyRows, AverageToMomentsOfTheModel) {
  const NormalInverseGaussian model = some_model(2, 6, 0.4);
  RowMatrix x = model.rvs(200'000, Seed{9});
  x.col(1).setConstant(kGap);
  const Conditional given = conditional(model, x);
  double within = 0.0;
  for (const Matrix& covariance : given.covariance) within += covariance(1, 1);
  const double mean = given.mean.col(1).mean();
  const double between = (given.mean.col(1).array() - mean).square().mean();
  const double variance = model.cov()(1, 1);
  EXPECT_NEAR(mean, model.mean()(1), 0.01 * std::sqrt(variance));
  EXPECT_NEAR(within / 200'000.0 + between, variance, 0.03 * variance);
}

TEST(MissingValuesWithoutMoments, AreInfiniteNeverNaN) {
  const Matrix L = some_factor(2, 5);
  const NormalInverseGamma heavy(Vector::Zero(2), Vector{{0.0, 0.5}}, L, InverseGamma(0.4, 1.0));
  const RowMatrix x{{1.0, kGap}, {kGap, kGap}};
  const Conditional given = conditional(heavy, x);  // alpha + 1/2 < 1, gamma_o = 0: E[Y | x_o] is infinite
  EXPECT_EQ(given.mean(0, 1), kInfinity);
  EXPECT_EQ(given.mean(1, 0), 0.0);
  EXPECT_EQ(given.mean(1, 1), kInfinity);
  for (const Matrix& covariance : given.covariance) EXPECT_FALSE(covariance.hasNaN());
  EXPECT_EQ(given.covariance[0](1, 1), kInfinity);
  EXPECT_EQ(given.covariance[0](0, 0), 0.0);
  const NormalInverseGamma symmetric = heavy.replace({.gamma = Vector(Vector::Zero(2))});
  const RowMatrix imputed = impute(symmetric, x);
  EXPECT_TRUE(is_close(imputed(0, 1), L(1, 0) / L(0, 0), 1e-15));
  EXPECT_EQ(imputed(1, 1), 0.0);
}

TEST(MissingValuesAtTheMode, HaveNoSpreadWhereTheDensityIsUnbounded) {
  const VarianceGamma spiked(Vector::Zero(2), Vector{{0.1, 0.5}}, Matrix::Identity(2, 2), Gamma(0.3, 0.3));
  const Conditional given = conditional(spiked, RowMatrix{{0.0, kGap}});
  EXPECT_EQ(given.mean(0, 1), 0.0);
  EXPECT_EQ(given.covariance.front(), Matrix(Matrix::Zero(2, 2)));
}

TEST(MissingValuesOfAnyRows, AreTheSameForAnyNumberOfThreads) {
  const NormalInverseGaussian model = some_model(3, 6, 0.4);
  const RowMatrix x = with_gaps(model.rvs(70'000, Seed{9}), 0.3, 1);
  const RowMatrix expected = impute(model, x);
  for (const int count : {1, 3}) {
    const ThreadLimit limit(count);
    EXPECT_EQ(impute(model, x), expected);
  }
}

TEST(MissingValuesOfAnyRows, BadRowsAreNamed) {
  const NormalInverseGaussian model = tutorial_model();
  EXPECT_THAT(error_of([&] { (void)impute(model, RowMatrix(0, 2)); }), HasSubstr("X must be an array of at least"));
  EXPECT_THAT(error_of([&] { (void)conditional(model, RowMatrix(RowMatrix::Zero(2, 3))); }), HasSubstr("2 columns"));
  const RowMatrix infinite{{0.0, kGap}, {-kInfinity, 1.0}};
  EXPECT_THAT(error_of([&] { (void)impute(model, infinite); }),
              HasSubstr("finite or NaN, got -inf in row 1, column 0"));
  EXPECT_THAT(error_of([&] { (void)conditional(model, infinite); }), HasSubstr("-inf in row 1, column 0"));
}

}  // namespace
}  // namespace varimix::tests
