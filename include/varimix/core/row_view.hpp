#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "varimix/core/missing.hpp"
#include "varimix/core/types.hpp"

// Clang and MSVC warn where what is viewed ends before the view does; GCC has no such attribute.
#if defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::lifetimebound)
#define VARIMIX_LIFETIME_BOUND [[clang::lifetimebound]]
#elif __has_cpp_attribute(msvc::lifetimebound)
#define VARIMIX_LIFETIME_BOUND [[msvc::lifetimebound]]
#endif
#endif
#ifndef VARIMIX_LIFETIME_BOUND
#define VARIMIX_LIFETIME_BOUND
#endif

namespace varimix {

/// Matrices, blocks, maps and references of double or float that lie in memory, as Eigen has them; not products or sums.
template <class Derived>
concept RowsInMemory = (std::same_as<typename Derived::Scalar, double> ||
                        std::same_as<typename Derived::Scalar, float>)&&((int{Derived::Flags} &
                                                                          int{Eigen::DirectAccessBit}) != 0);

/// A read-only view of n rows of d numbers that live elsewhere: any strides, or one pointer a column, float64 or
/// float32; all of them, a range, or a list of chosen rows. Nothing is copied but one block at a time.
/// The viewed memory must outlive the view, as must the list given to `select`; Clang warns of a matrix that does not.
class RowView {
 public:
  /// All rows of a matrix, without a copy. A column vector is n rows of one number.
  template <class Derived>
  requires RowsInMemory<Derived> RowView(
      const Eigen::PlainObjectBase<Derived>& x VARIMIX_LIFETIME_BOUND)  // NOLINT(google-explicit-constructor)
      : RowView(eigens(x)) {}
  /// The same of a block, a map, a reference: what they view must outlive the view, not they.
  template <class Derived>
  requires RowsInMemory<Derived> RowView(const Eigen::DenseBase<Derived>& x)  // NOLINT(google-explicit-constructor)
      : RowView(eigens(x)) {}

  /// Numbers row after row, `columns` of them a row. Throws std::invalid_argument unless columns >= 1 divides their count.
  template <class Scalar>
  [[nodiscard]] static RowView from_span(std::span<const Scalar> values, Index columns) {
    return strided(values.data(), rows_of(values.size(), columns), columns, columns, 1);
  }

  /// Element (i, j) is data[i * row_stride + j * column_stride]; strides count elements and may be negative.
  template <class Scalar>
  [[nodiscard]] static RowView strided(const Scalar* data, Index rows, Index columns, Index row_stride,
                                       Index column_stride) {
    return {Strided<Scalar>{data, row_stride, column_stride}, rows, columns};
  }

  /// Element (i, j) is column[j][i]: the layout of a table of separately stored columns.
  template <class Scalar>
  [[nodiscard]] static RowView from_columns(std::span<const Scalar* const> column, Index rows) {
    return {Columns<Scalar>{column}, rows, static_cast<Index>(column.size())};
  }

  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] Index columns() const noexcept { return columns_; }
  /// Element (i, j) as a double; for tests and messages, not for loops.
  [[nodiscard]] double operator()(Index i, Index j) const;
  /// Rows first, ..., first + count - 1 of this view.
  [[nodiscard]] RowView slice(Index first, Index count) const;
  /// The rows of this view that `rows` names, in that order. Of a view that is itself a selection a list of its own is made.
  [[nodiscard]] RowView select(std::span<const std::int64_t> rows) const;
  /// The row of the underlying data that is row i of this view.
  [[nodiscard]] Index source_row(Index i) const noexcept;

  /// Copies rows first, ..., first + count - 1, less `origin`, to columns: out[j * leading + i] = x(first + i, j) - origin[j].
  void copy_columns(Index first, Index count, std::span<const double> origin, double* out, Index leading) const;
  /// The same of the rows of this view that `rows` names: out[j * leading + i] = x(rows[i], j) - origin[j].
  void copy_columns(std::span<const std::int64_t> rows, std::span<const double> origin, double* out,
                    Index leading) const;

 private:
  template <class Scalar>
  struct Strided {
    const Scalar* data;
    Index row_stride;
    Index column_stride;
    [[nodiscard]] const Scalar* column_start(Index j) const { return data + j * column_stride; }
    [[nodiscard]] Index step() const { return row_stride; }
  };
  template <class Scalar>
  struct Columns {
    std::span<const Scalar* const> column;
    [[nodiscard]] const Scalar* column_start(Index j) const { return column[static_cast<std::size_t>(j)]; }
    [[nodiscard]] Index step() const { return 1; }
  };
  using Layout = std::variant<Strided<double>, Strided<float>, Columns<double>, Columns<float>>;

  RowView(Layout layout, Index rows, Index columns) : layout_(layout), rows_(rows), columns_(columns) {}
  [[nodiscard]] static Index rows_of(std::size_t values, Index columns);
  template <class Derived>
  [[nodiscard]] static RowView eigens(const Eigen::DenseBase<Derived>& x) {
    const bool by_row = Derived::IsRowMajor;
    return strided(x.derived().data(), x.rows(), x.cols(), by_row ? x.outerStride() : x.innerStride(),
                   by_row ? x.innerStride() : x.outerStride());
  }

  Layout layout_;
  Index rows_ = 0;
  Index columns_ = 0;
  Index first_ = 0;
  bool is_selection_ = false;
  std::span<const std::int64_t> selection_;
  std::shared_ptr<const std::vector<std::int64_t>> composed_;  // what selection_ views where it is a selection of one
};

/// The weight of row i: one a row, or none for ones.
[[nodiscard]] inline double weight_of(std::span<const double> weights, Index i) {
  return weights.empty() ? 1.0 : weights[static_cast<std::size_t>(i)];
}

/// Throws std::invalid_argument naming `name`, unless the view has at least one row and exactly d columns.
void require_shape(const RowView& x, Index d, const char* name = "X");

/// Throws std::invalid_argument naming `name`, unless the view has at least one row, exactly d columns, and only
/// finite values or, with Missing::kExact, NaN; of other values the first one's row (of the underlying data) and column
/// (both from 0) are named. Cost: one pass over the view.
void require_rows(const RowView& x, Index d, const char* name = "X", Missing missing = Missing::kError);

}  // namespace varimix
