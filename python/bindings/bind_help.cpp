#include "bindings.hpp"

namespace varimix::python {
namespace {

/// The attribute of a type that varimix.signatures makes for each of its objects, when it is asked for.
struct MadeOnDemand {
  std::string maker;
};

/// Sets an attribute of one of nanobind's own types, of which Python's setattr allows none.
void set_of_type(nb::handle type, const char* name, nb::handle value) {
  if (PyObject_GenericSetAttr(type.ptr(), nb::str(name).ptr(), value.ptr()) != 0) throw nb::python_error();
  PyType_Modified(reinterpret_cast<PyTypeObject*>(type.ptr()));
}

/// Returns the first sentence of a function's documentation, in one line.
std::string first_sentence(nb::handle function) {
  const auto text = nb::cast<std::string>(function.attr("__nb_signature__")[0][1]);
  std::string sentence = text.substr(0, text.find("\n\n"));
  for (char& c : sentence) c = c == '\n' ? ' ' : c;
  return sentence.substr(0, sentence.find(". "));
}

/// Makes the functions that are called on a class static methods for Python's tools too, and lists them in its
/// documentation.
void show_static_methods(nb::handle bound, nb::handle type_of_functions) {
  const nb::module_ builtins = nb::module_::import_("builtins");
  std::string list;
  for (const auto& [name, member] : nb::borrow<nb::dict>(builtins.attr("dict")(bound.attr("__dict__")))) {
    if (!member.type().is(type_of_functions)) continue;
    list += "\n* ``" + nb::cast<std::string>(name) + "``: " + first_sentence(member);
    if (list.back() != '.') list += '.';
    nb::setattr(bound, name, builtins.attr("staticmethod")(member));
  }
  if (list.empty()) return;
  const auto text = nb::cast<std::string>(bound.attr("__doc__"));
  nb::setattr(bound, "__doc__", nb::str((text + "\n\nCalled on the class:\n" + list).c_str()));
}

}  // namespace

void bind_help(nb::module_& m) {
  nb::class_<MadeOnDemand> made(m, "MadeOnDemand", "An attribute of functions or classes that is made on demand.");
  made.def(
      "__get__",
      [](const MadeOnDemand& self, nb::handle object, nb::handle /*type*/) {
        if (object.is_none()) return nb::object(nb::none());
        return nb::module_::import_("varimix.signatures").attr(self.maker.c_str())(object);
      },
      nb::arg("object").none(), nb::arg("type") = nb::none(),
      nb::sig("def __get__(self, object: object | None, type: type | None = None) -> typing.Any"),
      "Return the attribute of ``object``; None for the type itself.");
  const auto on_demand = [](const char* maker) { return nb::cast(MadeOnDemand{.maker = maker}); };
  const nb::handle function = m.attr("threads").type();
  const nb::handle method = made.attr("__get__").type();
  const nb::handle bound_method = on_demand("").attr("__get__").type();

  for (const auto& [name, member] : nb::borrow<nb::dict>(m.attr("__dict__"))) {
    if (nb::isinstance<nb::type_object>(member) && nb::type_check(member)) show_static_methods(member, function);
  }
  for (const nb::handle type : {function, method}) set_of_type(type, "__signature__", on_demand("of_function"));
  set_of_type(bound_method, "__signature__", on_demand("of_bound_method"));
  set_of_type(made.type(), "__signature__", on_demand("of_class"));
  // inspect.isroutine takes what has __get__ for a routine, and pydoc shows nothing else as a function.
  set_of_type(function, "__get__",
              nb::cpp_function([](nb::handle self, nb::handle /*object*/, nb::handle /*type*/) { return self; },
                               nb::name("__get__"), nb::is_method()));
}

}  // namespace varimix::python
