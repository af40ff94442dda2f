#include "python_rule.hpp"

#include <string>
#include <utility>

#include "bindings.hpp"
#include "gil.hpp"
#include "plain_data.hpp"

namespace varimix::python {
namespace {

Eta eta_of(const nb::object& returned, const char* method) {
  if (!nb::isinstance<Eta>(returned)) {
    throw nb::type_error(
        (std::string(method) + " of an update rule must return Eta, got " + nb::cast<std::string>(nb::repr(returned)))
            .c_str());
  }
  return nb::cast<Eta>(returned);
}

[[noreturn]] void refuse(const nb::object& rule, const char* name, const std::string& why) {
  throw nb::type_error(
      (std::string(name) + " must be an update rule, got " + nb::cast<std::string>(nb::repr(rule)) + ", " + why)
          .c_str());
}

/// Whether a callable takes `arguments`; true where Python does not know what it takes.
bool takes(const nb::object& callable, const nb::tuple& arguments) {
  try {
    nb::module_::import_("inspect").attr("signature")(callable).attr("bind")(*arguments);
    return true;
  } catch (const nb::python_error& error) {
    if (error.matches(PyExc_ValueError)) return true;  // of signature: there is none to see
    if (!error.matches(PyExc_TypeError)) throw;
    return false;
  }
}

/// A method that a rule may have.
void check_method(const nb::object& rule, const char* name, const char* method, const char* parameters,
                  const nb::tuple& arguments) {
  if (!nb::hasattr(rule, method)) return;
  const nb::object bound = rule.attr(method);
  if (PyCallable_Check(bound.ptr()) == 0) refuse(rule, name, std::string("whose ") + method + " is no method");
  if (!takes(bound, arguments))
    refuse(rule, name, std::string("whose ") + method + " does not take (" + parameters + ")");
}

}  // namespace

PythonRule::PythonRule(nb::object rule, const char* name) : rule_(std::move(rule)) {
  if (nb::isinstance<nb::type_object>(rule_)) refuse(rule_, name, "a class: give an instance of it");
  if (!nb::hasattr(rule_, "accumulate")) refuse(rule_, name, "which has no accumulate(running, batch, info)");
  check_method(rule_, name, "accumulate", "running, batch, info", nb::make_tuple(nb::none(), nb::none(), nb::none()));
  for (const char* method : {"emit", "report"}) {
    check_method(rule_, name, method, "running", nb::make_tuple(nb::none()));
  }
  check_method(rule_, name, "rescale_y", "s", nb::make_tuple(1.0));
}

PythonRule::PythonRule(const PythonRule& other) {
  const GilAcquire acquire;
  rule_ = nb::module_::import_("copy").attr("deepcopy")(other.rule_);
}

PythonRule::PythonRule(PythonRule&& other) noexcept : rule_(std::move(other.rule_)) {}

PythonRule& PythonRule::operator=(const PythonRule& other) {
  if (this != &other) *this = PythonRule(other);
  return *this;
}

PythonRule& PythonRule::operator=(PythonRule&& other) noexcept {
  std::swap(rule_, other.rule_);
  return *this;
}

PythonRule::~PythonRule() {
  if (!rule_.is_valid()) return;
  const GilAcquire acquire;
  rule_.reset();
}

Eta PythonRule::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
  const GilAcquire acquire;
  return eta_of(rule_.attr("accumulate")(running, batch, info), "accumulate");
}

Eta PythonRule::emit(const Eta& running) const {
  const GilAcquire acquire;
  if (!nb::hasattr(rule_, "emit")) return running;
  return eta_of(rule_.attr("emit")(running), "emit");
}

Eta PythonRule::report(const Eta& running) const {
  const GilAcquire acquire;
  if (!nb::hasattr(rule_, "report")) return emit(running);
  return eta_of(rule_.attr("report")(running), "report");
}

void PythonRule::rescale_y(double s) {
  const GilAcquire acquire;
  if (nb::hasattr(rule_, "rescale_y")) rule_.attr("rescale_y")(s);
}

bool PythonRule::operator==(const PythonRule& other) const {
  const GilAcquire acquire;
  return rule_.equal(other.rule_);
}

void bind_python_rule(nb::module_& m) {
  nb::class_<StepInfo> info(m, "StepInfo", "Where a fit stands when an update rule is asked.");
  bind_plain_data(info, [](auto& of) {
    auto& [step, weight_before, batch_weight, elapsed] = of;
    return std::tie(step, weight_before, batch_weight, elapsed);
  });
  info.def_ro("step", &StepInfo::step, "Batches learned before, from 0.")
      .def_ro("weight_before", &StepInfo::weight_before, "Total weight of the rows learned before.")
      .def_ro("batch_weight", &StepInfo::batch_weight, "Weight of the rows in hand.")
      .def_ro("elapsed", &StepInfo::elapsed, "Time since the last row before, where rows have times.")
      .def("__repr__", [](const StepInfo& of) {
        return "StepInfo(step=" + std::to_string(of.step) + ", weight_before=" + to_string(of.weight_before) +
               ", batch_weight=" + to_string(of.batch_weight) + ", elapsed=" + to_string(of.elapsed) + ")";
      });
}

}  // namespace varimix::python
