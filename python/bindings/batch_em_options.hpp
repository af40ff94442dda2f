#pragma once

#include <nanobind/nanobind.h>

#include <optional>

#include "varimix/em/batch_em_fitter.hpp"

namespace varimix::python {

/// Returns the prior that a Python caller gave; None means that there is none. Raises TypeError for anything but a
/// Shrinkage or None.
[[nodiscard]] std::optional<Shrinkage> to_shrinkage(nanobind::handle eta_update);

}  // namespace varimix::python
