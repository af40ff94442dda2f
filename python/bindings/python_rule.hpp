#pragma once

#include <nanobind/nanobind.h>

#include <string>

#include "varimix/em/update_rule.hpp"

namespace nb = nanobind;

namespace varimix::python {

/// An update rule that is a Python object with `accumulate(running, batch, info)`, and `emit(running)`, `report(running)`,
/// `rescale_y(s)` where it has them. Called with the interpreter's lock, which fits otherwise do without. A copy is a
/// deep copy; what the object raises passes through.
class PythonRule {
 public:
  /// Throws nb::type_error naming the argument `name` for a class in place of a rule, without a method `accumulate`, and for a
  /// method that does not take what it is called with.
  PythonRule(nb::object rule, const char* name);
  PythonRule(const PythonRule& other);
  PythonRule(PythonRule&& other) noexcept;
  PythonRule& operator=(const PythonRule& other);
  PythonRule& operator=(PythonRule&& other) noexcept;
  ~PythonRule();

  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info);
  [[nodiscard]] Eta emit(const Eta& running) const;
  [[nodiscard]] Eta report(const Eta& running) const;
  void rescale_y(double s);
  /// Python's ==.
  bool operator==(const PythonRule& other) const;
  [[nodiscard]] const nb::object& object() const noexcept { return rule_; }

 private:
  nb::object rule_;
};

void bind_python_rule(nb::module_& m);

}  // namespace varimix::python
