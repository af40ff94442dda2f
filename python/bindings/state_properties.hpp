#pragma once

#include "any_family.hpp"
#include "bindings.hpp"

namespace varimix::python {

/// Binds the properties of a state.
void bind_state_properties(nb::class_<AnyOnlineEM>& state);

}  // namespace varimix::python
