#pragma once

#include <nanobind/eigen/dense.h>

namespace varimix::python {

template <class Function>
nb::object map_elements(nb::handle x, const char* name, Function&& function) {
  const nb::object array = nb::module_::import_("numpy").attr("asarray")(x);
  Vector values = to_vector(array.attr("ravel")(), name);
  {
    const nb::gil_scoped_release release;
    for (double& value : values) value = function(value);
  }
  if (nb::cast<int>(array.attr("ndim")) == 0) return nb::float_(values(0));
  return nb::cast(std::move(values)).attr("reshape")(array.attr("shape"));
}

}  // namespace varimix::python
