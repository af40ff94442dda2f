#pragma once

#include <nanobind/nanobind.h>

#include "varimix/core/row_view.hpp"
#include "varimix/core/types.hpp"
#include "varimix/random/key.hpp"

namespace nb = nanobind;

namespace varimix::python {

/// Rows that a Python caller gave, viewed where they lie; a copy is made only of types other than native float64 and
/// float32. Holds the array alive; read it without the interpreter's lock.
class Rows {
 public:
  /// `data` is anything that numpy.asarray takes. Two dimensions, or one, which is n rows of one column if `d` is 1 or
  /// unknown (0). Throws std::invalid_argument naming `name` for objects, strings, complex or masked arrays and for
  /// other shapes.
  Rows(nb::handle data, Index d, const char* name = "X");
  [[nodiscard]] const RowView& view() const noexcept { return view_; }

 private:
  nb::object array_;
  RowView view_;
};

/// A float64 vector, or matrix, from anything that numpy.asarray takes; a scalar is taken as one of size 1.
[[nodiscard]] Vector to_vector(nb::handle value, const char* name);
[[nodiscard]] Matrix to_matrix(nb::handle value, const char* name);

/// A key from an integer >= 0 or an array of them.
[[nodiscard]] Key to_key(nb::handle value, const char* name);

/// Applies `function` to every element of an array-like, without the interpreter's lock; a number gives a number.
template <class Function>
[[nodiscard]] nb::object map_elements(nb::handle x, const char* name, Function&& function);

}  // namespace varimix::python

#include "map_elements.hpp"
