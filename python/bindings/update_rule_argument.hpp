#pragma once

#include <nanobind/nanobind.h>

#include "varimix/em/update_rule.hpp"

namespace varimix::python {

/// The rule that a Python caller gave; None is the default rule. TypeError for anything else.
[[nodiscard]] UpdateRule to_update_rule(nanobind::handle rule);

}  // namespace varimix::python
