#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/variant.h>

#include "any_family.hpp"
#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "update_rule_argument.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stream/checkpoint.hpp"

namespace varimix::python {
namespace {

AnyOnlineEM make_state(const AnyNormalMixture& model, nb::handle eta_update, const Key& key, OnlineEMOptions options) {
  UpdateRule rule = to_update_rule(eta_update);
  return std::visit(
      [&](const auto& start) { return AnyOnlineEM{OnlineEM(start, std::move(rule), key, std::move(options))}; }, model);
}

std::optional<Numbers> optional_numbers(nb::handle values, const char* name) {
  if (values.is_none()) return std::nullopt;
  std::optional<Numbers> numbers(std::in_place, values, name);
  require(!numbers->span().empty(), name, "one a row", "none");
  return numbers;
}

BatchReport update(AnyOnlineEM& state, nb::handle batch, nb::handle weights, nb::handle times) {
  return visit_family(state, [&](auto& of) {
    const Rows rows(batch, of.d(), "batch");
    const auto w = optional_numbers(weights, "weights");
    const auto t = optional_numbers(times, "times");
    const nb::gil_scoped_release release;
    return of.update(rows.view(), {.weights = w ? w->span() : std::span<const double>{},
                                   .times = t ? t->span() : std::span<const double>{}});
  });
}

void merge(AnyOnlineEM& state, const AnyOnlineEM& other, bool force) {
  visit_family(state, [&](auto& of) {
    const auto* same = std::get_if<std::decay_t<decltype(of)>>(&other.any);
    require(same != nullptr, "other", "a state of the same family", "one of another");
    of.merge(*same, force);
  });
}

nb::bytes bytes_of(const AnyOnlineEM& state) {
  const std::vector<std::byte> bytes = visit_family(state, [](const auto& of) { return to_bytes(of); });
  return nb::bytes(bytes.data(), bytes.size());
}

std::optional<UpdateRule> optional_rule(nb::handle rule) {
  return rule.is_none() ? std::nullopt : std::optional(to_update_rule(rule));
}

AnyOnlineEM state_of(const nb::bytes& bytes, nb::handle rule) {
  const auto* data = static_cast<const std::byte*>(bytes.data());
  return {from_bytes_any(std::span(data, bytes.size()), optional_rule(rule))};
}

void bind_equality_of_state(nb::class_<AnyOnlineEM>& state) {
  state.def(
      "__eq__", [](const AnyOnlineEM& a, const AnyOnlineEM& b) { return a.any == b.any; }, nb::is_operator(),
      nb::sig("def __eq__(self, arg: object, /) -> bool"), "True if both are the same in every bit.");
  state.attr("__hash__") = nb::none();
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
      state, "total_weight", [](const auto& s) { return s.total_weight(); }, "Rows learned so far, by weight.");
  def_property(
      state, "log_score", [](const auto& s) { return LogScore(s.log_score()); },
      "The prequential score: what the model gave to rows before it learned from them.");
  def_property(
      state, "rows_read", [](const auto& s) { return s.position().rows(); },
      "Rows of the source, in the pass in hand, that fit_stream has learned.");
  def_property(
      state, "changes", [](const auto& s) { return s.state().drift.changes; }, "Signals of drift so far.");
  def_property(
      state, "status", [](const auto& s) { return s.status(); },
      "All that happened so far, and the limits in which the model is now.");
}

}  // namespace

