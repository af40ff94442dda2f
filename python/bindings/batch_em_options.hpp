#pragma once

#include <nanobind/nanobind.h>

#include <optional>

#include "varimix/em/batch_em_fitter.hpp"

namespace varimix::python {

/// The prior that a Python caller gave; None is none. TypeError for anything but a Shrinkage.
[[nodiscard]] std::optional<Shrinkage> to_shrinkage(nanobind::handle eta_update);

}  // namespace varimix::python
