#include <nanobind/stl/variant.h>

#include <array>
#include <tuple>

#include "any_family.hpp"
#include "between_steps.hpp"
#include "bindings.hpp"
#include "gil.hpp"
#include "numpy_arguments.hpp"
#include "options_class.hpp"
#include "plain_data.hpp"
#include "state_columns.hpp"
#include "update_rule_argument.hpp"
#include "varimix/em/incremental_em_fitter.hpp"

namespace varimix::python {
namespace {

AnyEMResult run_incremental_em(const IncrementalEMFitter& fitter, AnyOnlineEM& any, nb::handle x, nb::handle key,
                               nb::handle progress, nb::handle callback) {
  const Key stream_key = to_key(key, "key");
  BetweenSteps between(any, progress, callback);
  const StateColumns columns = columns_of(any);
  const Rows rows(x, columns.d, "X", columns.names);
  require_shape(rows.view(), columns.d);
  const ColumnNames names = rows.columns();
  AnyEMResult result = change_state(any, [&](auto& state) {
    require_still(state, columns.names, "X");
    const NamedWhileLearning named(state, names);
    return rows.read(
        [&](const RowView& view) { return AnyEMResult{fitter.fit(state, view, stream_key, std::ref(between))}; });
  });
  between.raise_interruption();
  return result;
}

AnyOnlineEM start(const IncrementalEMFitter& fitter, const AnyMeanVarianceMixture& any) {
  return std::visit([&](const auto& init) { return AnyOnlineEM{fitter.start(init)}; }, any);
}

constexpr std::array kIncrementalNames = {"batch_size",     "max_steps",      "eta_update",     "inner_iter", "verbose",
                                          "regularization", "e_step_backend", "m_step_backend", "symmetric",  "fixed",
                                          "alpha_min",      "missing",        "score",          "stop_when"};

constexpr auto kIncrementalMembers = [](auto& options) {
  auto& [batch_size, max_steps, eta_update, inner_iter, verbose, regularization, e_step_backend, m_step_backend,
         symmetric, fixed, alpha_min, missing, score, stop_when] = options;
  return std::tie(batch_size, max_steps, eta_update, inner_iter, verbose, regularization, e_step_backend,
                  m_step_backend, symmetric, fixed, alpha_min, missing, score, stop_when);
};

}  // namespace

void bind_incremental_em_fitter(nb::module_& m) {
  nb::class_<IncrementalEMFitter> fitter(m, "IncrementalEMFitter", "The compiled loop of varimix.IncrementalEMFitter.");
  bind_options(fitter, kIncrementalNames, kIncrementalMembers);
  fitter
      .def(
          "__init__",
          [](IncrementalEMFitter* self, nb::handle eta_update, std::int64_t batch_size, std::int64_t max_steps,
             int inner_iter, int verbose, const std::string& regularization, const std::string& e_step_backend,
             const std::string& m_step_backend, bool symmetric, const std::vector<std::string>& fixed,
             const std::string& alpha_min, const std::string& missing, const std::optional<EarlyStopping>& stop_when) {
            new (self)
                IncrementalEMFitter({.batch_size = batch_size,
                                     .max_steps = max_steps,
                                     .eta_update = rule_or_default(eta_update, "eta_update"),
                                     .inner_iter = inner_iter,
                                     .verbose = verbose,
                                     .regularization = choice_from<Regularization>(regularization, "regularization"),
                                     .e_step_backend = e_step_backend,
                                     .m_step_backend = m_step_backend,
                                     .symmetric = symmetric,
                                     .fixed = fixed,
                                     .alpha_min = choice_from<AlphaMin>(alpha_min, "alpha_min"),
                                     .missing = choice_from<Missing>(missing, "missing"),
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
      .def("start", &start, nb::arg("init"), nb::sig("def start(self, init: AnyModel) -> OnlineEM[AnyModel]"),
           "Return the state from which a fit starts.")
      .def("run", &run_incremental_em, nb::arg("state"), nb::arg("X"), nb::kw_only(), nb::arg("key").none(),
           nb::arg("progress") = nb::none(), nb::arg("callback") = nb::none(),
           nb::sig(
               "def run(self, state: OnlineEM[AnyModel], X: numpy.typing.ArrayLike, *, key: numpy.typing.ArrayLike | "
               "numpy.random.Generator | None, "
               "progress: collections.abc.Callable[[int], object] | None = None, "
               "callback: collections.abc.Callable[[BatchReport], bool | None] | None = None) -> EMResult[AnyModel]"),
           "Take max_steps steps from `state`, which holds all completed steps also if this is interrupted.");
}

}  // namespace varimix::python
