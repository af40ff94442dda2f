#pragma once

#include <nanobind/stl/variant.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bindings.hpp"
#include "gil.hpp"
#include "numpy_arguments.hpp"
#include "varimix/core/choice.hpp"
#include "varimix/core/require.hpp"
#include "varimix/inference/standard_errors.hpp"

namespace varimix::python {

/// Returns the function of the model that Python's `function` is. It is called with the interpreter's lock.
inline Functional function_from_python(std::string name, nb::object function, IntervalScale scale) {
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
inline Functional functional_from_python(const nb::tuple& parts) {
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

inline std::vector<Functional> functionals_from_python(const nb::list& all) {
  std::vector<Functional> functionals;
  for (const nb::handle parts : all) functionals.push_back(functional_from_python(nb::cast<nb::tuple>(parts)));
  return functionals;
}

/// Returns the default functionals of a model, if they are wanted, and these.
template <Subordinator S>
std::vector<Functional> with_defaults(const MeanVarianceMixture<S>& model, bool defaults,
                                      const std::vector<Functional>& more) {
  std::vector<Functional> all;
  if (defaults) all = default_functionals(model);
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// Returns the numbers of standard errors by the names of varimix.inference.Inference.
inline nb::dict to_python(const StandardErrors& errors) {
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

}  // namespace varimix::python
