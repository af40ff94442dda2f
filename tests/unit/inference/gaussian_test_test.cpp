#include "varimix/inference/gaussian_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "inference/chi_square.hpp"
#include "support/close.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"

namespace varimix::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// The formulas as they stand, in quadruple precision.
GaussianTest by_the_formulas(const RowMatrix& rows) {
  using Real = long double;
  using Reals = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
  const auto n = static_cast<Real>(rows.rows());
  const auto d = static_cast<Real>(rows.cols());
  Reals x = rows.cast<Real>();
  x.rowwise() -= x.colwise().mean().eval();
  const Reals covariance = x.transpose() * x / n;
  const Reals z = covariance.llt().matrixL().solve(x.transpose());
  const Eigen::Array<Real, 1, Eigen::Dynamic> q = z.colwise().squaredNorm();
  GaussianTest test{.status = GaussianTestStatus::kTested, .n = rows.rows(), .d = rows.cols()};
  const Real kurtosis = (q * q - 2.0L * (d + 2.0L) * q + d * (d + 2.0L)).sum() / std::sqrt(8.0L * d * (d + 2.0L) * n);
  const Real skewness = (z * (q - d - 2.0L).matrix().transpose()).squaredNorm() / (2.0L * (d + 2.0L) * n);
  test.kurtosis_z = static_cast<double>(kurtosis);
  test.skewness_chi2 = static_cast<double>(skewness);
  test.statistic = std::pow(std::max(0.0, test.kurtosis_z), 2) + test.skewness_chi2;
  const auto degrees = static_cast<double>(rows.cols());
  test.p_value = 0.5 * (chi_square_sf(test.statistic, degrees) + chi_square_sf(test.statistic, degrees + 1.0));
  return test;
}

void expect_close(const GaussianTest& actual, const GaussianTest& expected, double tolerance) {
  ASSERT_EQ(actual.status, expected.status);
  EXPECT_EQ(actual.n, expected.n);
  EXPECT_EQ(actual.d, expected.d);
  EXPECT_NEAR(actual.kurtosis_z, expected.kurtosis_z, tolerance * std::max(1.0, std::abs(expected.kurtosis_z)));
  EXPECT_NEAR(actual.skewness_chi2, expected.skewness_chi2, tolerance * std::max(1.0, expected.skewness_chi2));
  EXPECT_NEAR(actual.p_value.value(), expected.p_value.value(), tolerance * std::max(1.0, expected.statistic));
}

TEST(GaussianTestOfRows, IsWhatItsFormulasSay) {
  for (const Index d : {1, 2, 5, 30}) {
    for (const RowMatrix& x : {gaussian_rows(700, d, 3), RowMatrix(some_model(d, 4, 0.3).rvs(700, Seed{5}))}) {
      expect_close(gaussian_test(x), by_the_formulas(x), 1e-10);
    }
  }
}

TEST(GaussianTestOfRows, LightTailsAreNoEvidence) {
  RowMatrix x(400, 1);  // two values: the least kurtosis there is, and no skewness
  for (Index i = 0; i < x.rows(); ++i) x(i, 0) = i % 2 == 0 ? 1.0 : -1.0;
  const GaussianTest test = gaussian_test(x);
  EXPECT_NEAR(test.kurtosis_z, -2.0 * std::sqrt(400.0 / 24.0), 1e-10);
  EXPECT_NEAR(test.statistic, 0.0, 1e-20);
  EXPECT_NEAR(test.p_value.value(), 1.0, 1e-9);
}

TEST(GaussianTestOfRows, TheLogarithmSaysWhatTheProbabilityCannot) {
  const GaussianTest test = gaussian_test(some_model(2, 4, 2.0).rvs(4000, Seed{5}));
  EXPECT_EQ(test.p_value, 0.0);
  EXPECT_LT(test.log_p_value.value(), -745.0);
  EXPECT_GT(test.log_p_value.value(), -0.5 * test.statistic);
}

