#include <nanobind/stl/variant.h>

#include <utility>

#include "bindings.hpp"
#include "gil.hpp"
#include "numpy_arguments.hpp"
#include "varimix/core/choice.hpp"
#include "varimix/core/require.hpp"
#include "varimix/inference/standard_errors.hpp"

namespace varimix::python {
namespace {

/// Returns the function of the model that Python's `function` is. It is called with the interpreter's lock.
Functional function_from_python(std::string name, nb::object function, IntervalScale scale) {
  std::string shown = name;
  return function_of_model(
      std::move(name),
      [function = std::move(function), shown = std::move(shown)](const AnyMeanVarianceMixture& model) {
        return with_gil([&] {
          const nb::object value = std::visit([&](const auto& of) { return function(of); }, model);
          require(!value.is_none(), "the value of functional '" + shown + "'", "one number", "None");
          const Vector number = to_vector(value, ("the value of functional '" + shown + "'").c_str());
          require(number.size() == 1, "the value of functional '" + shown + "'", "one number", number.size());
          return number(0);
        });
      },
      scale);
}

/// Makes a functional of (name, kind, w, at, function, scale).
Functional functional_from_python(const nb::tuple& parts) {
  auto name = nb::cast<std::string>(parts[0]);
  const auto kind = choice_from<FunctionalKind>(nb::cast<std::string>(parts[1]), "kind");
  if (kind == FunctionalKind::kFunction) {
    return function_from_python(std::move(name), nb::object(parts[4]),
                                choice_from<IntervalScale>(nb::cast<std::string>(parts[5]), "scale"));
  }
  const Vector w = to_vector(parts[2], "w");
  const auto at = nb::cast<double>(parts[3]);
  if (kind == FunctionalKind::kValueAtRisk) return value_at_risk_of(std::move(name), w, at);
  if (kind == FunctionalKind::kExpectedShortfall) return expected_shortfall_of(std::move(name), w, at);
  return cdf_of(std::move(name), w, at);
}

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
  return options;
}

/// Returns the numbers of standard errors by the names of varimix.inference.Inference.
nb::dict to_python(const StandardErrors& errors) {
  nb::dict numbers;
  numbers["names"] = nb::cast(errors.names);
  numbers["values"] = nb::cast(errors.params);
  numbers["errors"] = errors.has_errors() ? nb::cast(errors.bse) : nb::none();
  numbers["covariance"] = errors.cov_params ? nb::cast(*errors.cov_params) : nb::none();
  nb::list scales, notes;
  for (const IntervalScale scale : errors.scales) scales.append(std::string(word(scale)));
  for (const auto& [note, detail] : errors.notes) {
    notes.append(nb::make_tuple(std::string(word(note)), std::string(sentence(note)), detail));
  }
  numbers["scales"] = nb::tuple(scales);
  numbers["notes"] = nb::tuple(notes);
  numbers["family"] = std::string(word(errors.family));
  numbers["n"] = errors.rows;
  numbers["total_weight"] = errors.total_weight;
  numbers["free_parameters"] = errors.free_parameters;
  numbers["log_likelihood"] = errors.log_likelihood;
  numbers["distance_to_maximum"] = nb::cast(errors.distance_to_maximum);
  return numbers;
}

nb::dict standard_errors_of(const AnyMeanVarianceMixture& any, nb::handle x, bool defaults, const nb::list& functionals,
                            const nb::dict& given, nb::handle weights) {
  const InferenceOptions options = options_from_python(given);
  std::vector<Functional> more;
  for (const nb::handle parts : functionals) more.push_back(functional_from_python(nb::cast<nb::tuple>(parts)));
  return std::visit(
      [&](const auto& model) {
        const Rows rows(x, model.d(), "X", model.columns());
        std::optional<Numbers> numbers;
        if (!weights.is_none()) numbers.emplace(weights, "weights");
        std::vector<Functional> all;
        if (defaults) all = default_functionals(model);
        all.insert(all.end(), more.begin(), more.end());
        return to_python(rows.read([&](const RowView& view) {
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
