#include "varimix/core/row_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "support/close.hpp"
#include "support/row_views.hpp"

namespace varimix::tests {
namespace {

using namespace row_views;

using ::testing::HasSubstr;

/// Expects these elements, both from operator() and from copy_columns.
void expect_same(const RowView& view, const RowMatrix& expected) {
  ASSERT_EQ(view.rows(), expected.rows());
  ASSERT_EQ(view.columns(), expected.cols());
  for (Index i = 0; i < view.rows(); ++i) {
    for (Index j = 0; j < view.columns(); ++j) ASSERT_EQ(view(i, j), expected(i, j)) << i << ", " << j;
  }
  const std::vector<double> origin = {0.5, -2.0, 8.0};
  constexpr Index kLeading = kRows + 5;
  std::vector<double> out(kColumns * kLeading, -1.0);
  const Index first = view.rows() / 3;
  const Index count = view.rows() - first;
  view.copy_columns(first, count, origin, out.data(), kLeading);
  for (Index j = 0; j < view.columns(); ++j) {
    for (Index i = 0; i < count; ++i) {
      ASSERT_EQ(out[static_cast<std::size_t>(j * kLeading + i)],
                expected(first + i, j) - origin[static_cast<std::size_t>(j)]);
    }
    ASSERT_EQ(out[static_cast<std::size_t>(j * kLeading + count)], -1.0) << "written beyond the rows asked for";
  }
}

TEST(RowViewLayout, RowMajorAndColumnMajorAreThePlainMatrix) {
  const RowMatrix x = some_rows();
  expect_same(x, x);
  const Matrix column_major = x;
  expect_same(column_major, x);
}

TEST(RowViewLayout, StridesSkipWhatLiesBetween) {
  const RowMatrix x = some_rows();
  Matrix wide = Matrix::Constant(2 * kRows, 4 * kColumns, std::numeric_limits<double>::quiet_NaN());
  for (Index i = 0; i < kRows; ++i) {
    for (Index j = 0; j < kColumns; ++j) wide(2 * i, 4 * j) = x(i, j);
  }
  expect_same(RowView::strided(wide.data(), kRows, kColumns, 2, 4 * wide.rows()), x);
}

TEST(RowViewLayout, NegativeStridesReadBackwards) {
  const RowMatrix x = some_rows();
  const RowMatrix rows_back = x.colwise().reverse();
  expect_same(RowView::strided(&x(kRows - 1, 0), kRows, kColumns, -kColumns, 1), rows_back);
  const RowMatrix columns_back = x.rowwise().reverse();
  expect_same(RowView::strided(&x(0, kColumns - 1), kRows, kColumns, kColumns, -1), columns_back);
  const RowMatrix both_back = x.reverse();
  expect_same(RowView::strided(&x(kRows - 1, kColumns - 1), kRows, kColumns, -kColumns, -1), both_back);
}

TEST(RowViewLayout, ZeroStrideRepeatsARow) {
  const RowMatrix x = some_rows();
  const RowMatrix repeated = x.row(4).replicate(kRows, 1);
  expect_same(RowView::strided(&x(4, 0), kRows, kColumns, 0, 1), repeated);
}

TEST(RowViewLayout, ColumnPointersAndFloatsAreThePlainMatrix) {
  const RowMatrix x = some_rows();
  const Matrix doubles = x;
  const Eigen::MatrixXf floats = x.cast<float>();
  const std::array<const double*, 3> columns = {&doubles(0, 0), &doubles(0, 1), &doubles(0, 2)};
  expect_same(RowView::from_columns<double>(columns, kRows), x);
  const std::array<const float*, 3> float_columns = {&floats(0, 0), &floats(0, 1), &floats(0, 2)};
  expect_same(RowView::from_columns<float>(float_columns, kRows), x);
  expect_same(RowView::strided(floats.data(), kRows, kColumns, 1, kRows), x);
}

TEST(RowViewParts, ASliceIsThoseRowsAndKnowsWhereTheyLie) {
  const RowMatrix x = some_rows();
  const RowView slice = RowView(x).slice(100, 400).slice(50, 300);
  expect_same(slice, x.middleRows(150, 300));
  EXPECT_EQ(slice.source_row(7), 157);
}

TEST(RowViewParts, MemoryIsTheBytesOfTheRowsWhereTheyLieTogether) {
  const RowMatrix x = some_rows();
  const auto row = [&](Index i) { return reinterpret_cast<const std::byte*>(x.data() + i * kColumns); };
  const std::span<const std::byte> some = RowView(x).slice(10, 50).memory(2, 3);
  EXPECT_EQ(some.data(), row(12));
  EXPECT_EQ(some.size(), 3 * kColumns * sizeof(double));
  EXPECT_TRUE(RowView(x).memory(kRows, 0).empty());
  // two of three columns: up to the last number of the last row
  EXPECT_EQ(RowView::strided(x.data(), kRows, 2, kColumns, 1).memory(kRows - 1, 1).data(), row(kRows - 1));
  EXPECT_EQ(RowView::strided(x.data(), kRows, 2, kColumns, 1).memory(kRows - 1, 1).size(), 2 * sizeof(double));
  const std::vector<std::int64_t> chosen = {3, 1};
  EXPECT_TRUE(RowView(x).select(chosen).memory(0, 2).empty());
  EXPECT_TRUE(RowView::strided(x.data(), kRows, 1, kColumns, 1).memory(0, 2).empty());  // a third of what lies there
  const double* last = x.data() + (kRows - 1) * kColumns;
  EXPECT_TRUE(RowView::strided(last, kRows, kColumns, -kColumns, 1).memory(0, 2).empty());
  const Matrix by_column = x;
  EXPECT_TRUE(RowView(by_column).memory(0, 2).empty());
}

TEST(RowViewParts, ASelectionIsThoseRowsInThatOrder) {
  const RowMatrix x = some_rows();
  const std::vector<std::int64_t> chosen = {699, 0, 3, 3, 512};
  RowMatrix expected(5, kColumns);
  for (Index i = 0; i < 5; ++i) expected.row(i) = x.row(chosen[static_cast<std::size_t>(i)]);
  const RowView selection = RowView(x).select(chosen);
  expect_same(selection, expected);
  EXPECT_EQ(selection.source_row(4), 512);
  expect_same(selection.slice(1, 3), expected.middleRows(1, 3));
  EXPECT_EQ(selection.slice(1, 3).source_row(0), 0);
  const Matrix column_major = x;
  expect_same(RowView(column_major).select(chosen), expected);
}

TEST(RowViewParts, ASelectionOfASliceCountsFromTheSlice) {
  const RowMatrix x = some_rows();
  const std::vector<std::int64_t> chosen = {2, 0};
  const RowView view = RowView(x).slice(10, 20);
  const RowView selection = view.select(chosen);
  EXPECT_EQ(selection(0, 1), x(12, 1));
  EXPECT_EQ(selection.source_row(1), 10);
}

TEST(RowViewParts, AnyRowsOfAnyViewAreCopied) {
  const RowMatrix x = some_rows();
  const std::vector<std::int64_t> chosen = {699, 0, 3, 3, 512};
  const std::vector<std::int64_t> wanted = {4, 1, 1};
  const std::vector<double> origin(kColumns, 0.5);
  const RowView selection = RowView(x).slice(0, 700).select(chosen);
  Matrix copied(8, kColumns);
  selection.copy_columns(wanted, origin, copied.data(), 8);
  for (Index i = 0; i < 3; ++i) {
    for (Index j = 0; j < kColumns; ++j) {
      EXPECT_EQ(copied(i, j), selection(wanted[static_cast<std::size_t>(i)], j) - 0.5);
    }
  }
}

TEST(RowViewParts, SelectionsCompose) {
  const RowMatrix x = some_rows();
  const std::vector<std::int64_t> chosen = {2, 0, 5, 699, 5};
  const std::vector<std::int64_t> of_those = {4, 3, 0};
  const RowView selection = RowView(x).slice(0, 700).select(chosen);
  const RowView twice = selection.select(of_those);
  ASSERT_EQ(twice.rows(), 3);
  const std::array<Index, 3> rows = {5, 699, 2};
  for (Index i = 0; i < 3; ++i) {
    EXPECT_EQ(twice.source_row(i), rows[static_cast<std::size_t>(i)]);
    for (Index j = 0; j < kColumns; ++j) EXPECT_EQ(twice(i, j), x(rows[static_cast<std::size_t>(i)], j));
  }
  const std::vector<std::int64_t> last = {1};
  EXPECT_EQ(twice.slice(1, 2).select(last).source_row(0), 2) << "thrice, after a slice";
}

TEST(RowViewParts, EqualRowsAgreeInEveryColumnWhereverTheyLie) {
  const RowMatrix x{{1.0, 2.0}, {1.0, 3.0}, {1.0, 2.0}, {0.0, 2.0}, {1.0, 2.0}};
  const std::vector<Index> expected = {0, 2, 4};
  EXPECT_EQ(RowView(x).equal_rows(2), expected);
  EXPECT_EQ(RowView(Matrix(x)).equal_rows(0), expected);
  EXPECT_EQ(RowView(x).equal_rows(3), std::vector<Index>{3});
  const std::vector<std::int64_t> chosen = {4, 3, 2};
  EXPECT_EQ(RowView(x).select(chosen).equal_rows(0), (std::vector<Index>{0, 2}));
  EXPECT_EQ(RowView(x).slice(1, 3).equal_rows(1), std::vector<Index>{1});
}

TEST(RowViewParts, ASelectionOfNoRowsHasNone) {
  const RowMatrix x = some_rows();
  const std::vector<std::int64_t> none;
  EXPECT_EQ(RowView(x).select(none).rows(), 0);
  EXPECT_EQ(RowView(x).select(none).select(none).rows(), 0);
}

TEST(RowViewLayout, EigensBlocksMapsAndReferencesAreViewedInPlace) {
  const RowMatrix x = some_rows();
  const Matrix column_major = x;
  const Eigen::MatrixXf narrow = x.cast<float>();
  RowMatrix wide = RowMatrix::Zero(kRows + 2, kColumns + 3);
  wide.block(1, 2, kRows, kColumns) = x;
  expect_same(wide.block(1, 2, kRows, kColumns), x);
  expect_same(x.middleRows(0, kRows), x);
  expect_same(x.topRows(100), x.topRows(100));
  expect_same(column_major.middleRows(50, 300), x.middleRows(50, 300));
  expect_same(narrow, x);
  expect_same(narrow.bottomRows(99), x.bottomRows(99));
  expect_same(Eigen::Map<const RowMatrix>(x.data(), kRows, kColumns), x);
  expect_same(Eigen::Map<const RowMatrix, 0, Eigen::OuterStride<>>(x.data(), kRows / 2, kColumns,
                                                                   Eigen::OuterStride<>(2 * kColumns)),
              RowMatrix(x(Eigen::seqN(0, kRows / 2, 2), Eigen::all)));
  const Eigen::Ref<const Matrix> reference = column_major;
  expect_same(reference, x);
}

TEST(RowViewLayout, AVectorIsAColumnAndARowIsOneRow) {
  const RowMatrix x = some_rows();
  const RowView column = x.col(1);
  ASSERT_EQ(column.rows(), kRows);
  ASSERT_EQ(column.columns(), 1);
  EXPECT_EQ(column(9, 0), x(9, 1));
  const RowView row = x.row(7);
  ASSERT_EQ(row.rows(), 1);
  ASSERT_EQ(row.columns(), kColumns);
  EXPECT_EQ(row(0, 2), x(7, 2));
}

TEST(RowViewLayout, ASpanIsRowAfterRow) {
  const RowMatrix x = some_rows();
  const std::span<const double> values(x.data(), static_cast<std::size_t>(x.size()));
  expect_same(RowView::from_span(values, kColumns), x);
  EXPECT_THAT(error_of([&] { (void)RowView::from_span(values.first(7), kColumns); }),
              HasSubstr("values must be rows of 3 columns, got 7"));
  EXPECT_THAT(error_of([&] { (void)RowView::from_span(values, 0); }), HasSubstr("columns must be >= 1, got 0"));
}

}  // namespace
}  // namespace varimix::tests
