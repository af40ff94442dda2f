#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/variant.h>

#include <limits>

#include "any_family.hpp"
#include "bindings.hpp"
#include "gil.hpp"
#include "named_status.hpp"
#include "numpy_arguments.hpp"
#include "pickling.hpp"
#include "short_text.hpp"
#include "state_columns.hpp"
#include "state_properties.hpp"
#include "update_rule_argument.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stream/checkpoint.hpp"
#include "varimix/stream/rule_bytes.hpp"

namespace varimix::python {
namespace {

AnyOnlineEM make_state(const AnyMeanVarianceMixture& model, nb::handle eta_update, const Key& key,
                       OnlineEMOptions options) {
  const UpdateRule rule = rule_or_default(eta_update, "eta_update");  // the user's own; a state holds a copy of it
  return std::visit([&](const auto& start) { return AnyOnlineEM{OnlineEM(start, rule, key, std::move(options))}; },
                    model);
}

/// Returns the portfolios that Python names, with weights in the order of the model's columns.
std::vector<WatchedPortfolio> watched(const AnyMeanVarianceMixture& model, nb::handle portfolios, nb::handle alpha) {
  std::vector<WatchedPortfolio> all;
  if (portfolios.is_none()) return all;
  const nb::object of =
      nb::module_::import_("varimix.risk.watched_portfolios").attr("watched_portfolios")(model, portfolios, alpha);
  for (const nb::handle each : of) {
    const Numbers weights(each[1], "weights");
    all.push_back(
        {.name = nb::cast<std::string>(each[0]),
         .weights = Eigen::Map<const Vector>(weights.span().data(), static_cast<Index>(weights.span().size())),
         .alpha = nb::cast<double>(each[2])});
  }
  return all;
}

std::optional<Numbers> optional_numbers(nb::handle values, const char* name) {
  if (values.is_none()) return std::nullopt;
  std::optional<Numbers> numbers(std::in_place, values, name);
  require(!numbers->span().empty(), name, "one a row", "none");
  return numbers;
}

BatchReport update(AnyOnlineEM& state, nb::handle batch, nb::handle weights, nb::handle times) {
  const StateColumns columns = columns_of(state);
  const Rows rows(batch, columns.d, "batch", columns.names);
  require_shape(rows.view(), columns.d, "batch");
  const ColumnNames names = rows.columns();
  const auto w = optional_numbers(weights, "weights");
  const auto t = optional_numbers(times, "times");
  return change_state(state, [&](auto& of) {
    require_still(of, columns.names, "batch");
    const NamedWhileLearning is_named(of, names);
    return rows.read([&](const RowView& view) {
      return named(of.update(view, {.weights = w ? w->span() : std::span<const double>{},
                                    .times = t ? t->span() : std::span<const double>{}}),
                   names);
    });
  });
}

void merge_states(AnyOnlineEM& state, const AnyOnlineEM& other, bool force) {
  const StatesLock lock(state, other);
  const Changing changing(state);
  std::visit(
      [&](auto& of) {
        const auto* same = std::get_if<std::decay_t<decltype(of)>>(&other.any);
        require(same != nullptr, "other", "a state of the same family", "one of another");
        of.merge(*same, force);
      },
      state.any);
}

bool same_states(const AnyOnlineEM& left, const AnyOnlineEM& right) {
  const StatesLock lock(left, right);
  return left.any == right.any;
}

nb::bytes bytes_of(const AnyOnlineEM& state) {
  const std::vector<std::byte> bytes = visit_family(state, [](const auto& of) { return to_bytes(of); });
  return nb::bytes(bytes.data(), bytes.size());
}

AnyOnlineEM state_of(const nb::bytes& bytes, nb::handle rule) {
  const auto* data = static_cast<const std::byte*>(bytes.data());
  return {from_bytes_any(std::span(data, bytes.size()), optional_rule(rule, "rule"))};
}

/// Returns the parts of a state's pickle: its bytes, and the user's own rules in it and in the states that it was
/// forked from, each None if there is none. Unlike a file, a pickle may name code.
nb::tuple pickled(const AnyOnlineEM& state) {
  const StateLock lock(state);
  nb::list rules;
  std::visit(
      [&](const auto& of) {
        rules.append(users_rule_of(of.state().rule));
        for (const Ancestor& ancestor : of.state().lineage.ancestors) rules.append(users_rule_of(ancestor.rule));
      },
      state.any);
  return nb::make_tuple(bytes_of(state), rules);
}

/// Returns `rule` with the user's rule in it replaced by `users_rule`, the one that was pickled.
UpdateRule with_users_rule(const UpdateRule& rule, nb::handle users_rule) {
  return rule_from_bytes(to_bytes(rule), optional_rule(users_rule, "rule"));
}

AnyOnlineEM unpickled(nb::handle parts) {
  const auto pair = pair_of(parts);
  const nb::object& bytes = pair.first;
  const nb::object& rules = pair.second;
  if (!nb::isinstance<nb::bytes>(bytes) || !nb::isinstance<nb::list>(rules) || nb::len(rules) == 0) {
    throw nb::type_error("a pickled OnlineEM is bytes and a list of rules");
  }
  AnyOnlineEM state = state_of(nb::borrow<nb::bytes>(bytes), nb::object(rules[0]));
  std::visit(
      [&]<class S>(OnlineEM<MeanVarianceMixture<S>>& of) {
        OnlineEMState<MeanVarianceMixture<S>> all = of.state();
        std::vector<Ancestor>& ancestors = all.lineage.ancestors;
        if (nb::len(rules) != ancestors.size() + 1)
          throw nb::type_error("a pickled OnlineEM has a rule for each ancestor");
        for (std::size_t k = 0; k < ancestors.size(); ++k) {
          ancestors[k].rule = with_users_rule(ancestors[k].rule, nb::object(rules[k + 1]));
        }
        of = OnlineEM<MeanVarianceMixture<S>>(std::move(all));
      },
      state.any);
  return state;
}

/// Returns a copy, of the original's own class if Python derived one, with the attributes that `copied` returns.
nb::object copy_of(nb::pointer_and_handle<AnyOnlineEM> self, const nb::object& copied) {
  nb::object copy = nb::inst_alloc(self.h.type());
  new (nb::inst_ptr<AnyOnlineEM>(copy)) AnyOnlineEM(*self.p);
  nb::inst_mark_ready(copy);
  set_attributes(copy, copied(attributes_of(self.h)));
  return copy;
}

nb::object shallow_copy(nb::pointer_and_handle<AnyOnlineEM> self) {
  return copy_of(self, nb::module_::import_("copy").attr("copy"));
}

nb::object deep_copy(nb::pointer_and_handle<AnyOnlineEM> self, nb::handle memo) {
  const nb::object deepcopy = nb::module_::import_("copy").attr("deepcopy");
  return copy_of(self, nb::module_::import_("functools").attr("partial")(deepcopy, nb::arg("memo") = memo));
}

void bind_equality_of_state(nb::class_<AnyOnlineEM>& state) {
  state.def("__eq__", &same_states, nb::is_operator(), nb::sig("def __eq__(self, arg: object, /) -> bool"),
            "True if both are the same in every bit.");
  state.attr("__hash__") = nb::none();
}

std::string repr_of_state(const AnyOnlineEM& state) {
  return visit_family(state, [](const auto& of) {
    return "OnlineEM(step=" + std::to_string(of.step()) + ", total_weight=" + to_string(of.total_weight()) +
           ", model=" + short_text(of.model()) + ")";
  });
}

}  // namespace

void bind_online_em(nb::module_& m) {
  const nb::exception<CheckpointError> checkpoint_error(
      m, "CheckpointError", nb::make_tuple(nb::handle(PyExc_RuntimeError), nb::handle(PyExc_ValueError)));
  nb::class_<AnyOnlineEM> state(
      m, "OnlineEM", nb::is_generic(), nb::sig("class OnlineEM(typing.Generic[AnyModel])"),
      "The whole state of a fit: model, running eta, rule, step, weight. It holds O(d^2) numbers, never a row.\n"
      "Threads may share it: each function sees it between two updates. A pickle also holds a rule of yours.\n\n"
      "Parameters\n----------\n"
      "model : MeanVarianceMixture\n    The initial model, of any family; the fit keeps the family.\n"
      "eta_update : update rule, optional\n    NaturalGradientUpdate() if left out. The state holds a copy; a rule of "
      "yours is copied by copy.deepcopy.\n"
      "key : int or array of int\n    The key of the random draws of a fit.\n"
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
      "frozen : bool\n    Take every E-step at the initial model; ``model`` is the M-step of all statistics gathered.\n"
      "score : bool\n    Score every batch before learning from it: one more pass of log densities.\n"
      "score_half_life : float\n    Rows after which a score counts half in ``log_score.recent``.\n"
      "gaussian_test : bool\n    Test the rows against a Gaussian as they come, by `GaussianTestStream`: another pass "
      "over\n"
      "    each batch. It takes rows that are independent, of weight 1 and without missing values.\n"
      "portfolios : dict of str to array-like, optional\n    Weights (d) of portfolios, by name: before a batch is "
      "learned, the model shown forecasts the value at risk\n"
      "    and the expected shortfall of each, and the returns w'x of the batch, days in the order of time, are held\n"
      "    against them: ``backtests``. Weights are an array, a series or a dict of names of columns.\n"
      "portfolio_alpha : float, or dict of str to float\n    The probability of the tail, in [1e-50, 1): one for all "
      "portfolios, or by name.");
  bind_equality_of_state(state);
  bind_pickling(state, &pickled, &unpickled);
  state
      .def(
          "__init__",
          [](AnyOnlineEM* self, const AnyMeanVarianceMixture& model, nb::handle eta_update, nb::handle key,
             int inner_iter, const std::string& regularization, bool symmetric, const std::vector<std::string>& fixed,
             const std::string& alpha_min, const std::string& missing, bool frozen, bool score, double score_half_life,
             bool gaussian_test, nb::handle portfolios, nb::handle portfolio_alpha) {
            new (self)
                AnyOnlineEM(make_state(model, eta_update, to_key(key, "key"),
                                       {.inner_iter = inner_iter,
                                        .regularization = choice_from<Regularization>(regularization, "regularization"),
                                        .symmetric = symmetric,
                                        .fixed = fixed,
                                        .alpha_min = choice_from<AlphaMin>(alpha_min, "alpha_min"),
                                        .frozen = frozen,
                                        .missing = choice_from<Missing>(missing, "missing"),
                                        .score = score,
                                        .score_half_life = score_half_life,
                                        .gaussian_test = gaussian_test,
                                        .portfolios = watched(model, portfolios, portfolio_alpha)}));
          },
          nb::arg("model"), nb::arg("eta_update") = nb::none(), nb::arg("key").none() = 0, nb::kw_only(),
          nb::arg("inner_iter") = 1, nb::arg("regularization") = "none", nb::arg("symmetric") = false,
          nb::arg("fixed") = nb::tuple(), nb::arg("alpha_min") = "none", nb::arg("missing") = "error",
          nb::arg("frozen") = false, nb::arg("score") = true, nb::arg("score_half_life") = 10'000.0,
          nb::arg("gaussian_test") = false, nb::arg("portfolios") = nb::none(), nb::arg("portfolio_alpha") = 0.01,
          nb::sig("def __init__(self, model: AnyModel, eta_update: object | None = None, "
                  "key: numpy.typing.ArrayLike | numpy.random.Generator | None = 0, *, inner_iter: int = 1, "
                  "regularization: str = 'none', "
                  "symmetric: bool = False, fixed: collections.abc.Sequence[str] = (), alpha_min: str = 'none', "
                  "missing: str = 'error', frozen: bool = False, score: bool = True, "
                  "score_half_life: float = 10000.0, gaussian_test: bool = False, "
                  "portfolios: collections.abc.Mapping[str, numpy.typing.ArrayLike | "
                  "collections.abc.Mapping[str, float]] | None = None, "
                  "portfolio_alpha: float | collections.abc.Mapping[str, float] = 0.01) -> None"))
      .def("update", &update, nb::arg("batch"), nb::arg("weights") = nb::none(), nb::arg("times") = nb::none(),
           nb::sig("def update(self, batch: numpy.typing.ArrayLike, weights: numpy.typing.ArrayLike | None = None, "
                   "times: numpy.typing.ArrayLike | None = None) -> BatchReport"),
           "Learn from a batch (m, d): score it, then E-step, rule, M-step.\n\n"
           "``weights`` (m) are finite and >= 0; a row of weight 0 counts as absent. ``times`` (m), in seconds\n"
           "and never falling, are needed by a rule with a half-life in time, and taken by no other. With\n"
           "missing='exact' NaN is a missing value. Rows of a table are put into the order of ``columns``; a state\n"
           "without names takes those of the first rows that have some. Raises ValueError, before anything changes,\n"
           "for values outside their domains, another shape, or columns of other names.")
      .def(
          "fork", [](AnyOnlineEM& s) { return change_state(s, [](auto& of) { return AnyOnlineEM{of.fork()}; }); },
          nb::sig("def fork(self) -> OnlineEM[AnyModel]"),
          "Return a copy. Both remember where they parted, so that a merge, also of a fork into this state,\n"
          "counts once what both held then.")
      .def("merge", &merge_states, nb::arg("other"), nb::arg("force") = false,
           nb::sig("def merge(self, other: OnlineEM[AnyModel], force: bool = False) -> None"),
           "Take in what another state learned. Rows that both held at their last common fork count once.\n\n"
           "Both states must have the same initial model, the same options and a rule that averages\n"
           "(NaturalGradientUpdate without a half-life, SampleWeightedUpdate, PolyakRuppertUpdate, Shrinkage of\n"
           "them). Steps, weights and total scores add; recent scores are pooled; the drift signal starts anew; key "
           "and source position stay this state's.\n"
           "Raises ValueError, before anything changes, for states that cannot be merged or that share rows\n"
           "without a fork. With ``force=True`` everything counts as different rows, and states that share rows\n"
           "or come from other initial models are merged too.")
      .def(
          "cov_params",
          [](const AnyOnlineEM& s, double distinct_rows) {
            return visit_family(s, [&](const auto& of) { return of.cov_params(distinct_rows); });
          },
          nb::arg("distinct_rows") = std::numeric_limits<double>::infinity(),
          nb::sig("def cov_params(self, distinct_rows: float = float('inf')) -> ParameterCovariance"),
          "Return the parameters of the model with the covariance of their estimates, (N F)^-1.\n\n"
          "F is the Fisher information of the model in a row, N the number of rows of equal weight that determine it\n"
          "as well as those that the rule remembers, at most ``distinct_rows``: give that number if rows were learned\n"
          "more than once. It is right for independent rows of a law of the family. Raises ValueError for a rule "
          "other\n"
          "than NaturalGradientUpdate, and before the first update.")
      .def("to_bytes", &bytes_of,
           "Return the state as the bytes of a checkpoint; from_bytes gives it back equal in every bit.")
      .def_static("from_bytes", &state_of, nb::arg("data"), nb::arg("rule") = nb::none(),
                  nb::sig("def from_bytes(data: bytes, rule: object | None = None) -> OnlineEM[typing.Any]"),
                  "Return the state whose bytes to_bytes gave. ``rule`` is the update rule if it is not varimix's; if\n"
                  "a Shrinkage or a PolyakAverage wraps it, give the rule inside.\n"
                  "Raises CheckpointError for bytes that are damaged, or newer than this build.")
      .def(
          "save",
          [](const AnyOnlineEM& s, const std::filesystem::path& path) {
            visit_family(s, [&](const auto& of) { save(of, path); });
          },
          nb::arg("path"), nb::sig("def save(self, path: str | os.PathLike[str]) -> None"),
          "Write the state to a file, whole or not at all. A file that was there is kept as ``path``.prev.\n"
          "Raises CheckpointError if that fails; the file that was there is then still in place.")
      .def_static(
          "load",
          [](const std::filesystem::path& path, nb::handle rule) {
            return AnyOnlineEM{load_any(path, optional_rule(rule, "rule"))};
          },
          nb::arg("path"), nb::arg("rule") = nb::none(),
          nb::sig("def load(path: str | os.PathLike[str], rule: object | None = None) -> OnlineEM[typing.Any]"),
          "Return the state in a file. ``rule`` is the update rule if it is not varimix's, because a file never\n"
          "names code to run; if a Shrinkage or a PolyakAverage wraps it, give the rule inside.\n"
          "Raises CheckpointError that names the file, the fault, and the previous checkpoint.")
      .def(
          "describe",
          [](nb::handle self, nb::handle other) {
            return nb::module_::import_("varimix.describing").attr("describe_states")(self, other);
          },
          nb::arg("other"), nb::sig("def describe(self, other: OnlineEM[typing.Any]) -> str"),
          "Return, in some lines, what is different here from ``other``, a state of the same columns, as an earlier "
          "copy\n"
          "of this one: rows learned since, the largest moves of mean, volatility and correlation, by name, those of "
          "the\n"
          "tails, the score and the drift.")
      .def("__copy__", &shallow_copy, nb::sig("def __copy__(self) -> typing.Self"))
      .def("__deepcopy__", &deep_copy, nb::arg("memo"), nb::sig("def __deepcopy__(self, memo: object) -> typing.Self"))
      .def("__repr__", &repr_of_state);
  bind_state_properties(state);
}

}  // namespace varimix::python
