#pragma once

#include <nanobind/nanobind.h>

namespace nb = nanobind;

namespace varimix::python {

/// The attribute `fit` of every family's class: of the class it fits from default_init, of a model from that model.
struct FitMethod {};

/// The classes of `fit`.
void bind_model_fit(nb::module_& m);

}  // namespace varimix::python
