#include <nanobind/stl/variant.h>

#include "any_family.hpp"
#include "between_steps.hpp"
#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "update_rule_argument.hpp"
#include "varimix/em/incremental_em_fitter.hpp"

namespace varimix::python {
namespace {

AnyEMResult run(const IncrementalEMFitter& fitter, AnyOnlineEM& any, nb::handle x, nb::handle key, nb::handle progress,
                nb::handle callback) {
  const Key stream_key = to_key(key, "key");
  return visit_family(any, [&](auto& state) {
    const Rows rows(x, state.d());
    BetweenSteps between(progress, callback);
    AnyEMResult result = [&] {
      const nb::gil_scoped_release release;
      return AnyEMResult{fitter.fit(state, rows.view(), stream_key, std::ref(between))};
    }();
    if (PyErr_Occurred() != nullptr) throw nb::python_error();
    return result;
  });
}

AnyOnlineEM start(const IncrementalEMFitter& fitter, const AnyNormalMixture& any) {
  return std::visit([&](const auto& init) { return AnyOnlineEM{fitter.start(init)}; }, any);
}

}  // namespace

void bind_incremental_em_fitter(nb::module_& m) {
  nb::class_<IncrementalEMFitter>(m, "IncrementalEMFitter", "The compiled loop of varimix.IncrementalEMFitter.")
      .def(
          "__init__",
          [](IncrementalEMFitter* self, nb::handle eta_update, std::int64_t batch_size, std::int64_t max_steps,
             int inner_iter, int verbose, const std::string& regularization, const std::string& e_step_backend,
             const std::string& m_step_backend, bool symmetric, const std::vector<std::string>& fixed,
             const std::string& alpha_min, const std::string& missing, const std::optional<EarlyStopping>& stop_when) {
            new (self) IncrementalEMFitter({.batch_size = batch_size,
                                            .max_steps = max_steps,
                                            .eta_update = to_update_rule(eta_update),
                                            .inner_iter = inner_iter,
                                            .verbose = verbose,
                                            .regularization = regularization,
                                            .e_step_backend = e_step_backend,
                                            .m_step_backend = m_step_backend,
                                            .symmetric = symmetric,
                                            .fixed = fixed,
                                            .alpha_min = alpha_min,
                                            .missing = missing,
                                            .stop_when = stop_when});
          },
          nb::arg("eta_update") = nb::none(), nb::arg("batch_size") = 256, nb::arg("max_steps") = 200,
          nb::arg("inner_iter") = 1, nb::arg("verbose") = 0, nb::arg("regularization") = "none",
          nb::arg("e_step_backend") = "cpu", nb::arg("m_step_backend") = "cpu", nb::arg("symmetric") = false,
          nb::arg("fixed") = nb::tuple(), nb::arg("alpha_min") = "none", nb::arg("missing") = "error",
          nb::arg("stop_when") = nb::none(),
          nb::sig("def __init__(self, eta_update: object | None = None, batch_size: int = 256, max_steps: int = 200, "
                  "inner_iter: int = 1, verbose: int = 0, regularization: str = 'none', e_step_backend: str = 'cpu', "
                  "m_step_backend: str = 'cpu', symmetric: bool = False, "
                  "fixed: collections.abc.Sequence[str] = (), alpha_min: str = 'none', missing: str = 'error', "
                  "stop_when: EarlyStopping | None = None) -> None"))
      .def_prop_ro("batch_size", [](const IncrementalEMFitter& f) { return f.options().batch_size; })
      .def_prop_ro("max_steps", [](const IncrementalEMFitter& f) { return f.options().max_steps; })
      .def_prop_ro("missing", [](const IncrementalEMFitter& f) { return f.options().missing; })
      .def_prop_ro("verbose", [](const IncrementalEMFitter& f) { return f.options().verbose; })
      .def("start", &start, nb::arg("init"), nb::sig("def start(self, init: AnyModel) -> OnlineEM[AnyModel]"),
           "The state from which a fit starts.")
      .def("run", &run, nb::arg("state"), nb::arg("X"), nb::kw_only(), nb::arg("key"), nb::arg("progress") = nb::none(),
           nb::arg("callback") = nb::none(),
           nb::sig(
               "def run(self, state: OnlineEM[AnyModel], X: numpy.typing.ArrayLike, *, key: numpy.typing.ArrayLike, "
               "progress: collections.abc.Callable[[int], object] | None = None, "
               "callback: collections.abc.Callable[[BatchReport], bool | None] | None = None) -> EMResult[AnyModel]"),
           "Take max_steps steps from `state`, which holds all completed ones also if this is interrupted.");
}

}  // namespace varimix::python
