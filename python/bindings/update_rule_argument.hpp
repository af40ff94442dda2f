#pragma once

#include <nanobind/nanobind.h>

#include <optional>

#include "varimix/em/update_rule.hpp"

namespace varimix::python {

/// The rule that a Python caller gave as the argument `name`: one of varimix's, or any object with accumulate(running, batch,
/// info), which one derived from varimix's with such methods of its own is too. TypeError naming it for anything else: None, a class in place of a rule, methods that cannot be called so.
[[nodiscard]] UpdateRule to_update_rule(nanobind::handle rule, const char* name);

/// The same; None is the default rule.
[[nodiscard]] UpdateRule rule_or_default(nanobind::handle rule, const char* name);

/// The same; None is none.
[[nodiscard]] std::optional<UpdateRule> optional_rule(nanobind::handle rule, const char* name);

/// The rule as the object that Python has for it: of a rule of the user's that one itself.
[[nodiscard]] nanobind::object to_python(const UpdateRule& rule);

/// The rule of the user's that `rule` is or has inside; None if there is none.
[[nodiscard]] nanobind::object users_rule_of(const UpdateRule& rule);

}  // namespace varimix::python
