#pragma once

#include "varimix/core/status.hpp"

namespace varimix::python {

/// Warns, in Python, of the outcomes that made an initial model bend.
void warn_of_degenerate_data(const Status& status);

}  // namespace varimix::python
