#include <nanobind/stl/variant.h>

#include "any_family.hpp"
#include "batch_em_options.hpp"
#include "between_steps.hpp"
#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "varimix/core/require.hpp"

namespace varimix::python {
namespace {

AnyEMResult run(const BatchEMFitter& fitter, const AnyNormalMixture& any, nb::handle x, nb::handle weights,
                nb::handle progress, nb::handle callback) {
  return std::visit(
      [&](const auto& init) {
        const Rows rows(x, init.d());
        const auto w = weights.is_none() ? std::nullopt : std::optional<Numbers>(std::in_place, weights, "weights");
        require(!w || !w->span().empty(), "weights", "one for each row", "none");
        BetweenSteps between(progress, callback);
        AnyEMResult result = [&] {
          const nb::gil_scoped_release release;
          return AnyEMResult{
              fitter.fit(init, rows.view(), w ? w->span() : std::span<const double>{}, std::ref(between))};
        }();
        if (PyErr_Occurred() != nullptr) throw nb::python_error();
        return result;
      },
      any);
}

}  // namespace

std::optional<Shrinkage> to_shrinkage(nb::handle object) {
  if (object.is_none()) return std::nullopt;
  if (nb::isinstance<Shrinkage>(object)) return nb::cast<Shrinkage>(object);
  throw nb::type_error(
      ("eta_update must be a Shrinkage or None, got " + nb::cast<std::string>(nb::repr(object))).c_str());
}

void bind_batch_em_fitter(nb::module_& m) {
  nb::class_<BatchEMFitter>(m, "BatchEMFitter", "The compiled loop of varimix.BatchEMFitter.")
      .def(
          "__init__",
          [](BatchEMFitter* self, int max_iter, double tol, const std::string& acceleration,
             const std::string& regularization, nb::handle eta_update, bool symmetric,
             const std::vector<std::string>& fixed, const std::string& alpha_min, const std::string& missing) {
            new (self) BatchEMFitter({.max_iter = max_iter,
                                      .tol = tol,
                                      .acceleration = acceleration,
                                      .regularization = regularization,
                                      .eta_update = to_shrinkage(eta_update),
                                      .symmetric = symmetric,
                                      .fixed = fixed,
                                      .alpha_min = alpha_min,
                                      .missing = missing});
          },
          nb::arg("max_iter") = 500, nb::arg("tol") = 1e-9, nb::arg("acceleration") = "anderson",
          nb::arg("regularization") = "none", nb::arg("eta_update") = nb::none(), nb::arg("symmetric") = false,
          nb::arg("fixed") = nb::tuple(), nb::arg("alpha_min") = "none", nb::arg("missing") = "error",
          nb::sig("def __init__(self, max_iter: int = 500, tol: float = 1e-09, acceleration: str = 'anderson', "
                  "regularization: str = 'none', eta_update: Shrinkage | None = None, symmetric: bool = False, "
                  "fixed: collections.abc.Sequence[str] = (), alpha_min: str = 'none', "
                  "missing: str = 'error') -> None"))
      .def_prop_ro("max_iter", [](const BatchEMFitter& f) { return f.options().max_iter; })
      .def_prop_ro("missing", [](const BatchEMFitter& f) { return f.options().missing; })
      .def_prop_ro("tol", [](const BatchEMFitter& f) { return f.options().tol; })
      .def("run", &run, nb::arg("model"), nb::arg("X"), nb::arg("weights") = nb::none(),
           nb::arg("progress") = nb::none(), nb::arg("callback") = nb::none(),
           nb::sig("def run(self, model: AnyModel, X: numpy.typing.ArrayLike, weights: numpy.typing.ArrayLike | None = "
                   "None, progress: collections.abc.Callable[[int], object] | None = None, "
                   "callback: collections.abc.Callable[[BatchReport], bool | None] | None = None) -> "
                   "EMResult[AnyModel]"),
           "Fit from ``model``.");
}

}  // namespace varimix::python
