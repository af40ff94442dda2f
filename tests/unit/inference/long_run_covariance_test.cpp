#include "inference/long_run_covariance.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "inference/intervals.hpp"
#include "support/models.hpp"

namespace varimix::tests {
namespace {

constexpr Index kRows = 57;

Matrix some_series() { return gaussian_rows(kRows, 3, 4); }

/// Adds the series in pieces of this many rows.
Matrix covariance(const LongRunOptions& options, const Matrix& series, Index piece) {
  LongRunCovariance sums(options, series.cols());
  for (Index first = 0; first < series.rows(); first += piece) {
    sums.add(series.middleRows(first, std::min(piece, series.rows() - first)), Vector());
  }
  return sums.covariance();
}

TEST(LongRunCovariance, OfIndependentVectorsIsTheSumOfTheirProducts) {
  const Matrix series = some_series();
  EXPECT_LT((covariance({.rows = kRows}, series, 10) - series.transpose() * series).norm(), 1e-12);
}

TEST(LongRunCovariance, WeighsIndependentVectors) {
  const Matrix series = some_series();
  const Vector weights = Vector::LinSpaced(kRows, 0.0, 3.0);
  LongRunCovariance sums({.rows = kRows}, 3);
  sums.add(series, weights);
  EXPECT_LT((sums.covariance() - series.transpose() * weights.asDiagonal() * series).norm(), 1e-12);
}

TEST(LongRunCovariance, OfBartlettWeighsPairsByTheirLag) {
  const Matrix series = some_series();
  for (const Index lags : {0, 1, 5, 56}) {
    Matrix expected = Matrix::Zero(3, 3);
    for (Index s = 0; s < kRows; ++s) {
      for (Index t = 0; t < kRows; ++t) {
        const double weight = 1.0 - static_cast<double>(std::abs(s - t)) / static_cast<double>(lags + 1);
        if (weight > 0.0) expected += weight * series.row(s).transpose() * series.row(t);
      }
    }
    for (const Index piece : {1, 8, 57}) {
      const LongRunOptions options{.rows = kRows, .cosines = {}, .lags = lags};
      EXPECT_LT((covariance(options, series, piece) - expected).norm(), 1e-11) << lags << ", " << piece;
    }
  }
}

TEST(LongRunCovariance, OfCosinesIsTheirMeanProduct) {
  const Matrix series = some_series();
  constexpr int kCosines = 8;
  Matrix expected = Matrix::Zero(3, 3);
  for (int j = 1; j <= kCosines; ++j) {
    Vector sum = Vector::Zero(3);
    for (Index t = 0; t < kRows; ++t) {
      sum += std::sqrt(2.0 / kRows) * series.row(t).transpose() *
             std::cos(std::numbers::pi * j * (static_cast<double>(t) + 0.5) / kRows);
    }
    expected += static_cast<double>(kRows) / kCosines * sum * sum.transpose();
  }
  for (const Index piece : {1, 8, 57}) {
    const LongRunOptions options{.rows = kRows, .cosines = kCosines};
    EXPECT_LT((covariance(options, series, piece) - expected).norm(), 1e-11) << piece;
  }
}

// Kiefer and Vogelsang (2005) fitted 1.9600 + 2.9694 b + 0.4160 b^2 - 0.5324 b^3 to simulations of their own.
TEST(BartlettQuantile, IsThatOfKieferAndVogelsang) {
  for (const double b : {0.02, 0.1, 0.3, 0.6, 1.0}) {
    const double published = 1.96 + b * (2.9694 + b * (0.4160 - b * 0.5324));
    EXPECT_NEAR(bartlett_quantile(0.05, b) / published, 1.0, 0.015) << b;
  }
}

TEST(BartlettQuantile, IsTheNormalOneForFewLags) {
  for (const double alpha : {0.5, 0.05, 0.002}) {
    EXPECT_NEAR(bartlett_quantile(alpha, 1e-9), normal_quantile(alpha), 1e-7);
  }
}

TEST(StudentQuantile, IsThatOfTables) { EXPECT_NEAR(student_quantile(0.05, 8.0), 2.306, 5e-4); }

}  // namespace
}  // namespace varimix::tests
