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

// With this attribute Clang and MSVC warn where a view outlives the object that it views; GCC has no such attribute.
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

/// Eigen's matrices, blocks, maps and references of double or float, which lie in memory; not products or sums.
template <class Derived>
concept RowsInMemory = (std::same_as<typename Derived::Scalar, double> ||
                        std::same_as<typename Derived::Scalar, float>)&&((int{Derived::Flags} &
                                                                          int{Eigen::DirectAccessBit}) != 0);

/// A read-only view of n rows of d numbers that live elsewhere. The numbers are float64 or float32, with any strides or
/// one pointer per column. The view shows all rows, a range, or a list of chosen rows; one block at a time is copied.
/// The viewed memory must outlive the view, as must the list given to `select`; Clang warns of a matrix that does not.
class RowView {
 public:
  /// Views all rows of a matrix, without a copy. A column vector is n rows of one number.
  template <class Derived>
  requires RowsInMemory<Derived> RowView(
      const Eigen::PlainObjectBase<Derived>& x VARIMIX_LIFETIME_BOUND)  // NOLINT(google-explicit-constructor)
      : RowView(eigens(x)) {}
  /// Views all rows of a block, a map or a reference. The memory that these refer to must outlive the view.
  template <class Derived>
  requires RowsInMemory<Derived> RowView(const Eigen::DenseBase<Derived>& x)  // NOLINT(google-explicit-constructor)
      : RowView(eigens(x)) {}

  /// Views numbers stored row after row, `columns` per row. Throws std::invalid_argument unless columns >= 1 divides
  /// their count.
  template <class Scalar>
  [[nodiscard]] static RowView from_span(std::span<const Scalar> values, Index columns) {
    return strided(values.data(), rows_of(values.size(), columns), columns, columns, 1);
  }

  /// Views data[i * row_stride + j * column_stride] as element (i, j); strides count elements and may be negative.
  template <class Scalar>
  [[nodiscard]] static RowView strided(const Scalar* data, Index rows, Index columns, Index row_stride,
                                       Index column_stride) {
    return {Strided<Scalar>{data, row_stride, column_stride}, rows, columns};
  }

  /// Views column[j][i] as element (i, j): the layout of a table of separately stored columns.
  template <class Scalar>
  [[nodiscard]] static RowView from_columns(std::span<const Scalar* const> column, Index rows) {
    return {Columns<Scalar>{column}, rows, static_cast<Index>(column.size())};
  }

  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] Index columns() const noexcept { return columns_; }
  /// Returns element (i, j) as a double. copy_columns reads many elements faster.
  [[nodiscard]] double operator()(Index i, Index j) const {
    return std::visit(
        [this, i, j](const auto& layout) {
          return static_cast<double>(layout.column_start(j)[source_row(i) * layout.step()]);
        },
        layout_);
  }
  /// Returns the memory from the first number of row `first` to the last of `count` rows if it holds little else than
  /// these rows, and else none.
  [[nodiscard]] std::span<const std::byte> memory(Index first, Index count) const;
  /// Returns a view of rows first, ..., first + count - 1 of this view.
  [[nodiscard]] RowView slice(Index first, Index count) const;
  /// Returns a view of the rows that `rows` names, in that order. If this view is itself a selection, the result keeps
  /// a list of its own.
  [[nodiscard]] RowView select(std::span<const std::int64_t> rows) const;
  /// Returns the number that row i of this view has in the underlying data.
  [[nodiscard]] Index source_row(Index i) const noexcept {
    return first_ + (is_selection_ ? static_cast<Index>(selection_[static_cast<std::size_t>(i)]) : i);
  }

  /// Returns true if every number is finite or, with Missing::kExact, NaN.
  [[nodiscard]] bool all_finite(Missing missing = Missing::kError) const;
  /// Returns the rows that equal row `at` in every column, itself among them.
  [[nodiscard]] std::vector<Index> equal_rows(Index at) const;

  /// Copies rows first, ..., first + count - 1, minus `origin`, to columns:
  /// out[j * leading + i] = x(first + i, j) - origin[j], where x is this view.
  void copy_columns(Index first, Index count, std::span<const double> origin, double* out, Index leading) const;
  /// Copies the rows that `rows` names in the same way: out[j * leading + i] = x(rows[i], j) - origin[j].
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
    [[nodiscard]] bool is_packed() const { return column_stride == 1; }  // the columns of a row lie side by side
  };
  template <class Scalar>
  struct Columns {
    std::span<const Scalar* const> column;
    [[nodiscard]] const Scalar* column_start(Index j) const { return column[static_cast<std::size_t>(j)]; }
    [[nodiscard]] Index step() const { return 1; }
    [[nodiscard]] bool is_packed() const { return false; }
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

  template <Missing missing>
  [[nodiscard]] bool all_allowed() const;
  /// Calls f(number, count), where number(i) is that of row first + i behind the view, counted from its first.
  template <class F>
  void with_numbers(Index first, Index count, F&& f) const;

  Layout layout_;
  Index rows_ = 0;
  Index columns_ = 0;
  Index first_ = 0;
  bool is_selection_ = false;
  std::span<const std::int64_t> selection_;
  std::shared_ptr<const std::vector<std::int64_t>> composed_;  // the list behind selection_, if select made it
};

/// Throws std::invalid_argument naming `name`, unless the view has at least one row and exactly d columns.
void require_shape(const RowView& x, Index d, const char* name = "X");

/// Throws std::invalid_argument naming `name`, unless the view has at least one row, exactly d columns, and only
/// finite values or, with Missing::kExact, NaN. For another value the message names the first one's row (of the
/// underlying data) and column, both counted from 0, and ends with `hint` if it is NaN. Cost: one pass over the view.
void require_rows(const RowView& x, Index d, const char* name = "X", Missing missing = Missing::kError,
                  const char* hint = "; missing=\"exact\" takes NaN as missing at random");

}  // namespace varimix