void bind_online_em(nb::module_& m) {
  const nb::exception<CheckpointError> checkpoint_error(m, "CheckpointError", PyExc_RuntimeError);
  nb::class_<AnyOnlineEM> state(
      m, "OnlineEM", nb::is_generic(), nb::sig("class OnlineEM(typing.Generic[AnyModel])"),
      "The one state of a fit: model, running eta, rule, step, weight. O(d^2) numbers, never a row.\n"
      "Not for updates from two threads at once.\n\n"
      "Parameters\n----------\n"
      "model : NormalMixture\n    Where to start: a model of any family, which the fit keeps.\n"
      "eta_update : update rule, optional\n    PolyakRuppertUpdate() if left out.\n"
      "key : int or array of int\n    Keys what a fit draws at random.\n"
      "inner_iter : int\n    E/M rounds on a batch.\n"
      "regularization : str\n    The gauge in which the model is shown: 'none' (running E[Y] = 1), 'mean_y_one',\n"
      "    'det_sigma_one', 'det_sigma_x', 'a_eq_b'.\n"
      "symmetric : bool\n    Hold gamma = 0.\n"
      "fixed : sequence of str\n    Parameters held at the model's values: 'mu', 'gamma', 'sigma', or one of Y's "
      "('lam', "
      "'alpha', ...).\n"
      "alpha_min : str\n    Least alpha of a VarianceGamma: 'none', 'density' (d/2 + 0.1: a bounded density),\n"
      "    'inverse_moment' (d/2 + 1.1).\n"
      "missing : str\n    'error': NaN is an error; 'exact': NaN is a value missing at random.\n"
      "frozen : bool\n    E-steps at the initial model throughout; ``model`` is the M-step of all that was gathered.\n"
      "score : bool\n    Score every batch before learning from it: one more pass of log densities.\n"
      "score_half_life : float\n    Rows after which a score counts half in ``log_score.recent``.");
  bind_equality_of_state(state);
  state
      .def(
          "__init__",
          [](AnyOnlineEM* self, const AnyNormalMixture& model, nb::handle eta_update, nb::handle key, int inner_iter,
             const std::string& regularization, bool symmetric, const std::vector<std::string>& fixed,
             const std::string& alpha_min, const std::string& missing, bool frozen, bool score,
             double score_half_life) {
            new (self) AnyOnlineEM(make_state(model, eta_update, to_key(key, "key"),
                                              {.inner_iter = inner_iter,
                                               .regularization = regularization,
                                               .symmetric = symmetric,
                                               .fixed = fixed,
                                               .alpha_min = alpha_min,
                                               .frozen = frozen,
                                               .missing = missing,
                                               .score = score,
                                               .score_half_life = score_half_life}));
          },
          nb::arg("model"), nb::arg("eta_update") = nb::none(), nb::arg("key") = 0, nb::kw_only(),
          nb::arg("inner_iter") = 1, nb::arg("regularization") = "none", nb::arg("symmetric") = false,
          nb::arg("fixed") = nb::tuple(), nb::arg("alpha_min") = "none", nb::arg("missing") = "error",
          nb::arg("frozen") = false, nb::arg("score") = true, nb::arg("score_half_life") = 10'000.0,
          nb::sig("def __init__(self, model: AnyModel, eta_update: object | None = None, "
                  "key: numpy.typing.ArrayLike = 0, *, inner_iter: int = 1, regularization: str = 'none', "
                  "symmetric: bool = False, fixed: collections.abc.Sequence[str] = (), alpha_min: str = 'none', "
                  "missing: str = 'error', frozen: bool = False, score: bool = True, "
                  "score_half_life: float = 10000.0) -> None"))
      .def("update", &update, nb::arg("batch"), nb::arg("weights") = nb::none(), nb::arg("times") = nb::none(),
           nb::sig("def update(self, batch: numpy.typing.ArrayLike, weights: numpy.typing.ArrayLike | None = None, "
                   "times: numpy.typing.ArrayLike | None = None) -> BatchReport"),
           "Learn from a batch (m, d): score it, then E-step, rule, M-step.\n\n"
           "``weights`` (m) are finite and >= 0; a row of weight 0 counts as absent. ``times`` (m), in seconds and "
           "never\n"
           "falling, are needed by a rule with a half-life in time, and by no other. ValueError, before anything "
           "changes,\n"
           "for values outside their domains or another shape; NaN is a missing value with missing='exact'.")
      .def(
          "fork",
          [](const AnyOnlineEM& s) { return visit_family(s, [](const auto& of) { return AnyOnlineEM{of.fork()}; }); },
          nb::sig("def fork(self) -> OnlineEM[AnyModel]"),
          "A copy that remembers where it left this state: a merge counts what both hold once.")
      .def("merge", &merge, nb::arg("other"), nb::arg("force") = false,
           nb::sig("def merge(self, other: OnlineEM[AnyModel], force: bool = False) -> None"),
           "Take in what another state learned, those rows once that both held at their last common fork.\n\n"
           "For states from the same initial model with the same options and a rule that averages "
           "(SampleWeightedUpdate,\n"
           "PolyakRuppertUpdate, Shrinkage of them). Steps, weights and total scores add; recent scores are pooled; "
           "the\n"
           "drift signal starts anew; key and source position stay this state's. ValueError, before anything changes, "
           "for\n"
           "what cannot be merged, and for states that share rows without a fork; ``force=True`` takes those, and "
           "other\n"
           "initial models, as different rows.")
      .def("to_bytes", &bytes_of, "The state as the bytes of a checkpoint: from_bytes gives it back in every bit.")
      .def_static("from_bytes", &state_of, nb::arg("data"), nb::arg("rule") = nb::none(),
                  nb::sig("def from_bytes(data: bytes, rule: object | None = None) -> OnlineEM[typing.Any]"),
                  "The state that to_bytes gave. ``rule``: the update rule, where it is not varimix's.\n"
                  "CheckpointError for bytes that are damaged, or newer than this build.")
      .def(
          "save",
          [](const AnyOnlineEM& s, const std::filesystem::path& path) {
            visit_family(s, [&](const auto& of) { save(of, path); });
          },
          nb::arg("path"), nb::sig("def save(self, path: str | os.PathLike[str]) -> None"),
          "Write the state to a file, whole or not at all; what was there is kept as ``path``.prev.\n"
          "CheckpointError, with what was there in place, if that fails.")
      .def_static(
          "load",
          [](const std::filesystem::path& path, nb::handle rule) {
            return AnyOnlineEM{load_any(path, optional_rule(rule))};
          },
          nb::arg("path"), nb::arg("rule") = nb::none(),
          nb::sig("def load(path: str | os.PathLike[str], rule: object | None = None) -> OnlineEM[typing.Any]"),
          "The state in a file. ``rule``: the update rule, where it is not varimix's: a file never names code to run.\n"
          "CheckpointError naming the file, what is wrong, and the previous checkpoint.")
      .def("__getstate__", &bytes_of)
      .def("__setstate__",
           [](AnyOnlineEM& self, const nb::bytes& bytes) { new (&self) AnyOnlineEM(state_of(bytes, nb::none())); })
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
