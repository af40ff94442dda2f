#pragma once

#include <nanobind/nanobind.h>

#include <optional>

#include "varimix/em/update_rule.hpp"

namespace varimix::python {

/// Returns the rule that a Python caller gave as the argument `name`: one of varimix's, or any object with
/// accumulate(running, batch, info), which may be of a class derived from one of varimix's. Throws nb::type_error
/// naming the argument for anything else: None, a class in place of a rule, hooks that do not take their arguments.
[[nodiscard]] UpdateRule to_update_rule(nanobind::handle rule, const char* name);

/// Returns to_update_rule(rule, name), or the default rule for None.
[[nodiscard]] UpdateRule rule_or_default(nanobind::handle rule, const char* name);

/// Returns to_update_rule(rule, name), or nothing for None.
[[nodiscard]] std::optional<UpdateRule> optional_rule(nanobind::handle rule, const char* name);

/// Returns the rule as a Python object; for a rule of the user's, the user's own object.
[[nodiscard]] nanobind::object to_python(const UpdateRule& rule);

/// Returns the user's own object if `rule` is a rule of the user's or wraps one; else None.
[[nodiscard]] nanobind::object users_rule_of(const UpdateRule& rule);

}  // namespace varimix::python
