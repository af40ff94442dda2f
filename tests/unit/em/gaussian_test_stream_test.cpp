#include "varimix/em/gaussian_test_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <limits>

#include "em/exact_distance.hpp"
#include "support/close.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"
#include "varimix/inference/gaussian_test.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

GaussianTestStream learned(const RowMatrix& x, Index batch) {
  auto stream = GaussianTestStream::of_dimension(x.cols());
  for (Index first = 0; first < x.rows(); first += batch) {
    stream.update(RowView(x).slice(first, std::min(batch, x.rows() - first)));
  }
  return stream;
}

void expect_same_test(const GaussianTestStream& actual, const GaussianTestStream& expected, double tolerance) {
  const GaussianTest a = gaussian_test(actual);
  const GaussianTest b = gaussian_test(expected);
  ASSERT_EQ(a.status, b.status);
  EXPECT_EQ(a.n, b.n);
  EXPECT_NEAR(a.kurtosis_z, b.kurtosis_z, tolerance * std::max(1.0, std::abs(b.kurtosis_z)));
  EXPECT_NEAR(a.skewness_chi2, b.skewness_chi2, tolerance * std::max(1.0, b.skewness_chi2));
}

/// The sums as their formulas say, row by row, with Boost's laws.
GaussianTestStream by_the_formulas(const RowMatrix& x) {
  const Index d = x.cols();
  auto sums = GaussianTestStream::of_dimension(d);
  Index mark = 20 * (d + 1);
  for (Index first = mark; first < x.rows(); first = mark) {
    const RowMatrix before = x.topRows(first);
    const Vector mean = before.colwise().mean();
    const Matrix centred = before.rowwise() - mean.transpose();
    const Matrix covariance = centred.transpose() * centred / static_cast<double>(first - 1);
    mark = std::min(x.rows(), first + first / 8);
    const auto n = static_cast<double>(first);
    const auto of_d = static_cast<double>(d);
    const boost::math::fisher_f f(of_d, n - of_d);
    const boost::math::chi_squared chi(of_d);
    for (Index i = first; i < mark; ++i) {
      const Vector y = x.row(i).transpose() - mean;
      const double q = y.dot(covariance.llt().solve(y));
      const double tail = cdf(complement(f, q * n * (n - of_d) / ((n + 1.0) * (n - 1.0) * of_d)));
      const double exact = quantile(complement(chi, tail));
      sums.kurtosis += exact * exact - 2.0 * (of_d + 2.0) * exact + of_d * (of_d + 2.0);
      sums.skewness += y * (std::sqrt(exact / q) * (exact - of_d - 2.0));
      ++sums.tested;
    }
  }
  return sums;
}

TEST(GaussianTestStreamOf, RowsHasTheSumsOfItsFormulas) {
  for (const Index d : {1, 3}) {
    const RowMatrix x = some_model(d, 5, 0.2).rvs(400, Seed{6});
    const GaussianTestStream expected = by_the_formulas(x);
    const GaussianTestStream actual = learned(x, 37);
    EXPECT_EQ(actual.tested, expected.tested);
    EXPECT_NEAR(actual.kurtosis, expected.kurtosis, 1e-8 * std::abs(expected.kurtosis));
    EXPECT_TRUE(actual.skewness.isApprox(expected.skewness, 1e-8)) << actual.skewness << expected.skewness;
    const RowMoments all = actual.total();
    EXPECT_EQ(all.rows, 400);
    EXPECT_TRUE(all.mean.isApprox(x.colwise().mean().transpose(), 1e-12));
    const Matrix centred = x.rowwise() - x.colwise().mean();
    EXPECT_TRUE(all.scatter.isApprox(Matrix((centred.transpose() * centred).triangularView<Eigen::Lower>()), 1e-12));
  }
}

TEST(GaussianTestStreamOf, RowsDoesNotDependOnTheCut) {
  const RowMatrix x = some_model(2, 5, 0.1).rvs(3000, Seed{6});
  const GaussianTestStream expected = learned(x, 3000);
  for (const Index batch : {1, 17, 256, 1000}) expect_same_test(learned(x, batch), expected, 1e-9);
}