TEST(GaussianTestOfRows, IsTheSameForEveryLayoutAndNumberOfThreads) {
  const RowMatrix x = some_model(3, 9, 0.1).rvs(9000, Seed{4}).cast<float>().cast<double>();
  const GaussianTest expected = gaussian_test(x);
  const Matrix by_column = x;
  const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic> of_floats = x.cast<float>();
  EXPECT_EQ(gaussian_test(by_column), expected);
  EXPECT_EQ(gaussian_test(of_floats), expected);
  const std::array<const double*, 3> columns = {by_column.data(), by_column.data() + 9000, by_column.data() + 18000};
  EXPECT_EQ(gaussian_test(RowView::from_columns<double>(columns, 9000)), expected);
  for (const int count : {1, 2, 7}) {
    const ThreadLimit limit(count);
    EXPECT_EQ(gaussian_test(x), expected) << count;
  }
}

// Rows whose offset or scale a double holds exactly have the same test.
TEST(GaussianTestOfRows, FarOffsetsAndUnevenScalesCostNoDigits) {
  const double grid = std::exp2(-20);
  const RowMatrix x = (some_model(3, 9, 0.05).rvs(2000, Seed{4}) / grid).array().round() * grid;
  const GaussianTest expected = gaussian_test(x);
  RowMatrix moved = x;
  moved.array() += std::exp2(30);  // a grid of 2^-20 is exact there
  expect_close(gaussian_test(moved), expected, 1e-9);
  RowMatrix scaled = x;
  scaled.col(0) *= std::exp2(480);
  scaled.col(1) *= std::exp2(-480);
  expect_close(gaussian_test(scaled), expected, 1e-12);
}

TEST(GaussianTestOfRows, WhatCannotBeTestedHasAStatusAndNoPValue) {
  RowMatrix x = gaussian_rows(50, 3, 1);
  const auto expect_status = [](const GaussianTest& test, GaussianTestStatus status,
                                const std::vector<Index>& columns) {
    EXPECT_EQ(test, (GaussianTest{.status = status, .d = 3, .columns = columns}));
  };
  expect_status(gaussian_test(RowView(x).slice(0, 3)), GaussianTestStatus::kTooFewRows, {});
  EXPECT_EQ(gaussian_test(RowView(x).slice(0, 4)).status, GaussianTestStatus::kTested);
  RowMatrix spoiled = x;
  spoiled.col(1).setConstant(1e8);
  expect_status(gaussian_test(spoiled), GaussianTestStatus::kConstantColumns, {1});
  spoiled.col(2) = 0.1 - 2.0 * x.col(0).array();
  expect_status(gaussian_test(spoiled), GaussianTestStatus::kConstantColumns, {1});
  spoiled.col(1) = x.col(1);
  expect_status(gaussian_test(spoiled), GaussianTestStatus::kCollinearColumns, {2});
  for (Index i = 3; i < 50; ++i) x.row(i) = x.row(i % 3);  // three rows, again and again
  expect_status(gaussian_test(x), GaussianTestStatus::kCollinearColumns, {2});
}

TEST(GaussianTestOfRows, BadRowsAreNamed) {
  RowMatrix x = gaussian_rows(50, 2, 1);
  EXPECT_THAT(error_of([&] { (void)gaussian_test(RowMatrix(0, 2)); }), HasSubstr("X must be an array of at least one"));
  x(7, 1) = kInfinity;
  EXPECT_THAT(error_of([&] { (void)gaussian_test(x); }), HasSubstr("X must be finite, got inf in row 7, column 1"));
  x(7, 1) = kNaN;
  EXPECT_THAT(error_of([&] { (void)gaussian_test(x); }), HasSubstr("no law for rows with missing values"));
  x(7, 1) = 1.7e308;
  x(8, 1) = -1.7e308;
  EXPECT_EQ(gaussian_test(x).status, GaussianTestStatus::kTested) << "half a range is a double";
}

}  // namespace
}  // namespace varimix::tests
