#pragma once

#include <nanobind/eigen/dense.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <sstream>
#include <string>

namespace nb = nanobind;

namespace varimix::python {

/// Each of these functions adds the types of its layer, or of a part of it, to the module.
void bind_core(nb::module_& m);
void bind_special(nb::module_& m);
void bind_stats(nb::module_& m);
void bind_subordinator(nb::module_& m);
void bind_mixture(nb::module_& m);
void bind_parameterizations(nb::module_& m);
void bind_risk_optimum(nb::module_& m);
void bind_risk_portfolio(nb::module_& m);
void bind_risk_scenarios(nb::module_& m);
void bind_update_rules(nb::module_& m);
void bind_shrinkage_targets(nb::module_& m);
void bind_em_result(nb::module_& m);
void bind_batch_report(nb::module_& m);
void bind_bootstrap_result(nb::module_& m);
void bind_parameter_covariance(nb::module_& m);
void bind_inference_gaussian(nb::module_& m);
void bind_online_em(nb::module_& m);
void bind_fit_stream(nb::module_& m);
void bind_incremental_em_fitter(nb::module_& m);
void bind_batch_em_fitter(nb::module_& m);
void bind_fit_best(nb::module_& m);
void bind_distributed(nb::module_& m);
void bind_inference(nb::module_& m);
void bind_inference_streams(nb::module_& m);
void bind_risk_backtest(nb::module_& m);
void bind_risk_shortfall(nb::module_& m);
void bind_inference_tests(nb::module_& m);
/// Gives every class of values above a method by which notebooks show it.
void bind_html(nb::module_& m);
/// Gives the functions, methods and classes above what help() and inspect read of them. The last of all.
void bind_help(nb::module_& m);

/// Adds == for a value that is compared by its numbers, and so is not hashed.
template <class Class>
void bind_equality(Class& bound) {
  using Value = typename Class::Type;
  bound.def(
      "__eq__", [](const Value& a, const Value& b) { return a == b; }, nb::is_operator());
  bound.attr("__hash__") = nb::none();
}

/// Returns a number as Python writes it, so that it reads back as the same number.
inline std::string show(double value) { return nb::cast<std::string>(nb::repr(nb::float_(value))); }

/// Returns the text that a value prints to a stream.
template <class Value>
std::string to_string(const Value& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

}  // namespace varimix::python
