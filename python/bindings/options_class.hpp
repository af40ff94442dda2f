#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>

#include "bindings.hpp"
#include "plain_data.hpp"

namespace varimix::python {

/// Adds the k-th option as a read-only property.
template <std::size_t k, class Fitter, class Names, class Tie>
void bind_option(nb::class_<Fitter>& bound, const Names& names, Tie tie) {
  bound.def_prop_ro(
      names[k], [tie](const Fitter& fitter) { return member_to_python(std::get<k>(tie(fitter.options()))); },
      nb::for_getter(nb::sig(("def " + std::string(names[k]) + "(self) -> typing.Any").c_str())),
      "The option as it was given.");
}

/// Returns "Name(option=value, ...)", with the options that differ from their defaults.
template <class Fitter, class Names, class Tie>
std::string options_repr(nb::handle self, const Fitter& fitter, const Names& names, Tie tie) {
  const nb::tuple given = members_to_python(fitter.options(), tie);
  const nb::tuple defaults = members_to_python(Fitter().options(), tie);
  std::string shown;
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (given[k].equal(defaults[k])) continue;
    shown += (shown.empty() ? "" : ", ") + std::string(names[k]) + "=" + nb::cast<std::string>(nb::repr(given[k]));
  }
  return nb::cast<std::string>(self.type().attr("__name__")) + "(" + shown + ")";
}

/// Binds a class that is its options: each is a property, and the class is a value that is compared, printed, pickled
/// and copied by them.
template <class Fitter, class Names, class Tie>
void bind_options(nb::class_<Fitter>& bound, const Names& names, Tie tie) {
  using Options = std::decay_t<decltype(std::declval<const Fitter&>().options())>;
  static_assert(std::tuple_size_v<Names> == std::tuple_size_v<decltype(tie(std::declval<Options&>()))>);
  [&]<std::size_t... k>(std::index_sequence<k...> /*options*/) { (bind_option<k>(bound, names, tie), ...); }
  (std::make_index_sequence<std::tuple_size_v<Names>>());
  bound
      .def(
          "__eq__", [tie](const Fitter& a, const Fitter& b) { return same_members(a.options(), b.options(), tie); },
          nb::is_operator())
      .def("__repr__", [names, tie](nb::pointer_and_handle<Fitter> self) {
        return options_repr(self.h, static_cast<const Fitter&>(*self.p), names, tie);
      });
  bound.attr("__hash__") = nb::none();
  bind_pickling(
      bound, [tie](const Fitter& fitter) { return members_to_python(fitter.options(), tie); },
      [tie](nb::handle parts) { return Fitter(members_from_python<Options>(parts, tie)); });
}

}  // namespace varimix::python
