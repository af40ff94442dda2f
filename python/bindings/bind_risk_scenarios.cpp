#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <tuple>
#include <utility>
#include <vector>

#include "bindings.hpp"
#include "gil.hpp"
#include "numpy_arguments.hpp"
#include "varimix/risk/horizon.hpp"
#include "varimix/risk/scenarios.hpp"
#include "varimix/risk/simulated_horizon.hpp"

namespace varimix::python {
namespace {

std::span<const double> span_of(const Vector& values) {
  return {values.data(), static_cast<std::size_t>(values.size())};
}

/// Returns the numbers of scenarios by the names of varimix.risk.Scenarios. A condition is (column, lower, upper).
nb::dict scenarios_of(const AnyMeanVarianceMixture& any, const std::vector<std::tuple<Index, double, double>>& given,
                      Index n, nb::handle seed) {
  std::vector<ColumnCondition> conditions;
  conditions.reserve(given.size());
  for (const auto& [column, lower, upper] : given) conditions.push_back({column, lower, upper});
  const Key key = to_key(seed, "seed");
  const Scenarios scenarios = [&] {
    const GilRelease release;
    return std::visit([&](const auto& model) { return draw_scenarios(model, conditions, n, key); }, any);
  }();
  nb::dict numbers;
  numbers["x"] = nb::cast(scenarios.x);
  numbers["weights"] = nb::cast(scenarios.weights);
  numbers["effective_sample_size"] = scenarios.effective_sample_size;
  numbers["log_probability"] = scenarios.log_probability;
  numbers["relative_error"] = scenarios.relative_error;
  numbers["method"] = std::string(word(scenarios.method));
  numbers["status"] = std::string(word(scenarios.status));
  return numbers;
}

bool is_closed(const AnyMeanVarianceMixture& any) {
  return std::visit([](const auto& model) { return is_closed_under_sums(model); }, any);
}

AnyMeanVarianceMixture law_of_days(const AnyMeanVarianceMixture& any, double days) {
  return std::visit([&](const auto& model) { return horizon_law(model, days); }, any);
}

Vector sums_of_y(const AnyMeanVarianceMixture& any, Index days, Index n, nb::handle seed) {
  const Key key = to_key(seed, "seed");
  const GilRelease release;
  return std::visit([&](const auto& model) { return draw_sums_of_y(model.subordinator(), days, n, key); }, any);
}

RowMatrix rows_of_days(const AnyMeanVarianceMixture& any, Index days, Index n, nb::handle seed) {
  const Key key = to_key(seed, "seed");
  const GilRelease release;
  return std::visit([&](const auto& model) { return draw_horizon_rows(model, days, n, key); }, any);
}

UnivariateLaw portfolio_law(const AnyMeanVarianceMixture& any, const Vector& w) {
  return std::visit([&](const auto& model) { return model.project(w).univariate_law(); }, any);
}

/// Returns the numbers of a horizon's tail by the names of varimix.risk.HorizonRisk.
nb::dict risk_of_days(const AnyMeanVarianceMixture& any, nb::handle w, Index days, nb::handle sums, double alpha) {
  const Vector weights = to_vector(w, "w");
  const Vector draws = to_vector(sums, "sums");
  const UnivariateLaw law = portfolio_law(any, weights);
  const HorizonRisk risk = [&] {
    const GilRelease release;
    return horizon_risk(law, days, span_of(draws), alpha);
  }();
  nb::dict numbers;
  numbers["w"] = nb::cast(weights);
  numbers["alpha"] = alpha;
  numbers["value_at_risk"] = risk.value_at_risk;
  numbers["expected_shortfall"] = risk.expected_shortfall;
  numbers["value_at_risk_error"] = risk.value_at_risk_error;
  numbers["expected_shortfall_error"] = risk.expected_shortfall_error;
  numbers["effective_sample_size"] = risk.effective_sample_size;
  numbers["status"] = std::string(word(risk.status));
  return numbers;
}

std::pair<Vector, Vector> cdf_of_days(const AnyMeanVarianceMixture& any, nb::handle w, Index days, nb::handle sums,
                                      nb::handle x) {
  const Vector draws = to_vector(sums, "sums");
  const Vector points = to_vector(x, "x");
  const UnivariateLaw law = portfolio_law(any, to_vector(w, "w"));
  Vector cdf(points.size());
  Vector error(points.size());
  const GilRelease release;
  const auto size = static_cast<std::size_t>(points.size());
  horizon_cdf(law, days, span_of(draws), span_of(points), {cdf.data(), size}, {error.data(), size});
  return {std::move(cdf), std::move(error)};
}

}  // namespace

void bind_risk_scenarios(nb::module_& m) {
  m.def("draw_scenarios", &scenarios_of, nb::arg("model"), nb::arg("conditions"), nb::arg("n"), nb::arg("seed").none(),
        nb::sig("def draw_scenarios(model: MeanVarianceMixture, conditions: list[tuple[int, float, float]], n: int, "
                "seed: typing.Any) -> dict[str, typing.Any]"),
        "Return the numbers of varimix.risk.scenarios; a condition is (column, lower, upper).");
  m.def("is_closed_under_sums", &is_closed, nb::arg("model"),
        nb::sig("def is_closed_under_sums(model: MeanVarianceMixture) -> bool"),
        "Return whether varimix.risk.horizon_law has a closed form for any number of days.");
  m.def("horizon_law", &law_of_days, nb::arg("model"), nb::arg("days"),
        nb::sig("def horizon_law(model: MeanVarianceMixture, days: float) -> MeanVarianceMixture"),
        "Return varimix.risk.horizon_law.");
  m.def("convolution", &convolution, nb::arg("first"), nb::arg("second"),
        nb::sig("def convolution(first: MeanVarianceMixture, second: MeanVarianceMixture) -> MeanVarianceMixture"),
        "Return varimix.risk.convolution.");
  m.def("draw_sums_of_y", &sums_of_y, nb::arg("model"), nb::arg("days"), nb::arg("n"), nb::arg("seed").none(),
        nb::sig("def draw_sums_of_y(model: MeanVarianceMixture, days: int, n: int, seed: typing.Any) -> "
                "numpy.typing.NDArray[numpy.float64]"),
        "Return n draws of the sum of Y over days.");
  m.def("draw_horizon_rows", &rows_of_days, nb::arg("model"), nb::arg("days"), nb::arg("n"), nb::arg("seed").none(),
        nb::sig("def draw_horizon_rows(model: MeanVarianceMixture, days: int, n: int, seed: typing.Any) -> "
                "numpy.typing.NDArray[numpy.float64]"),
        "Return n draws of the sum of X over days.");
  m.def("horizon_risk", &risk_of_days, nb::arg("model"), nb::arg("w").none(), nb::arg("days"), nb::arg("sums"),
        nb::arg("alpha"),
        nb::sig("def horizon_risk(model: MeanVarianceMixture, w: numpy.typing.ArrayLike, days: int, "
                "sums: numpy.typing.ArrayLike, alpha: float) -> dict[str, typing.Any]"),
        "Return the numbers of varimix.risk.SimulatedHorizon.portfolio.");
  m.def(
      "horizon_cdf", &cdf_of_days, nb::arg("model"), nb::arg("w").none(), nb::arg("days"), nb::arg("sums"),
      nb::arg("x"),
      nb::sig("def horizon_cdf(model: MeanVarianceMixture, w: numpy.typing.ArrayLike, days: int, "
              "sums: numpy.typing.ArrayLike, x: numpy.typing.ArrayLike) -> tuple[numpy.typing.NDArray[numpy.float64], "
              "numpy.typing.NDArray[numpy.float64]]"),
      "Return estimates of P(R <= x) and their standard errors.");
}

}  // namespace varimix::python