TEST(GaussianTestStreamOf, RowsHasTheSameBitsForEveryNumberOfThreads) {
  const RowMatrix x = some_model(3, 5, 0.1).rvs(20'000, Seed{6});
  const GaussianTestStream expected = learned(x, 7000);
  for (const int count : {1, 2, 7}) {
    const ThreadLimit limit(count);
    EXPECT_EQ(learned(x, 7000), expected) << count;
  }
}

TEST(GaussianTestStreamOf, FewRowsHasNoTest) {
  const RowMatrix x = gaussian_rows(200, 2, 3);
  const GaussianTest none = gaussian_test(GaussianTestStream::of_dimension(2));
  EXPECT_EQ(none.status, GaussianTestStatus::kTooFewRows);
  EXPECT_FALSE(none.p_value.has_value());
  EXPECT_EQ(gaussian_test(learned(x.topRows(60), 60)).status, GaussianTestStatus::kTooFewRows) << "20 (d + 1)";
  EXPECT_EQ(gaussian_test(learned(x.topRows(61), 61)).n, 1);
}

TEST(GaussianTestStreamOf, PartsMergeIntoTheRowsOfAll) {
  const RowMatrix x = some_model(2, 5, 0.05).rvs(4000, Seed{6});
  const auto part = [&](Index first, Index rows) { return learned(x.middleRows(first, rows), 100); };
  const GaussianTestStream a = part(0, 1500);
  const GaussianTestStream b = part(1500, 30);
  const GaussianTestStream c = part(1530, 2470);
  const auto merged = [](GaussianTestStream left, const GaussianTestStream& right) {
    left.merge(right);
    return left;
  };
  GaussianTestStream all = merged(merged(a, b), c);
  expect_same_test(all, merged(a, merged(b, c)), 1e-10);
  expect_same_test(all, merged(merged(c, b), a), 1e-10);
  const RowMoments moments = learned(x, 4000).total();
  EXPECT_TRUE(all.total().mean.isApprox(moments.mean, 1e-12));
  EXPECT_TRUE(all.total().scatter.isApprox(moments.scatter, 1e-12));
  EXPECT_EQ(all.tested, 1440 + 0 + 2410);
  EXPECT_EQ(merged(a, GaussianTestStream::of_dimension(2)), a);
  EXPECT_EQ(merged(GaussianTestStream::of_dimension(2), a), a);
  all.update(x);
  EXPECT_EQ(all.tested, 1440 + 2410 + 4000) << "the rows of all test the next one";
}

TEST(GaussianTestStreamOf, ForksCountOnceWhatBothHeld) {
  const RowMatrix x = some_model(2, 5, 0.05).rvs(3000, Seed{6});
  const GaussianTestStream common = learned(x.topRows(1000), 100);
  GaussianTestStream left = common;
  GaussianTestStream right = common;
  left.update(RowView(x).slice(1000, 700));
  right.update(RowView(x).slice(1700, 1300));
  const double kurtosis = left.kurtosis + (right.kurtosis - common.kurtosis);
  const Vector skewness = left.skewness + (right.skewness - common.skewness);
  left.merge(right, &common);
  EXPECT_NEAR(left.kurtosis, kurtosis, 1e-12 * std::abs(kurtosis));
  EXPECT_TRUE(left.skewness.isApprox(skewness, 1e-12));
  EXPECT_EQ(left.tested, 2940);
  const RowMoments all = learned(x, 3000).total();
  EXPECT_EQ(left.total().rows, 3000);
  EXPECT_TRUE(left.total().mean.isApprox(all.mean, 1e-12));
  EXPECT_TRUE(left.total().scatter.isApprox(all.scatter, 1e-12));
  EXPECT_THAT(error_of([&] { right.merge(common, &left); }), HasSubstr("common must be a part of both streams"));
}

TEST(GaussianTestStreamOf, FarOffsetsAndUnevenScalesCostFewDigits) {
  const double grid = std::exp2(-20);
  const RowMatrix x = (some_model(3, 9, 0.05).rvs(2000, Seed{4}) / grid).array().round() * grid;
  const GaussianTestStream expected = learned(x, 128);
  RowMatrix moved = x;
  moved.array() += std::exp2(30);
  expect_same_test(learned(moved, 128), expected, 1e-5);
  RowMatrix scaled = x;
  scaled.col(0) *= std::exp2(480);
  scaled.col(1) *= std::exp2(-480);
  expect_same_test(learned(scaled, 128), expected, 1e-9);
}

TEST(GaussianTestStreamOf, ColumnsThatStandStillHasAStatus) {
  RowMatrix x = gaussian_rows(300, 2, 3);
  x.col(1).setConstant(0.1);
  const GaussianTest constant = gaussian_test(learned(x, 50));
  EXPECT_EQ(constant.status, GaussianTestStatus::kConstantColumns);
  EXPECT_EQ(constant.columns, std::vector<Index>{1});
  x.col(1) = 3.0 * x.col(0).array() - 1.0;
  EXPECT_EQ(gaussian_test(learned(x, 50)).status, GaussianTestStatus::kCollinearColumns);
  RowMatrix wakes = gaussian_rows(300, 2, 3);
  wakes.col(1).head(100).setConstant(0.1);
  const GaussianTest late = gaussian_test(learned(wakes, 50));
  EXPECT_EQ(late.status, GaussianTestStatus::kTested);
  EXPECT_EQ(late.n, 300 - 105) << "from the first mark after the column moved: 60, 67, 75, 84, 94, 105";
}

TEST(GaussianTestStreamOf, SquaresBeyondTheDoublesEndsWithAStatus) {
  RowMatrix x = gaussian_rows(300, 2, 3);
  x(250, 0) = 1e200;
  GaussianTestStream stream = learned(x, 50);
  EXPECT_EQ(gaussian_test(stream).status, GaussianTestStatus::kOverflow);
  const GaussianTestStream before = stream;
  stream.update(gaussian_rows(50, 2, 4));
  EXPECT_EQ(stream, before);
  GaussianTestStream sound = learned(gaussian_rows(300, 2, 3), 50);
  sound.merge(stream);
  EXPECT_EQ(gaussian_test(sound).status, GaussianTestStatus::kOverflow);
}

TEST(GaussianTestStreamOf, BadRowsIsRefusedBeforeAnythingChanges) {
  GaussianTestStream stream = learned(gaussian_rows(100, 2, 3), 100);
  const GaussianTestStream before = stream;
  RowMatrix x = gaussian_rows(10, 2, 3);
  x(9, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(error_of([&] { stream.update(x); }), HasSubstr("batch must be finite, got nan in row 9, column 1"));
  EXPECT_THAT(error_of([&] { stream.update(gaussian_rows(10, 3, 3)); }), HasSubstr("batch must be rows of 2 columns"));
  EXPECT_THAT(error_of([&] { stream.update(RowMatrix(0, 2)); }), HasSubstr("at least one row"));
  EXPECT_THAT(error_of([&] { stream.merge(GaussianTestStream::of_dimension(3)); }),
              HasSubstr("other must be of dimension 2, got 3"));
  EXPECT_THAT(error_of([] { (void)GaussianTestStream::of_dimension(0); }), HasSubstr("d must be >= 1, got 0"));
  EXPECT_EQ(stream, before);
}

TEST(ExactDistanceOf, QTendsToQAsRowsGrow) {
  for (const Index d : {1, 4, 50}) {
    for (const double q : {1e-3, 0.5, 5.0, 60.0}) {
      EXPECT_NEAR(ExactDistance(1e12, d, 1e-300, false)(q), q, 1e-8 * q) << d << " " << q;
    }
  }
}

struct ExactCase {
  double rows;
  Index d;
  double q, exact;
};

// By mpmath at 60 digits.
TEST(ExactDistanceOf, QHasThatOfItsLaws) {
  constexpr std::array<ExactCase, 13> kCases = {{{40, 1, 0.01, 0.0096306293502842822},
                                                 {40, 1, 3, 2.7864782167092418},
                                                 {40, 1, 40, 26.720384683277562},
                                                 {60, 2, 8, 7.2613582118346097},
                                                 {120, 5, 0.4, 0.38768804398898659},
                                                 {2000, 5, 30, 29.725087986026252},
                                                 {1e5, 1, 0.3, 0.29999505004177449},
                                                 {1e5, 1, 60, 59.981107488390706},
                                                 {1e5, 1, 1000, 995.01816405735013},
                                                 {1e6, 10, 3, 2.9999775000239998},
                                                 {1e6, 10, 80, 79.996320187482245},
                                                 {1e7, 100, 400, 399.98996024593080},
                                                 {3e7, 300, 300, 299.99699001505861}}};
  Worst worst("q'");
  for (const auto& [rows, d, q, exact] : kCases) {
    for (const bool many : {false, true}) {
      const double actual = ExactDistance(rows, d, 1e-300, many)(q);
      const double of = rows;
      worst.add(relative_error(actual, exact), actual, exact, [of] { return "N = " + std::to_string(of); });
      EXPECT_NEAR(actual, exact, (rows < 1e4 ? 1e-12 : ExactDistance::kError) * exact) << rows;
    }
  }
  EXPECT_TRUE(worst.within(ExactDistance::kError));
}

TEST(ExactDistanceOf, ManyIsThatOfEach) {
  Worst worst("q'");
  for (const Index d : {1, 2, 5, 10, 60, 300, 1000}) {
    for (const double rows :
         {20.0 * static_cast<double>(d + 1), 1e3 * static_cast<double>(d), 9.9e4 * static_cast<double>(d)}) {
      const ExactDistance each(rows, d, 1e-300, false);
      const ExactDistance many(rows, d, 1e-300, true);
      const auto of_d = static_cast<double>(d);
      for (double q = 1e-6 * of_d; q < of_d + 12.0 * std::sqrt(2.0 * of_d) + 60.0; q += 0.0071 * (of_d + 50.0)) {
        const double expected = each(q);
        worst.add(relative_error(many(q), expected), many(q), expected,
                  [&] { return "d = " + std::to_string(d) + ", N = " + std::to_string(rows); });
      }
    }
  }
  EXPECT_TRUE(worst.within(ExactDistance::kError));
}

TEST(ExactDistanceOf, QRisesWithQToItsBound) {
  const ExactDistance distance(60.0, 2, 1e-300, true);
  EXPECT_EQ(distance(0.0), 0.0);
  double last = 0.0;
  for (double q = 1e-8; q < 1e8; q *= 1.5) {
    const double exact = distance(q);
    EXPECT_GT(exact, last) << q;
    EXPECT_LT(exact, 1.1 * q) << q;
    last = exact;
  }
  const double most = distance(std::numeric_limits<double>::infinity());
  EXPECT_NEAR(most, -2.0 * std::log(1e-300), 1e-9) << "two degrees of freedom: exp(-q/2)";
  EXPECT_EQ(distance(1e300), most);
}

}  // namespace
}  // namespace varimix::tests
