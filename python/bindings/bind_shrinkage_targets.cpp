#include <nanobind/stl/variant.h>

#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "varimix/em/shrinkage_targets.hpp"

namespace varimix::python {

void bind_shrinkage_targets(nb::module_& m) {
  m.def(
      "eta0_from_model",
      [](const AnyMeanVarianceMixture& any) {
        return std::visit([](const auto& model) { return eta0_from_model(model); }, any);
      },
      nb::arg("model"), nb::sig("def eta0_from_model(model: MeanVarianceMixture) -> Eta"),
      "Return the model's own expectation parameters, as a target of Shrinkage.");
  m.def(
      "eta0_isotropic",
      [](const AnyMeanVarianceMixture& any, double sigma2) {
        return std::visit([&](const auto& model) { return eta0_isotropic(model, sigma2); }, any);
      },
      nb::arg("model"), nb::arg("sigma2"),
      nb::sig("def eta0_isotropic(model: MeanVarianceMixture, sigma2: float) -> Eta"),
      "Return the target with the model's mu, gamma and law of Y, and the dispersion sigma2 I; sigma2 > 0.");
  m.def(
      "eta0_diagonal",
      [](const AnyMeanVarianceMixture& any, nb::handle diag) {
        return std::visit([&](const auto& model) { return eta0_diagonal(model, to_vector(diag, "diag")); }, any);
      },
      nb::arg("model"), nb::arg("diag"),
      nb::sig("def eta0_diagonal(model: MeanVarianceMixture, diag: numpy.typing.ArrayLike) -> Eta"),
      "Return the target with the model's mu, gamma and law of Y, and a diagonal dispersion; diag (d) > 0.");
  m.def(
      "eta0_with_sigma",
      [](const AnyMeanVarianceMixture& any, nb::handle sigma) {
        return std::visit([&](const auto& model) { return eta0_with_sigma(model, to_matrix(sigma, "Sigma0")); }, any);
      },
      nb::arg("model"), nb::arg("Sigma0"),
      nb::sig("def eta0_with_sigma(model: MeanVarianceMixture, Sigma0: numpy.typing.ArrayLike) -> Eta"),
      "Return the target with the model's mu, gamma and law of Y, and the dispersion Sigma0 (d, d), which is\n"
      "positive definite.");
}

}  // namespace varimix::python
