#include <nanobind/stl/variant.h>

#include <array>
#include <tuple>

#include "any_family.hpp"
#include "batch_em_options.hpp"
#include "between_steps.hpp"
#include "bindings.hpp"
#include "gil.hpp"
#include "numpy_arguments.hpp"
#include "options_class.hpp"
#include "plain_data.hpp"
#include "python_hooks.hpp"
#include "varimix/core/require.hpp"

namespace varimix::python {
namespace {

AnyEMResult run_batch_em(const BatchEMFitter& fitter, const AnyMeanVarianceMixture& any, nb::handle x,
                         nb::handle weights, nb::handle progress, nb::handle callback) {
  return std::visit(
      [&](const auto& given) {
        const Rows rows(x, given.d(), "X", given.columns());
        require_shape(rows.view(), given.d());
        const auto init = given.with_columns(rows.columns());
        BetweenSteps between(progress, callback, init.columns());
        const auto w = weights.is_none() ? std::nullopt : std::optional<Numbers>(std::in_place, weights, "weights");
        require(!w || !w->span().empty(), "weights", "one for each row", "none");
        AnyEMResult result = rows.read([&](const RowView& view) {
          return AnyEMResult{fitter.fit(init, view, w ? w->span() : std::span<const double>{}, std::ref(between))};
        });
        between.raise_interruption();
        return result;
      },
      any);
}

}  // namespace

std::optional<Shrinkage> to_shrinkage(nb::handle object) {
  if (object.is_none()) return std::nullopt;
  Shrinkage* held = nullptr;
  const bool has_own_hooks = has_hooks(object);
  if (!has_own_hooks && nb::try_cast(object, held)) {
    check_public_methods(object, "eta_update");
    return *held;
  }
  const std::string text = nb::cast<std::string>(nb::repr(object)) + (has_own_hooks ? ", a rule of its own" : "");
  throw nb::type_error(("eta_update must be a Shrinkage or None, got " + text).c_str());
}

namespace {

constexpr std::array kBatchNames = {"max_iter",  "tol",   "acceleration", "regularization", "eta_update",
                                    "symmetric", "fixed", "alpha_min",    "missing"};

constexpr auto kBatchMembers = [](auto& options) {
  auto& [max_iter, tol, acceleration, regularization, eta_update, symmetric, fixed, alpha_min, missing] = options;
  return std::tie(max_iter, tol, acceleration, regularization, eta_update, symmetric, fixed, alpha_min, missing);
};

}  // namespace

void bind_batch_em_fitter(nb::module_& m) {
  nb::class_<BatchEMFitter> fitter(m, "BatchEMFitter", "The compiled loop of varimix.BatchEMFitter.");
  bind_options(fitter, kBatchNames, kBatchMembers);
  fitter
      .def(
          "__init__",
          [](BatchEMFitter* self, int max_iter, double tol, const std::string& acceleration,
             const std::string& regularization, nb::handle eta_update, bool symmetric,
             const std::vector<std::string>& fixed, const std::string& alpha_min, const std::string& missing) {
            new (self) BatchEMFitter({.max_iter = max_iter,
                                      .tol = tol,
                                      .acceleration = choice_from<Acceleration>(acceleration, "acceleration"),
                                      .regularization = choice_from<Regularization>(regularization, "regularization"),
                                      .eta_update = to_shrinkage(eta_update),
                                      .symmetric = symmetric,
                                      .fixed = fixed,
                                      .alpha_min = choice_from<AlphaMin>(alpha_min, "alpha_min"),
                                      .missing = choice_from<Missing>(missing, "missing")});
          },
          nb::arg("max_iter") = 500, nb::arg("tol") = 1e-9, nb::arg("acceleration") = "anderson",
          nb::arg("regularization") = "none", nb::arg("eta_update") = nb::none(), nb::arg("symmetric") = false,
          nb::arg("fixed") = nb::tuple(), nb::arg("alpha_min") = "none", nb::arg("missing") = "error",
          nb::sig("def __init__(self, max_iter: int = 500, tol: float = 1e-09, acceleration: str = 'anderson', "
                  "regularization: str = 'none', eta_update: Shrinkage | None = None, symmetric: bool = False, "
                  "fixed: collections.abc.Sequence[str] = (), alpha_min: str = 'none', "
                  "missing: str = 'error') -> None"))
      .def("run", &run_batch_em, nb::arg("model"), nb::arg("X"), nb::arg("weights") = nb::none(),
           nb::arg("progress") = nb::none(), nb::arg("callback") = nb::none(),
           nb::sig("def run(self, model: AnyModel, X: numpy.typing.ArrayLike, weights: numpy.typing.ArrayLike | None = "
                   "None, progress: collections.abc.Callable[[int], object] | None = None, "
                   "callback: collections.abc.Callable[[BatchReport], bool | None] | None = None) -> "
                   "EMResult[AnyModel]"),
           "Fit the rows X from ``model``.");
}

}  // namespace varimix::python
