#include "pickling.hpp"

#include <string>

#include "bindings.hpp"

namespace varimix::python {
namespace {

[[noreturn]] void refuse_state(nb::handle state) {
  throw nb::type_error(
      ("this is not what varimix pickles: " + nb::cast<std::string>(nb::str(state.type().attr("__name__")))).c_str());
}

void set_all(nb::handle object, nb::handle attributes) {
  if (attributes.is_none()) return;
  if (!nb::isinstance<nb::dict>(attributes)) refuse_state(attributes);
  for (const auto& [name, value] : nb::borrow<nb::dict>(attributes)) {
    if (!nb::isinstance<nb::str>(name)) refuse_state(name);
    nb::setattr(object, name, value);
  }
}

}  // namespace

nb::object attributes_of(nb::handle object) {
  return nb::module_::import_("builtins").attr("object").attr("__getstate__")(object);
}

void set_attributes(nb::handle object, nb::handle attributes) {
  if (!nb::isinstance<nb::tuple>(attributes)) return set_all(object, attributes);
  const auto [in_dict, in_slots] = pair_of(attributes);
  set_all(object, in_dict);
  set_all(object, in_slots);
}

std::pair<nb::object, nb::object> pair_of(nb::handle tuple) {
  if (!nb::isinstance<nb::tuple>(tuple) || nb::len(tuple) != 2) refuse_state(tuple);
  return {nb::object(tuple[0]), nb::object(tuple[1])};
}

nb::tuple pickled_state(nb::handle bound, nb::handle value, nb::handle attributes) {
  return nb::make_tuple(bound.attr("__name__"), value, attributes);
}

std::pair<nb::object, nb::object> value_and_attributes(nb::handle bound, nb::handle state) {
  const bool is_state = nb::isinstance<nb::tuple>(state) && nb::len(state) == 3;
  if (!is_state || !nb::object(state[0]).equal(bound.attr("__name__"))) {
    const auto name = nb::cast<std::string>(bound.attr("__name__"));
    throw nb::type_error(("this is not the state of a pickled " + name).c_str());
  }
  return {nb::object(state[1]), nb::object(state[2])};
}

nb::tuple reduced(nb::handle object) {
  return nb::make_tuple(nb::module_::import_("copyreg").attr("__newobj__"), nb::make_tuple(object.type()),
                        object.attr("__getstate__")());
}

}  // namespace varimix::python
