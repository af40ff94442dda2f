#pragma once

#include <nanobind/nanobind.h>

#include <span>

#include "varimix/core/row_view.hpp"
#include "varimix/core/types.hpp"
#include "varimix/random/key.hpp"

namespace nb = nanobind;

namespace varimix::python {

/// Rows that a Python caller gave, viewed where they lie; a copy is made only of types other than native float64 and
/// float32. Holds the array alive; read it without the interpreter's lock.
class Rows {
 public:
  /// `data` is an array, or anything else that holds rows, as varimix.rows.rows_in_memory takes it. Two dimensions, or one,
  /// which is n rows of one column if `d` is 1 or unknown (0). Throws std::invalid_argument naming `name` for other shapes,
  /// and what that raises for what holds no rows of numbers.
  Rows(nb::handle data, Index d, const char* name = "X");
  [[nodiscard]] const RowView& view() const noexcept { return view_; }

 private:
  nb::object array_;
  RowView view_;
};

/// Numbers one after the other, viewed where they lie if they are native float64 without gaps, else copied. Holds the
/// array alive.
class Numbers {
 public:
  /// One dimension, or a number, which is one of size 1, of anything that varimix.rows.numbers_in_memory takes. Throws as
  /// Rows does.
  Numbers(nb::handle data, const char* name);
  [[nodiscard]] std::span<const double> span() const noexcept { return span_; }

 private:
  nb::object array_;
  std::span<const double> span_;
};

/// An array of any shape and the new array of what a function of its elements gives. Native float64 in C order is read
/// where it lies; anything else is converted into the new array, which is then also what is read.
class ElementwiseArrays {
 public:
  /// Throws as Rows does for anything but real numbers.
  ElementwiseArrays(nb::handle data, const char* name);
  [[nodiscard]] std::span<const double> in() const noexcept { return in_; }
  [[nodiscard]] std::span<double> out() const noexcept { return out_; }
  /// The new array; of a number a number.
  [[nodiscard]] nb::object result() const;

 private:
  nb::object array_;
  nb::object result_;
  std::span<const double> in_;
  std::span<double> out_;
};

/// A float64 vector, or matrix, from anything that numpy.asarray takes; a scalar is taken as one of size 1.
[[nodiscard]] Vector to_vector(nb::handle value, const char* name);
[[nodiscard]] Matrix to_matrix(nb::handle value, const char* name);

/// A key from an integer >= 0 or an array of them.
[[nodiscard]] Key to_key(nb::handle value, const char* name);

/// Applies `function(std::span<const double> in, std::span<double> out)` to all elements of an array-like, without the
/// interpreter's lock; a number gives a number.
template <class Function>
[[nodiscard]] nb::object map_span(nb::handle x, const char* name, Function&& function);

/// The same with a function of one element, which must not throw; on all cores.
template <class Function>
[[nodiscard]] nb::object map_elements(nb::handle x, const char* name, Function&& function);

}  // namespace varimix::python

#include "map_elements.hpp"
