#include <nanobind/stl/variant.h>

#include <algorithm>
#include <iomanip>
#include <tuple>

#include "bindings.hpp"
#include "families.hpp"
#include "gil.hpp"
#include "named_status.hpp"
#include "numpy_arguments.hpp"
#include "plain_data.hpp"
#include "varimix/core/require.hpp"
#include "varimix/em/fit_best.hpp"

namespace varimix::python {
namespace {

/// Returns the family that Python gave by its class or by its name.
Family to_family(nb::handle family) {
  std::string name;
  if (nb::try_cast(family, name)) return choice_from<Family>(name, "families");
#define VARIMIX_TRY(S) \
  if (family.is(nb::type<MeanVarianceMixture<S>>())) return kFamily<S>;  // NOLINT(bugprone-macro-parentheses)
  VARIMIX_FOR_EACH_LAW(VARIMIX_TRY)
#undef VARIMIX_TRY
  require(false, "families", "classes of a MeanVarianceMixture, or their names",
          nb::cast<std::string>(nb::repr(family)));
  return {};
}

BestFit run_fit_best(nb::handle x, nb::handle families, int n_starts, nb::handle key, const std::string& criterion,
                     const std::optional<BatchEMFitter>& fitter, nb::handle chosen_columns) {
  FitBestOptions options;
  options.n_starts = n_starts;
  options.criterion = choice_from<Criterion>(criterion, "criterion");
  if (fitter) options.fit = fitter->options();
  if (!families.is_none()) {
    const bool is_one = PyUnicode_Check(families.ptr()) || PyType_Check(families.ptr());
    require(!is_one && nb::hasattr(families, "__iter__"), "families",
            "a list of classes of a MeanVarianceMixture, or their names", nb::cast<std::string>(nb::repr(families)));
    options.families.clear();
    for (const nb::handle family : families) options.families.push_back(to_family(family));
  }
  const Rows rows(chosen(x, chosen_columns), 0);
  const ColumnNames columns = rows.columns();
  const Key start_key = to_key(key, "key");
  BestFit best = rows.read([&](const RowView& view) { return fit_best(view, options, start_key); });
  for (FamilyFit& fit : best.table) {
    fit.model = std::visit(
        [&](auto& model) -> AnyMeanVarianceMixture { return std::move(model).with_columns(columns); }, fit.model);
  }
  return best;
}

Status status_of(const FamilyFit& fit) {
  return std::visit([&](const auto& model) { return named(fit.status, model.columns()); }, fit.model);
}

std::string text_table(const BestFit& best) {
  constexpr int kName = 24;
  constexpr int kColumn = 14;
  constexpr int kDigits = 3;
  constexpr double kWide = 1e9;  // numbers from here on do not fit a column, and are written with an exponent
  constexpr int kDigitsOfWide = 6;
  std::ostringstream out;
  out << std::left << std::setw(kName) << "family" << std::right;
  for (const char* heading : {"log_likelihood", "aic", "bic", "start_gap", "seconds"}) {
    out << "  " << std::setw(kColumn) << heading;
  }
  out << "  status";
  for (const FamilyFit& fit : best.table) {
    out << '\n' << std::left << std::setw(kName) << word(fit.family) << std::right;
    for (const double value : {fit.log_likelihood, fit.aic, fit.bic, fit.start_gap, fit.seconds}) {
      const bool is_wide = std::abs(value) >= kWide;
      out << (is_wide ? std::defaultfloat : std::fixed) << std::setprecision(is_wide ? kDigitsOfWide : kDigits);
      out << "  " << std::setw(kColumn) << value;
    }
    out << "  " << status_of(fit).sentence();
  }
  return out.str();
}

constexpr auto kFitMembers = [](auto& fit) {
  auto& [family, model, log_likelihood, n_parameters, aic, bic, start_gap, converged, seconds, status] = fit;
  return std::tie(family, model, log_likelihood, n_parameters, aic, bic, start_gap, converged, seconds, status);
};

bool same_best(const BestFit& left, const BestFit& right) {
  return std::equal(left.table.begin(), left.table.end(), right.table.begin(), right.table.end(),
                    [](const FamilyFit& a, const FamilyFit& b) { return same_members(a, b, kFitMembers); });
}

BestFit best_fit_of(nb::handle table) {
  BestFit best{.table = member_from_python<std::vector<FamilyFit>>(table)};
  require(!best.table.empty(), "table", "of one family or more", "none");
  return best;
}

/// Adds a property of the best family's fit, under the name that it has there.
template <class Bound, class Member>
void def_of_best(Bound& bound, const char* name, const char* signature, Member member, const char* doc) {
  bound.def_prop_ro(
      name, [member](const BestFit& of) { return of.best().*member; }, nb::for_getter(nb::sig(signature)), doc);
}

void bind_results(nb::module_& m) {
  nb::class_<FamilyFit> family_fit(m, "FamilyFit", "The fit of a family from its best start.");
  bind_plain_data(family_fit, kFitMembers);
  family_fit
      .def_prop_ro(
          "family", [](const FamilyFit& fit) { return std::string(word(fit.family)); }, "Name of the family.")
      .def_prop_ro(
          "model", [](const FamilyFit& fit) { return fit.model; },
          nb::for_getter(nb::sig("def model(self) -> MeanVarianceMixture")), "The fitted model.")
      .def_ro("log_likelihood", &FamilyFit::log_likelihood, "Total log-likelihood of the rows, nats.")
      .def_ro("n_parameters", &FamilyFit::n_parameters, "Number of free parameters; the gauge does not count.")
      .def_ro("aic", &FamilyFit::aic, "2 n_parameters - 2 log_likelihood.")
      .def_ro("bic", &FamilyFit::bic, "n_parameters log n - 2 log_likelihood; n counts rows that show something.")
      .def_ro(
          "start_gap", &FamilyFit::start_gap,
          "Log-likelihood of the best start less that of the second best, nats; if it is well above the tolerance,\n"
          "there are several maxima.")
      .def_ro("converged", &FamilyFit::converged, "True if the stopping rule was met.")
      .def_ro("seconds", &FamilyFit::seconds, "Time taken, seconds.")
      .def_prop_ro("status", &status_of, "The outcomes of the fit.")
      .def("__repr__", [](const FamilyFit& fit) {
        return "FamilyFit(family=" + in_quotes(fit.family) + ", log_likelihood=" + to_string(fit.log_likelihood) +
               ", bic=" + to_string(fit.bic) + ", status='" + status_of(fit).sentence() + "')";
      });
  nb::class_<BestFit> best_fit(
      m, "BestFit",
      "Fits of several families, ranked; ``str(best_fit)`` is the table. ``model``, ``family``, "
      "``status``, ... are\nthose of ``best``, the first.");
  best_fit.def("__eq__", &same_best, nb::is_operator());
  best_fit.attr("__hash__") = nb::none();
  bind_pickling(
      best_fit, [](const BestFit& best) { return nb::cast(best.table); }, &best_fit_of);
  def_of_best(best_fit, "model", "def model(self) -> MeanVarianceMixture", &FamilyFit::model,
              "The best family's fitted model.");
  best_fit.def_prop_ro(
      "family", [](const BestFit& of) { return std::string(word(of.best().family)); }, "Name of the best family.");
  def_of_best(best_fit, "log_likelihood", "def log_likelihood(self) -> float", &FamilyFit::log_likelihood,
              "Total log-likelihood of the rows under the best family, nats.");
  def_of_best(best_fit, "converged", "def converged(self) -> bool", &FamilyFit::converged,
              "True if the best family's fit met the stopping rule.");
  best_fit
      .def_prop_ro(
          "status", [](const BestFit& of) { return status_of(of.best()); }, "The outcomes of the best family's fit.")
      .def_prop_ro(
          "table", [](const BestFit& best) { return best.table; }, "The fits of all families, the best first.")
      .def_prop_ro(
          "best", [](const BestFit& best) { return best.best(); }, "The first fit of the table.")
      .def("__str__", &text_table)
      .def("__repr__", [](const BestFit& best) { return "<BestFit\n" + text_table(best) + ">"; });
}

}  // namespace

void bind_fit_best(nb::module_& m) {
  bind_results(m);
  m.def("fit_best", &run_fit_best, nb::arg("X"), nb::arg("families") = nb::none(), nb::arg("n_starts") = 8,
        nb::arg("key").none() = 0, nb::arg("criterion") = "bic", nb::arg("fitter") = nb::none(), nb::kw_only(),
        nb::arg("columns") = nb::none(),
        nb::sig("def fit_best(X: numpy.typing.ArrayLike, families: collections.abc.Iterable[type[MeanVarianceMixture] "
                "| str] | "
                "None = None, n_starts: int = 8, key: numpy.typing.ArrayLike | numpy.random.Generator | None = 0, "
                "criterion: str = 'bic', "
                "fitter: BatchEMFitter | None = None, *, columns: collections.abc.Sequence[str | int] | None = None) "
                "-> BestFit"),
        "Fit every family to the rows X (n, d) from several starts, and rank them.\n\n"
        "The first start is default_init, the others perturb it, keyed by ``key``; each takes a few incremental\n"
        "steps, and the two best are polished by ``fitter``, BatchEMFitter() if left out. A fit whose density is\n"
        "infinite at mu is ranked last: its likelihood means nothing.\n\n"
        "Parameters\n----------\n"
        "families : iterable of classes or their names, optional\n    All four if left out.\n"
        "n_starts : int\n    >= 1.\n"
        "criterion : str\n    'bic', 'aic' or 'log_likelihood'.\n"
        "columns : sequence of str or int, optional\n    Those of a table or file, as in fit_stream.\n\n"
        "Raises\n------\nValueError\n"
        "    For another family or one named twice, n_starts < 1, another criterion, no rows, infinity,\n"
        "    or NaN unless the fitter's missing is 'exact', which then holds for every start too.");
}

}  // namespace varimix::python
