#pragma once

#include <nanobind/nanobind.h>

#include "any_family.hpp"

namespace varimix::python {

/// What fit_stream returns of a BootstrapEM: the result of the fit with the rows' own weights, and the bootstrap.
struct BootstrapResult : AnyEMResult {
  nanobind::object state;
};

}  // namespace varimix::python
