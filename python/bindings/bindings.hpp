#pragma once

#include <nanobind/eigen/dense.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>

namespace nb = nanobind;

namespace varimix::python {

/// One function a layer; each adds its types to the module.
void bind_core(nb::module_& m);
void bind_stats(nb::module_& m);
void bind_mixture(nb::module_& m);
void bind_update_rules(nb::module_& m);
void bind_em(nb::module_& m);

/// str() of anything that prints to a stream.
template <class Value>
std::string to_string(const Value& value);

}  // namespace varimix::python

#include <sstream>

namespace varimix::python {

template <class Value>
std::string to_string(const Value& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

}  // namespace varimix::python
