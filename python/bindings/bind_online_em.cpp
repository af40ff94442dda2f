#include <nanobind/stl/variant.h>

#include "any_family.hpp"
#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "update_rule_argument.hpp"

namespace varimix::python {
namespace {

void bind_batch_report(nb::module_& m) {
  nb::class_<BatchReport>(m, "BatchReport", "What one update did.")
      .def_ro("rows", &BatchReport::rows, "Rows learned from.")
      .def_ro("parts", &BatchReport::parts, "M-steps taken: the default rule takes the first batches in parts.")
      .def_ro("log_likelihood", &BatchReport::log_likelihood,
              "Mean log density of the rows under the models that drove their E-steps, nats per row.")
      .def_ro("parameter_change", &BatchReport::parameter_change, "Largest gauge-free change of the driving model.")
      .def_ro("status", &BatchReport::status, "What happened in this update.")
      .def("__repr__", [](const BatchReport& r) {
        return "BatchReport(rows=" + std::to_string(r.rows) + ", parts=" + std::to_string(r.parts) +
               ", log_likelihood=" + to_string(r.log_likelihood) + ", status='" + r.status.sentence() + "')";
      });
}

AnyOnlineEM make_state(const AnyNormalMixture& model, nb::handle eta_update, OnlineEMOptions options) {
  UpdateRule rule = to_update_rule(eta_update);
  return std::visit(
      [&](const auto& start) { return AnyOnlineEM{OnlineEM(start, std::move(rule), std::move(options))}; }, model);
}

BatchReport update(AnyOnlineEM& state, nb::handle batch) {
  return visit_family(state, [&](auto& of) {
    const Rows rows(batch, of.d(), "batch");
    const nb::gil_scoped_release release;
    return of.update(rows.view());
  });
}

std::string repr(const AnyOnlineEM& state) {
  return visit_family(state, [](const auto& of) {
    return "OnlineEM(step=" + std::to_string(of.step()) + ", total_weight=" + to_string(of.total_weight()) +
           ", model=" + to_string(of.model()) + ")";
  });
}

/// A property that is a function of the state, of any family.
template <class Getter, class... Extra>
void def_property(nb::class_<AnyOnlineEM>& state, const char* name, Getter getter, const Extra&... extra) {
  state.def_prop_ro(
      name, [getter](const AnyOnlineEM& self) { return visit_family(self, getter); }, extra...);
}

void bind_state(nb::class_<AnyOnlineEM>& state) {
  def_property(
      state, "model", [](const auto& s) { return nb::cast(s.model()); },
      nb::for_getter(nb::sig("def model(self) -> AnyModel")),
      "The model that users see: a value, of the rule's reported eta.");
  def_property(
      state, "driving_model", [](const auto& s) { return nb::cast(s.driving_model()); },
      nb::for_getter(nb::sig("def driving_model(self) -> AnyModel")),
      "The model that drives the next E-step, in the working gauge.");
  def_property(
      state, "eta", [](const auto& s) { return Expectations(s.eta()); }, "The running expectation parameters.");
  def_property(
      state, "step", [](const auto& s) { return s.step(); }, "Updates so far.");
  def_property(
      state, "total_weight", [](const auto& s) { return s.total_weight(); }, "Rows learned so far.");
  def_property(
      state, "status", [](const auto& s) { return s.status(); },
      "All that happened so far, and the limits in which the model is now.");
}

}  // namespace

void bind_online_em(nb::module_& m) {
  bind_batch_report(m);
  nb::class_<AnyOnlineEM> state(
      m, "OnlineEM", nb::is_generic(), nb::sig("class OnlineEM(typing.Generic[AnyModel])"),
      "The one state of a fit: model, running eta, rule, step, weight. O(d^2) numbers, never a row.\n"
      "Not for updates from two threads at once.\n\n"
      "Parameters\n----------\n"
      "model : NormalMixture\n    Where to start: a model of any family, which the fit keeps.\n"
      "eta_update : update rule, optional\n    PolyakRuppertUpdate() if left out.\n"
      "inner_iter : int\n    E/M rounds on a batch.\n"
      "regularization : str\n    The gauge in which the model is shown: 'none' (running E[Y] = 1), 'mean_y_one',\n"
      "    'det_sigma_one', 'det_sigma_x', 'a_eq_b'.\n"
      "symmetric : bool\n    Hold gamma = 0.\n"
      "fixed : sequence of str\n    Parameters held at the model's values: 'mu', 'gamma', 'sigma', or one of Y's "
      "('lam', "
      "'alpha', ...).\n"
      "alpha_min : str\n    Least alpha of a VarianceGamma: 'none', 'density' (d/2 + 0.1: a bounded density),\n"
      "    'inverse_moment' (d/2 + 1.1).");
  state
      .def(
          "__init__",
          [](AnyOnlineEM* self, const AnyNormalMixture& model, nb::handle eta_update, int inner_iter,
             const std::string& regularization, bool symmetric, const std::vector<std::string>& fixed,
             const std::string& alpha_min) {
            new (self)
                AnyOnlineEM(make_state(model, eta_update, {inner_iter, regularization, symmetric, fixed, alpha_min}));
          },
          nb::arg("model"), nb::arg("eta_update") = nb::none(), nb::arg("inner_iter") = 1,
          nb::arg("regularization") = "none", nb::arg("symmetric") = false, nb::arg("fixed") = nb::tuple(),
          nb::arg("alpha_min") = "none",
          nb::sig("def __init__(self, model: AnyModel, eta_update: object | None = None, inner_iter: int = 1, "
                  "regularization: str = 'none', symmetric: bool = False, "
                  "fixed: collections.abc.Sequence[str] = (), alpha_min: str = 'none') -> None"))
      .def("update", &update, nb::arg("batch"),
           nb::sig("def update(self, batch: numpy.typing.ArrayLike) -> BatchReport"),
           "Learn from a batch (m, d). ValueError, before anything changes, for NaN, infinity, or another shape.")
      .def(
          "__copy__", [](const AnyOnlineEM& s) { return AnyOnlineEM(s); },
          nb::sig("def __copy__(self) -> OnlineEM[AnyModel]"))
      .def(
          "__deepcopy__", [](const AnyOnlineEM& s, nb::handle /*memo*/) { return AnyOnlineEM(s); }, nb::arg("memo"),
          nb::sig("def __deepcopy__(self, memo: object) -> OnlineEM[AnyModel]"))
      .def("__repr__", &repr);
  bind_state(state);
}

}  // namespace varimix::python
