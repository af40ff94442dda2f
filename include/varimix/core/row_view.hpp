#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "varimix/core/missing.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// A read-only view of n rows of d numbers that live elsewhere: any strides, or one pointer a column, float64 or
/// float32; all of them, a range, or a list of chosen rows. Nothing is copied but one block at a time.
/// The viewed memory (and the list given to `select`) must outlive the view.
class RowView {
 public:
  /// All rows of a matrix, without a copy.
  RowView(const RowMatrix& x);  // NOLINT(google-explicit-constructor): the natural argument
  RowView(const Matrix& x);     // NOLINT(google-explicit-constructor)

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
  /// The rows of this view that `rows` names, in that order. @pre this view is not itself a selection
  /// (std::invalid_argument).
  [[nodiscard]] RowView select(std::span<const std::int64_t> rows) const;
  /// Rows of the underlying data, as source_row names them, in that order; also of a view that is itself a selection.
  [[nodiscard]] RowView select_source(std::span<const std::int64_t> rows) const;
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

  Layout layout_;
  Index rows_ = 0;
  Index columns_ = 0;
  Index first_ = 0;
  std::span<const std::int64_t> selection_;
};

/// Throws std::invalid_argument naming `name`, unless the view has at least one row and exactly d columns.
void require_shape(const RowView& x, Index d, const char* name = "X");

/// Throws std::invalid_argument naming `name`, unless the view has at least one row, exactly d columns, and only
/// finite values or, with Missing::kExact, NaN; of other values the first one's row (of the underlying data) and column
/// (both from 0) are named. Cost: one pass over the view.
void require_rows(const RowView& x, Index d, const char* name = "X", Missing missing = Missing::kError);

}  // namespace varimix
