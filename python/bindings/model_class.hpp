#pragma once

#include <nanobind/nanobind.h>

#include "gil.hpp"
#include "numpy_arguments.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace nb = nanobind;

namespace varimix::python {

template <class S>
using Model = nb::class_<MeanVarianceMixture<S>>;

/// Each of these functions adds a part to a family's class, and is in the source that is named after it.
template <class S>
void bind_model_construction(Model<S>& model);
template <class S>
void bind_model_parameters(Model<S>& model);
template <class S>
void bind_model_columns(Model<S>& model);
template <class S>
void bind_model_rows(Model<S>& model);
template <class S>
void bind_model_missing(Model<S>& model);
template <class S>
void bind_model_tails(Model<S>& model);
template <class S>
void bind_model_risk(Model<S>& model);
template <class S>
void bind_model_divergences(Model<S>& model);

/// Returns function(view of the rows), run without the interpreter's lock. Rows with names are put into the model's order.
template <class S, class Function>
auto on_rows(const MeanVarianceMixture<S>& model, nb::handle x, Function&& function) {
  return Rows(x, model.d(), "X", model.columns()).read(std::forward<Function>(function));
}

/// Each of these functions adds a class of results of the functions above.
void bind_e_step_result(nb::module_& m);
void bind_row_posteriors(nb::module_& m);
void bind_conditional(nb::module_& m);
void bind_monte_carlo_estimate(nb::module_& m);

}  // namespace varimix::python
