#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <optional>
#include <string>

#include "python_hooks.hpp"
#include "varimix/em/update_rule.hpp"

namespace nb = nanobind;

namespace varimix::python {

/// An update rule that is a Python object with `accumulate(running, batch, info)` and any of the other hooks
/// (kPythonHooks). It is called with the interpreter's lock, which fits otherwise do without. A copy is a deep copy;
/// exceptions that the object raises pass through.
class PythonRule {
 public:
  /// Throws nb::type_error naming the argument `name` if check_python_rule does.
  PythonRule(nb::object rule, const char* name);
  PythonRule(const PythonRule& other);
  PythonRule(PythonRule&& other) noexcept;
  PythonRule& operator=(const PythonRule& other);
  PythonRule& operator=(PythonRule&& other) noexcept;
  ~PythonRule();

  /// Returns the result of Python's ==.
  bool operator==(const PythonRule& other) const;
  [[nodiscard]] const nb::object& object() const noexcept { return rule_; }
  struct Hooks;

 private:
  nb::object rule_;
};

/// Each hook calls the object's method of the same name; if there is none, the default holds.
struct PythonRule::Hooks : RuleHooks<PythonRule> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) override;
  [[nodiscard]] Eta emit(const Eta& running) const override;
  [[nodiscard]] Eta report(const Eta& running) const override;
  [[nodiscard]] std::int64_t parts(const StepInfo& info, Index d) const override;
  [[nodiscard]] std::optional<double> time_half_life() const override;
  [[nodiscard]] double initial_weight() const override;
  [[nodiscard]] bool weights_sum_to_one() const override;
  [[nodiscard]] bool can_merge() const override;
  void check(Index d) const override;
  void rescale_y(double s) override;
  [[nodiscard]] bool same_settings(const UpdateHooks& other) const override;
  [[nodiscard]] std::string name() const override;

 protected:
  void merge(const PythonRule& other, const PythonRule* ancestor, const CombineStatistics& combine) override;

 private:
  [[nodiscard]] bool has(const char* hook) const { return has_hook(object(), hook); }
};

}  // namespace varimix::python
