#pragma once

#include <nanobind/nanobind.h>

#include <span>
#include <utility>

#include "gil.hpp"
#include "varimix/core/bad_number.hpp"
#include "varimix/core/column_names.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/core/types.hpp"
#include "varimix/random/key.hpp"

namespace nb = nanobind;

namespace varimix::python {

/// Rows that a Python caller gave. They are viewed where they lie; a copy is made only of types other than native
/// float64 and float32, and of arrays that are not aligned to their elements. Keeps the array alive.
class Rows {
 public:
  /// `data` is an array, or anything else that holds rows and that varimix.rows.rows_in_memory takes. It has two
  /// dimensions, or one, which is n rows of one column if `d` is 1 or unknown (0). Throws std::invalid_argument naming
  /// `name` for other shapes, and what rows_in_memory raises for data that are no rows of numbers.
  /// Where `columns` are given and the data's have names, they are put into that order; names that differ are an error.
  Rows(nb::handle data, Index d, const char* name = "X", ColumnNames columns = {});
  /// Returns the view, which may be read without the interpreter's lock.
  [[nodiscard]] const RowView& view() const noexcept { return view_; }
  /// Returns the names of the columns: those given, else those of the data, if they have some. Throws
  /// std::invalid_argument for names that a model cannot have.
  [[nodiscard]] ColumnNames columns() const;
  /// Returns what `function` of the view returns, run without the interpreter's lock. What it throws for a number that
  /// is not allowed names the column.
  template <class Function>
  auto read(Function&& function) const {
    try {
      const GilRelease release;
      return std::forward<Function>(function)(view_);
    } catch (const BadNumber& bad) {
      refuse(bad);
    }
  }

 private:
  [[noreturn]] void refuse(const BadNumber& bad) const;

  nb::object names_;  // of the data, a tuple or None
  nb::object array_;
  RowView view_;
  ColumnNames columns_;
};

/// Returns rows of the chosen columns of what fit_stream takes, or `data` itself if `columns` is None. Raises what
/// open_source does.
[[nodiscard]] nb::object chosen(nb::handle data, nb::handle columns);

/// Returns names as a tuple.
[[nodiscard]] nb::tuple tuple_of(const ColumnNames& columns);

/// Numbers one after the other, viewed where they lie if they are native float64 without gaps, else copied. Keeps the
/// array alive.
class Numbers {
 public:
  /// `data` is anything of one dimension that varimix.rows.numbers_in_memory takes, or a number, which counts as an
  /// array of size 1. Throws as Rows does.
  Numbers(nb::handle data, const char* name);
  [[nodiscard]] std::span<const double> span() const noexcept { return span_; }

 private:
  nb::object array_;
  std::span<const double> span_;
};

/// An array of any shape, and a new array for the values of a function of its elements. Native float64 in C order is
/// read where it lies; anything else is converted into the new array, which is then read too.
class ElementwiseArrays {
 public:
  /// Throws as Rows does for anything but real numbers.
  ElementwiseArrays(nb::handle data, const char* name);
  [[nodiscard]] std::span<const double> in() const noexcept { return in_; }
  [[nodiscard]] std::span<double> out() const noexcept { return out_; }
  /// Returns the new array, or a number if a number was given.
  [[nodiscard]] nb::object result() const;

 private:
  nb::object array_;
  nb::object result_;
  std::span<const double> in_;
  std::span<double> out_;
};

/// Returns a float64 vector, or matrix, from anything that varimix.rows.numbers_in_memory takes; a number counts as one
/// of size 1.
[[nodiscard]] Vector to_vector(nb::handle value, const char* name);
[[nodiscard]] Matrix to_matrix(nb::handle value, const char* name);

/// Returns a key from an integer from 0 to 2^64 - 1 or an array of them; from the next bytes of a numpy.random.Generator
/// or RandomState; for None, from the system's randomness.
[[nodiscard]] Key to_key(nb::handle value, const char* name);

/// Applies `function(std::span<const double> in, std::span<double> out)` to all elements of an array-like, without the
/// interpreter's lock; a number gives a number.
template <class Function>
[[nodiscard]] nb::object map_span(nb::handle x, const char* name, Function&& function);

/// Does the same with a function of one element, which must not throw, on all cores.
template <class Function>
[[nodiscard]] nb::object map_elements(nb::handle x, const char* name, Function&& function);

}  // namespace varimix::python

#include "map_elements.hpp"
