#include "python_rule.hpp"

#include <utility>

#include "bindings.hpp"

namespace varimix::python {
namespace {

Expectations eta_of(const nb::object& returned, const char* method) {
  Expectations eta;
  if (!nb::try_cast(returned, eta)) {
    throw nb::type_error((std::string(method) + " of an update rule must return Expectations, got " +
                          nb::cast<std::string>(nb::repr(returned)))
                             .c_str());
  }
  return eta;
}

}  // namespace

PythonRule::PythonRule(nb::object rule) : rule_(std::move(rule)) {
  if (!nb::hasattr(rule_, "accumulate")) {
    throw nb::type_error(("eta_update must be an update rule, got " + nb::cast<std::string>(nb::repr(rule_)) +
                          ", which has no accumulate(running, batch, info)")
                             .c_str());
  }
}

PythonRule::PythonRule(const PythonRule& other) {
  const nb::gil_scoped_acquire acquire;
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
  const nb::gil_scoped_acquire acquire;
  rule_.reset();
}

Expectations PythonRule::accumulate(const Expectations& running, const Expectations& batch, const StepInfo& info) {
  const nb::gil_scoped_acquire acquire;
  return eta_of(rule_.attr("accumulate")(running, batch, info), "accumulate");
}

Expectations PythonRule::emit(const Expectations& running) const {
  const nb::gil_scoped_acquire acquire;
  if (!nb::hasattr(rule_, "emit")) return running;
  return eta_of(rule_.attr("emit")(running), "emit");
}

Expectations PythonRule::report(const Expectations& running) const {
  const nb::gil_scoped_acquire acquire;
  if (!nb::hasattr(rule_, "report")) return emit(running);
  return eta_of(rule_.attr("report")(running), "report");
}

void PythonRule::rescale_y(double s) {
  const nb::gil_scoped_acquire acquire;
  if (nb::hasattr(rule_, "rescale_y")) rule_.attr("rescale_y")(s);
}

bool PythonRule::operator==(const PythonRule& other) const {
  const nb::gil_scoped_acquire acquire;
  return rule_.equal(other.rule_);
}

void bind_python_rule(nb::module_& m) {
  nb::class_<StepInfo>(m, "StepInfo", "Where a fit stands when an update rule is asked.")
      .def_ro("step", &StepInfo::step, "Batches learned before, from 0.")
      .def_ro("weight_before", &StepInfo::weight_before, "Total weight of the rows learned before.")
      .def_ro("batch_weight", &StepInfo::batch_weight, "Weight of the rows in hand.")
      .def_ro("elapsed", &StepInfo::elapsed, "Time since the last row before, where rows have times.");
}

}  // namespace varimix::python
