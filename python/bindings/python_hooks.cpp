#include "python_hooks.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "bindings.hpp"
#include "varimix/em/rules/update_rules.hpp"

namespace varimix::python {
namespace {

[[noreturn]] void refuse_rule(nb::handle rule, const char* name, const std::string& why) {
  throw nb::type_error(
      (std::string(name) + " must be an update rule, got " + nb::cast<std::string>(nb::repr(rule)) + ", " + why)
          .c_str());
}

/// Returns true if a callable takes this number of arguments, or if Python does not know its arguments.
bool takes(const nb::object& callable, std::size_t arguments) {
  nb::list nothing;
  for (std::size_t k = 0; k < arguments; ++k) nothing.append(nb::none());
  try {
    nb::module_::import_("inspect").attr("signature")(callable).attr("bind")(*nb::tuple(nothing));
    return true;
  } catch (const nb::python_error& error) {
    if (error.matches(PyExc_ValueError)) return true;  // signature() found none
    if (!error.matches(PyExc_TypeError)) throw;
    return false;
  }
}

void check_hook(nb::handle rule, const char* name, const PythonHook& hook) {
  if (!has_hook(rule, hook.name)) return;
  const nb::object bound = rule.attr(hook.name);
  const std::string whose = std::string("whose ") + hook.name;
  if (PyCallable_Check(bound.ptr()) == 0) refuse_rule(rule, name, whose + " is no method");
  if (!takes(bound, hook.count)) refuse_rule(rule, name, whose + " does not take (" + hook.parameters + ")");
}

bool is_rule_of_ours(nb::handle type) {
  return UpdateRules::any_of([&]<class R>() { return type.is(nb::type<R>()); });
}

bool is_hook(const std::string& name) {
  return std::any_of(kPythonHooks.begin(), kPythonHooks.end(),
                     [&](const PythonHook& hook) { return name == hook.name; });
}

std::string nearest_hook(const std::string& name) {
  nb::list hooks;
  for (const PythonHook& hook : kPythonHooks) hooks.append(hook.name);
  const nb::object matches =
      nb::module_::import_("difflib").attr("get_close_matches")(name, hooks, nb::arg("n") = 1, nb::arg("cutoff") = 0.0);
  return nb::cast<std::string>(matches[0]);
}

/// Returns true if a class itself defines hooks.
bool defines_hooks(nb::handle type) {
  const nb::object members = type.attr("__dict__");
  return std::any_of(kPythonHooks.begin(), kPythonHooks.end(),
                     [&](const PythonHook& hook) { return nb::cast<bool>(members.attr("__contains__")(hook.name)); });
}

/// Returns the public methods that a class itself defines. Functions that are defaults of a dataclass's fields are no
/// methods.
std::vector<std::string> public_methods(nb::handle type) {
  std::vector<std::string> methods;
  const nb::object fields = nb::getattr(type, "__dataclass_fields__", nb::dict());
  const nb::object members = type.attr("__dict__");
  for (const nb::handle key : members) {
    const auto method = nb::cast<std::string>(key);
    const nb::object value = nb::getattr(type, method.c_str(), nb::none());
    const bool is_method = PyCallable_Check(value.ptr()) != 0 && !nb::isinstance<nb::type_object>(value);
    if (method.front() != '_' && is_method && !nb::cast<bool>(fields.attr("__contains__")(key))) {
      methods.push_back(method);
    }
  }
  return methods;
}

/// Returns the public method of a class whose name is near accumulate; "" if there is none.
std::string near_accumulate(nb::handle type) {
  nb::list methods;
  for (const std::string& method : public_methods(type)) methods.append(method.c_str());
  const nb::object matches =
      nb::module_::import_("difflib").attr("get_close_matches")("accumulate", methods, nb::arg("n") = 1);
  return nb::len(matches) == 0 ? "" : nb::cast<std::string>(matches[0]);
}

}  // namespace

void check_public_methods(nb::handle rule, const char* name) {
  std::vector<nb::object> hooked;
  const nb::object classes = rule.type().attr("__mro__");
  for (const nb::handle type : classes) {
    if (is_rule_of_ours(type) || defines_hooks(type)) hooked.push_back(nb::borrow(type));
  }
  for (const nb::handle type : classes) {
    const bool derives = std::any_of(hooked.begin(), hooked.end(), [&](const nb::object& base) {
      return PyObject_IsSubclass(type.ptr(), base.ptr()) == 1;
    });
    if (!derives || is_rule_of_ours(type)) continue;
    for (const std::string& method : public_methods(type)) {
      if (is_hook(method)) continue;
      refuse_rule(rule, name,
                  "whose method " + method + " is none that a fit calls: is it " + nearest_hook(method) +
                      "? Methods of your own begin with an underscore");
    }
  }
}

bool has_hook(nb::handle object, const char* hook) {
  const nb::object found = nb::steal(PyObject_GetAttrString(object.ptr(), hook));
  if (found.is_valid()) return true;
  if (PyErr_ExceptionMatches(PyExc_AttributeError) == 0) throw nb::python_error();
  PyErr_Clear();
  return false;
}

bool has_hooks(nb::handle object) {
  return std::any_of(kPythonHooks.begin(), kPythonHooks.end(),
                     [&](const PythonHook& hook) { return has_hook(object, hook.name); });
}

void check_python_rule(nb::handle rule, const char* name) {
  if (nb::isinstance<nb::type_object>(rule)) refuse_rule(rule, name, "a class: give an instance of it");
  if (!has_hook(rule, "accumulate")) {
    const std::string near = near_accumulate(rule.type());
    const bool is_derived = UpdateRules::any_of([&]<class R>() { return nb::isinstance<R>(rule); });
    const std::string hint = !near.empty() ? ": " + near + " is no such method"
                             : is_derived ? ": a class derived from a rule of varimix's with hooks of its own needs one"
                                          : "";
    refuse_rule(rule, name, "which has no accumulate(running, batch, info)" + hint);
  }
  check_public_methods(rule, name);
  for (const PythonHook& hook : kPythonHooks) check_hook(rule, name, hook);
}

}  // namespace varimix::python
