#pragma once

#include <nanobind/nanobind.h>

#include <array>

namespace varimix::python {

/// A hook that a rule in Python may have: its name and its parameters.
struct PythonHook {
  const char* name;
  const char* parameters;
  std::size_t count;  ///< number of parameters
};

/// All hooks, as UpdateHooks and RuleHooks have them.
inline constexpr std::array<PythonHook, 12> kPythonHooks = {{{"accumulate", "running, batch, info", 3},
                                                             {"emit", "running", 1},
                                                             {"report", "running", 1},
                                                             {"parts", "info, d", 2},
                                                             {"time_half_life", "", 0},
                                                             {"initial_weight", "", 0},
                                                             {"weights_sum_to_one", "", 0},
                                                             {"check", "d", 1},
                                                             {"rescale_y", "s", 1},
                                                             {"same_settings", "other", 1},
                                                             {"name", "", 0},
                                                             {"merge", "other, ancestor, combine", 3}}};

[[nodiscard]] bool has_hooks(nanobind::handle object);

/// Returns true if an object has a hook. Unlike Python's hasattr it passes on what a property raises, but for AttributeError.
[[nodiscard]] bool has_hook(nanobind::handle object, const char* hook);

/// Throws nb::type_error naming the argument `name` for a public method that is no hook, because it is probably a hook
/// misspelt. Only classes that define hooks, and classes derived from those or from varimix's rules, are checked; other
/// bases may have any methods.
void check_public_methods(nanobind::handle rule, const char* name);

/// Throws nb::type_error naming the argument `name` for a class in place of a rule, for an object without a method
/// `accumulate`, for a hook that does not take its arguments, and if check_public_methods throws.
void check_python_rule(nanobind::handle rule, const char* name);

}  // namespace varimix::python
