#include <nanobind/stl/variant.h>

#include "bindings.hpp"
#include "inference_values.hpp"
#include "numpy_arguments.hpp"

namespace varimix::python {
namespace {

InferenceOptions options_from_python(const nb::dict& given) {
  InferenceOptions options;
  const auto text = [&](const char* name) { return nb::cast<std::string>(given[name]); };
  options.cov_type = choice_from<CovType>(text("cov_type"), "cov_type");
  options.cosines = nb::cast<int>(given["cosines"]);
  if (!nb::object(given["maxlags"]).is_none()) options.lags = nb::cast<Index>(given["maxlags"]);
  options.symmetric = nb::cast<bool>(given["symmetric"]);
  options.fixed = nb::cast<std::vector<std::string>>(given["fixed"]);
  options.alpha_min = choice_from<AlphaMin>(text("alpha_min"), "alpha_min");
  options.missing = choice_from<Missing>(text("missing"), "missing");
  if (given.contains("replicas")) options.replicas = nb::cast<int>(given["replicas"]);
  return options;
}

nb::dict standard_errors_of(const AnyMeanVarianceMixture& any, nb::handle x, bool defaults, const nb::list& functionals,
                            const nb::dict& given, nb::handle weights) {
  const InferenceOptions options = options_from_python(given);
  const std::vector<Functional> more = functionals_from_python(functionals);
  return std::visit(
      [&](const auto& model) {
        const Rows rows(x, model.d(), "X", model.columns());
        std::optional<Numbers> numbers;
        if (!weights.is_none()) numbers.emplace(weights, "weights");
        const std::vector<Functional> all = with_defaults(model, defaults, more);
        return to_python(rows.read([&](const RowView& view) {
          // No weights are none at all, not an array of none.
          if (numbers && numbers->span().empty()) require(false, "weights", "one a row, or None", 0);
          return standard_errors(model, view, all, options, numbers ? numbers->span() : std::span<const double>());
        }));
      },
      any);
}

/// Returns how many parameters a fit of this law with these held was free to choose.
Index free_parameters_of(const AnyMeanVarianceMixture& any, bool symmetric, const std::vector<std::string>& fixed) {
  return std::visit(
      [&](const auto& model) { return free_parameters(model.d(), fix_parameters(model, fixed, symmetric)); }, any);
}

Matrix intervals_of(const Vector& values, const Vector& errors, const std::vector<std::string>& scales, Index rows,
                    const nb::dict& given, double alpha) {
  StandardErrors of;
  of.params = values;
  of.bse = errors;
  for (const std::string& scale : scales) of.scales.push_back(choice_from<IntervalScale>(scale, "scale"));
  of.rows = rows;
  of.options = options_from_python(given);
  return of.conf_int(alpha);
}

}  // namespace

void bind_inference(nb::module_& m) {
  m.def("standard_errors", &standard_errors_of, nb::arg("model"), nb::arg("X"), nb::arg("defaults"),
        nb::arg("functionals"), nb::arg("options"), nb::arg("weights").none(),
        nb::sig("def standard_errors(model: MeanVarianceMixture, X: numpy.typing.ArrayLike, defaults: bool, "
                "functionals: list[tuple[typing.Any, ...]], options: dict[str, typing.Any], weights: "
                "numpy.typing.ArrayLike | None) -> dict[str, typing.Any]"),
        "Return the numbers of varimix.inference.inference.");
  m.def("free_parameters", &free_parameters_of, nb::arg("model"), nb::arg("symmetric"), nb::arg("fixed"),
        nb::sig("def free_parameters(model: MeanVarianceMixture, symmetric: bool, fixed: list[str]) -> int"),
        "Return how many parameters a fit of this law was free to choose.");
  m.def("confidence_intervals", &intervals_of, nb::arg("values"), nb::arg("errors"), nb::arg("scales"), nb::arg("rows"),
        nb::arg("options"), nb::arg("alpha"),
        nb::sig("def confidence_intervals(values: numpy.typing.ArrayLike, errors: numpy.typing.ArrayLike, scales: "
                "collections.abc.Sequence[str], rows: int, options: dict[str, typing.Any], alpha: float) -> "
                "numpy.typing.NDArray[numpy.float64]"),
        "Return the intervals (k, 2) of varimix.inference.Inference.conf_int.");
}

}  // namespace varimix::python
