#include <nanobind/stl/optional.h>
#include <nanobind/stl/variant.h>

#include <optional>
#include <string>

#include "bindings.hpp"
#include "gil.hpp"
#include "numpy_arguments.hpp"
#include "varimix/risk/optimal_portfolio.hpp"

namespace varimix::python {
namespace {

/// Returns the numbers of a portfolio by the names of varimix.risk.OptimalPortfolio.
nb::dict numbers_of_optimum(const OptimalPortfolio& found) {
  nb::dict numbers;
  numbers["weights"] = found.weights.size() == 0 ? nb::none() : nb::cast(found.weights);
  numbers["alpha"] = found.alpha;
  numbers["expected_shortfall"] = found.expected_shortfall;
  numbers["gap"] = found.gap;
  numbers["iterations"] = found.iterations;
  numbers["status"] = std::string(word(found.status));
  return numbers;
}

/// Arrays come from varimix.risk.constraints, which has checked them.
PortfolioConstraints constraints_of(std::optional<double> budget, std::optional<double> target_return, nb::handle lower,
                                    nb::handle upper, nb::handle rows, nb::handle low, nb::handle high) {
  return {.budget = budget,
          .target_return = target_return,
          .lower = to_vector(lower, "lower"),
          .upper = to_vector(upper, "upper"),
          .rows = to_matrix(rows, "rows"),
          .low = to_vector(low, "low"),
          .high = to_vector(high, "high")};
}

nb::dict minimum_shortfall_of(const AnyMeanVarianceMixture& any, double alpha, std::optional<double> target_return,
                              std::optional<double> budget, nb::handle lower, nb::handle upper, nb::handle rows,
                              nb::handle low, nb::handle high) {
  const PortfolioConstraints constraints = constraints_of(budget, target_return, lower, upper, rows, low, high);
  return numbers_of_optimum([&] {
    const GilRelease release;
    return std::visit([&](const auto& model) { return minimum_expected_shortfall(model, alpha, constraints); }, any);
  }());
}

nb::dict maximum_mean_of(const AnyMeanVarianceMixture& any, double alpha, std::optional<double> budget,
                         nb::handle lower, nb::handle upper, nb::handle rows, nb::handle low, nb::handle high) {
  const PortfolioConstraints constraints = constraints_of(budget, std::nullopt, lower, upper, rows, low, high);
  return numbers_of_optimum([&] {
    const GilRelease release;
    return std::visit([&](const auto& model) { return maximum_mean(model, alpha, constraints); }, any);
  }());
}

nb::dict equal_contribution_of(const AnyMeanVarianceMixture& any, double alpha, nb::handle budgets) {
  const Vector shares = budgets.is_none() ? Vector() : to_vector(budgets, "budgets");
  return numbers_of_optimum([&] {
    const GilRelease release;
    return std::visit([&](const auto& model) { return equal_contribution(model, alpha, shares); }, any);
  }());
}

std::string optimum_sentence(const std::string& status) {
  return std::string(sentence(choice_from<OptimumStatus>(status, "status")));
}

}  // namespace

void bind_risk_optimum(nb::module_& m) {
  m.def("minimum_expected_shortfall", &minimum_shortfall_of, nb::arg("model"), nb::arg("alpha"),
        nb::arg("target_return").none(), nb::arg("budget").none(), nb::arg("lower"), nb::arg("upper"), nb::arg("rows"),
        nb::arg("low"), nb::arg("high"),
        nb::sig("def minimum_expected_shortfall(model: MeanVarianceMixture, alpha: float, target_return: float | None, "
                "budget: float | None, lower: numpy.typing.ArrayLike, upper: numpy.typing.ArrayLike, "
                "rows: numpy.typing.ArrayLike, low: numpy.typing.ArrayLike, high: numpy.typing.ArrayLike) -> "
                "dict[str, typing.Any]"),
        "Return the numbers of varimix.risk.minimum_expected_shortfall.");
  m.def("maximum_mean", &maximum_mean_of, nb::arg("model"), nb::arg("alpha"), nb::arg("budget").none(),
        nb::arg("lower"), nb::arg("upper"), nb::arg("rows"), nb::arg("low"), nb::arg("high"),
        nb::sig("def maximum_mean(model: MeanVarianceMixture, alpha: float, budget: float | None, "
                "lower: numpy.typing.ArrayLike, upper: numpy.typing.ArrayLike, rows: numpy.typing.ArrayLike, "
                "low: numpy.typing.ArrayLike, high: numpy.typing.ArrayLike) -> dict[str, typing.Any]"),
        "Return the numbers of the portfolio of the largest mean.");
  m.def("equal_contribution", &equal_contribution_of, nb::arg("model"), nb::arg("alpha"), nb::arg("budgets").none(),
        nb::sig("def equal_contribution(model: MeanVarianceMixture, alpha: float, "
                "budgets: numpy.typing.ArrayLike | None) -> dict[str, typing.Any]"),
        "Return the numbers of varimix.risk.equal_contribution.");
  m.def("optimum_sentence", &optimum_sentence, nb::arg("status"),
        "Return what a status of varimix.risk.OptimalPortfolio means; '' for 'ok'.");
}

}  // namespace varimix::python
