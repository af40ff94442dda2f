#include <nanobind/stl/variant.h>

#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "varimix/risk/portfolio.hpp"

namespace varimix::python {
namespace {

nb::object vector_or_none(const Vector& values) { return values.size() == 0 ? nb::none() : nb::cast(values); }

/// Returns the numbers of a portfolio by the names of varimix.risk.PortfolioRisk.
nb::dict risk_of(const AnyMeanVarianceMixture& any, nb::handle w, double alpha) {
  const Vector weights = to_vector(w, "w");
  const PortfolioRisk risk = std::visit([&](const auto& model) { return portfolio_risk(model, weights, alpha); }, any);
  nb::dict numbers;
  numbers["w"] = nb::cast(risk.w);
  numbers["alpha"] = risk.alpha;
  numbers["value_at_risk"] = risk.value_at_risk;
  numbers["expected_shortfall"] = risk.expected_shortfall;
  numbers["value_at_risk_contributions"] = vector_or_none(risk.value_at_risk_contributions());
  numbers["expected_shortfall_contributions"] = vector_or_none(risk.expected_shortfall_contributions());
  numbers["value_at_risk_gradient"] = vector_or_none(risk.value_at_risk_gradient);
  numbers["expected_shortfall_gradient"] = vector_or_none(risk.expected_shortfall_gradient);
  numbers["E_Y_at_quantile"] = risk.E_Y_at_quantile;
  numbers["E_Y_in_tail"] = risk.E_Y_in_tail;
  numbers["status"] = std::string(word(risk.status));
  return numbers;
}

Matrix hessian_of(const AnyMeanVarianceMixture& any, nb::handle w, double alpha) {
  const Vector weights = to_vector(w, "w");
  return std::visit(
      [&](const auto& model) { return expected_shortfall_hessian(model, portfolio_risk(model, weights, alpha)); }, any);
}

}  // namespace

void bind_risk_portfolio(nb::module_& m) {
  m.def("portfolio_risk", &risk_of, nb::arg("model"), nb::arg("w").none(), nb::arg("alpha"),
        nb::sig("def portfolio_risk(model: MeanVarianceMixture, w: numpy.typing.ArrayLike, alpha: float) -> "
                "dict[str, typing.Any]"),
        "Return the numbers of varimix.risk.portfolio.");
  m.def("expected_shortfall_hessian", &hessian_of, nb::arg("model"), nb::arg("w"), nb::arg("alpha"),
        nb::sig("def expected_shortfall_hessian(model: MeanVarianceMixture, w: numpy.typing.ArrayLike, alpha: float) "
                "-> numpy.typing.NDArray[numpy.float64]"),
        "Return the Hessian of the expected shortfall in w (d, d).");
}

}  // namespace varimix::python
