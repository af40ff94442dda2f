#pragma once

#include <nanobind/nanobind.h>

#include <new>
#include <utility>

namespace nb = nanobind;

namespace varimix::python {

/// Objects are pickled, and with that copied, by every protocol as (name of the class, value, attributes that Python
/// added).

/// Returns the attributes that Python added to an object: a dict, or (dict or None, dict of slots), or None.
[[nodiscard]] nb::object attributes_of(nb::handle object);
/// Sets these attributes. Throws nb::type_error for anything that attributes_of does not give.
void set_attributes(nb::handle object, nb::handle attributes);

/// Returns the two parts of a tuple. Throws nb::type_error for anything else.
[[nodiscard]] std::pair<nb::object, nb::object> pair_of(nb::handle tuple);

/// Returns the pickled state of an object of the class `bound`.
[[nodiscard]] nb::tuple pickled_state(nb::handle bound, nb::handle value, nb::handle attributes);
/// Returns value and attributes from such a state. Throws nb::type_error for the state of another class, and for
/// anything that is no state.
[[nodiscard]] std::pair<nb::object, nb::object> value_and_attributes(nb::handle bound, nb::handle state);

/// Returns the result of __reduce__, which pickle and copy ask for.
[[nodiscard]] nb::tuple reduced(nb::handle object);

/// Adds pickling and copying.
/// @param get  returns the picklable parts of a value.
/// @param set  returns the value from its parts; throws for anything that `get` cannot have given, before the object
///   comes to be.
template <class Bound, class Get, class Set>
void bind_pickling(Bound& bound, Get get, Set set) {
  using Value = typename Bound::Type;
  bound
      .def(
          "__getstate__",
          [get](nb::pointer_and_handle<Value> self) {
            return pickled_state(nb::type<Value>(), get(static_cast<const Value&>(*self.p)), attributes_of(self.h));
          },
          nb::sig("def __getstate__(self) -> tuple[str, object, object]"))
      .def(
          "__setstate__",
          [set](nb::pointer_and_handle<Value> self, nb::handle state) {
            const auto [parts, attributes] = value_and_attributes(nb::type<Value>(), state);
            Value value = set(nb::handle(parts));
            set_attributes(self.h, attributes);
            new (self.p) Value(std::move(value));
          },
          nb::arg("state"), nb::sig("def __setstate__(self, state: tuple[str, object, object]) -> None"))
      .def(
          "__reduce__", [](nb::pointer_and_handle<Value> self) { return reduced(self.h); },
          nb::sig("def __reduce__(self) -> tuple[typing.Any, ...]"));
}

}  // namespace varimix::python
