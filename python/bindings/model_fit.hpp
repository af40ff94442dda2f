#pragma once

#include <nanobind/nanobind.h>

namespace nb = nanobind;

namespace varimix::python {

/// The attribute `fit` of every family's class. Called on the class, it fits from default_init, on a model from that
/// model.
struct FitMethod {};

/// Adds the classes of `fit`.
void bind_model_fit(nb::module_& m);

}  // namespace varimix::python
