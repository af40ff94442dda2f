#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/close.hpp"
#include "support/row_views.hpp"
#include "varimix/core/row_view.hpp"

namespace varimix::tests {
namespace {

using namespace row_views;

using ::testing::HasSubstr;

TEST(RequireRows, NamesArgumentAndConstraintForShapes) {
  const RowMatrix x = some_rows();
  EXPECT_EQ(error_of([&] { require_rows(x, kColumns); }), "");
  EXPECT_EQ(error_of([&] { require_rows(x, 2); }), "X must be rows of 2 columns, got 3 columns");
  EXPECT_EQ(error_of([&] { require_shape(x, 4, "batch"); }), "batch must be rows of 4 columns, got 3 columns");
  const RowMatrix empty(0, kColumns);
  EXPECT_THAT(error_of([&] { require_rows(empty, kColumns); }),
              AllOf(HasSubstr("X must be"), HasSubstr("at least one row")));
  EXPECT_THAT(error_of([&] { require_shape(empty, kColumns, "batch"); }), HasSubstr("batch must be"));
}

TEST(RequireRows, NamesRowAndColumnOfTheFirstValueThatIsNotFinite) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  RowMatrix x = some_rows();
  x(600, 2) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(error_of([&] { require_rows(x, kColumns, "batch"); }),
              AllOf(HasSubstr("batch must be finite, got "), HasSubstr("nan"), HasSubstr("row 600, column 2")));
  x(300, 1) = -kInfinity;
  EXPECT_THAT(error_of([&] { require_rows(x, kColumns); }), AllOf(HasSubstr("-inf"), HasSubstr("row 300, column 1")));
  x(300, 0) = kInfinity;
  EXPECT_THAT(error_of([&] { require_rows(x, kColumns); }), HasSubstr("row 300, column 0"));
}

TEST(RequireRows, NamesTheRowOfTheDataNotOfTheSelection) {
  RowMatrix x = some_rows();
  x(512, 1) = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::int64_t> chosen = {1, 2, 512};
  EXPECT_THAT(error_of([&] { require_rows(RowView(x).select(chosen), kColumns); }), HasSubstr("row 512, column 1"));
  EXPECT_THAT(error_of([&] { require_rows(RowView(x).slice(500, 20), kColumns); }), HasSubstr("row 512, column 1"));
}

TEST(RequireRows, RowsThatAreNotChosenAreNotRead) {
  RowMatrix x = some_rows();
  x(3, 0) = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::int64_t> chosen = {1, 2, 4};
  EXPECT_EQ(error_of([&] { require_rows(RowView(x).select(chosen), kColumns); }), "");
}

TEST(RequireRows, NaNIsAnErrorThatNamesItsOptionUnlessItIsMissing) {
  RowMatrix x = some_rows();
  x(600, 2) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(error_of([&] { require_rows(x, kColumns); }), HasSubstr("missing=\"exact\""));
  EXPECT_EQ(error_of([&] { require_rows(x, kColumns, "X", Missing::kExact); }), "");
  x(601, 0) = std::numeric_limits<double>::infinity();
  EXPECT_EQ(error_of([&] { require_rows(x, kColumns, "X", Missing::kExact); }),
            "X must be finite or NaN, got inf in row 601, column 0 (counted from 0)");
}

/// Checks that a view of a 3 x 2 matrix sees a number that is not finite wherever it is put.
template <class M, class View>
void expect_seen(M x, View&& view_of) {
  using Scalar = typename M::Scalar;
  x.setOnes();
  EXPECT_TRUE(view_of(x).all_finite());
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.cols(); ++j) {
      for (const auto bad : {std::numeric_limits<Scalar>::quiet_NaN(), std::numeric_limits<Scalar>::infinity()}) {
        x(i, j) = bad;
        EXPECT_FALSE(view_of(x).all_finite()) << i << " " << j;
        EXPECT_EQ(view_of(x).all_finite(Missing::kExact), std::isnan(bad)) << i << " " << j;
      }
      x(i, j) = Scalar{1};
    }
  }
}

TEST(RequireRows, SeeANumberThatIsNotFiniteAtAnyPlaceOfAnyLayout) {
  const auto whole = [](const auto& x) { return RowView(x); };
  const std::vector<std::int64_t> backwards = {2, 1, 0};
  const auto chosen = [&](const auto& x) { return RowView(x).select(backwards); };
  expect_seen(RowMatrix(3, 2), whole);
  expect_seen(Matrix(3, 2), whole);
  expect_seen(Eigen::MatrixXf(3, 2), whole);
  expect_seen(RowMatrix(3, 2), chosen);
  expect_seen(Matrix(3, 2), chosen);
  expect_seen(Eigen::MatrixXf(3, 2), chosen);
  expect_seen(RowMatrix(3, 2), [](const RowMatrix& x) { return RowView::strided(x.data() + 4, 3, 2, -2, 1); });
  RowMatrix wide(3, 4);
  wide.setConstant(std::numeric_limits<double>::quiet_NaN());
  wide.leftCols(2).setOnes();
  EXPECT_TRUE(RowView(wide.leftCols(2)).all_finite());
}

TEST(RequireRows, TakesTheLargestFiniteNumbers) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  const RowMatrix x = RowMatrix::Constant(300, 2, kLargest);
  EXPECT_EQ(error_of([&] { require_rows(x, 2); }), "");
  const RowMatrix negative = -x;
  EXPECT_EQ(error_of([&] { require_rows(negative, 2); }), "");
}

}  // namespace
}  // namespace varimix::tests
