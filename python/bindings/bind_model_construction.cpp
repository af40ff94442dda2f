#include <algorithm>
#include <array>

#include "bindings.hpp"
#include "degenerate_data.hpp"
#include "families.hpp"
#include "gil.hpp"
#include "law_class.hpp"
#include "model_class.hpp"
#include "named_status.hpp"
#include "numpy_arguments.hpp"

namespace varimix::python {

void warn_of_degenerate_data(const Status& status) {
  constexpr std::array kDegenerate = {StatusCode::kConstantColumn, StatusCode::kTooFewRows,
                                      StatusCode::kCollinearColumns, StatusCode::kScaleOverflow,
                                      StatusCode::kUnseenColumn};
  Status degenerate;
  for (const StatusEntry& entry : status.entries()) {
    if (std::find(kDegenerate.begin(), kDegenerate.end(), entry.code) != kDegenerate.end()) {
      degenerate.add(entry.code, entry.detail);
    }
  }
  if (degenerate.empty()) return;
  const nb::object category = nb::module_::import_("varimix").attr("DegenerateDataWarning");
  if (PyErr_WarnEx(category.ptr(), degenerate.sentence().c_str(), 1) != 0) throw nb::python_error();
}

namespace {

/// Returns weights of the columns in their order. Python aligns what may have names.
Vector weights_of(const ColumnNames& columns, nb::handle w) {
  if (nb::isinstance(w, nb::module_::import_("numpy").attr("ndarray"))) return to_vector(w, "w");
  const nb::object names = columns.empty() ? nb::none() : nb::object(tuple_of(columns));
  return to_vector(nb::module_::import_("varimix.names").attr("weights_in_order")(w, names), "w");
}

template <class S>
MeanVarianceMixture<S> default_init(nb::handle x, const std::string& missing, nb::handle chosen_columns) {
  const auto gaps = choice_from<Missing>(missing, "missing");
  Status status;
  const Rows rows(chosen(x, chosen_columns), 0);
  const ColumnNames columns = rows.columns();
  MeanVarianceMixture<S> model =
      rows.read([&](const RowView& view) { return MeanVarianceMixture<S>::default_init(view, status, gaps); });
  warn_of_degenerate_data(named(status, columns));
  return std::move(model).with_columns(columns);
}

template <class S, std::size_t... k>
void def_from_classical(Model<S>& model, std::index_sequence<k...> /*parameters*/) {
  const std::string signature = for_family<S>(
      "def from_classical(mu: numpy.typing.ArrayLike, gamma: numpy.typing.ArrayLike, sigma: numpy.typing.ArrayLike, "
      "{shape}) -> {family}");
  model.def_static(
      "from_classical",
      [](nb::handle mu, nb::handle gamma, nb::handle sigma, Number<k>... shape) {
        return MeanVarianceMixture<S>::from_classical(
            {to_vector(mu, "mu"), to_vector(gamma, "gamma"), to_matrix(sigma, "sigma"), shape...});
      },
      nb::arg("mu"), nb::arg("gamma"), nb::arg("sigma"), nb::arg(S::kParameterNames[k])..., nb::sig(signature.c_str()),
      "Return the model of location mu (d), skewness gamma (d), dispersion sigma (d, d), and the parameters of Y.\n\n"
      "ValueError for shapes that disagree, values not finite, sigma not symmetric or not positive\n"
      "definite, or parameters that the law of Y does not take.");
}

template <class S, std::size_t... k>
void def_replace(Model<S>& model, std::index_sequence<k...> /*parameters*/) {
  using M = MeanVarianceMixture<S>;
  const std::string signature = for_family<S>(
      "def replace(self, *, mu: numpy.typing.ArrayLike | None = None, gamma: numpy.typing.ArrayLike | None = None, "
      "sigma: numpy.typing.ArrayLike | None = None, {shape}) -> {family}",
      ": float | None = None");
  model.def(
      "replace",
      [](const M& m, nb::handle mu, nb::handle gamma, nb::handle sigma, OptionalNumber<k>... shape) {
        ClassicalChanges<S> changes{std::nullopt, std::nullopt, std::nullopt, shape...};
        if (!mu.is_none()) changes.mu = to_vector(mu, "mu");
        if (!gamma.is_none()) changes.gamma = to_vector(gamma, "gamma");
        if (!sigma.is_none()) changes.sigma = to_matrix(sigma, "sigma");
        return m.replace(changes);
      },
      nb::kw_only(), nb::arg("mu") = nb::none(), nb::arg("gamma") = nb::none(), nb::arg("sigma") = nb::none(),
      (nb::arg(S::kParameterNames[k]) = nb::none())..., nb::sig(signature.c_str()),
      "Return a copy with some parameters replaced; they are checked as in from_classical.");
}

}  // namespace

template <class S>
void bind_model_construction(Model<S>& model) {
  using M = MeanVarianceMixture<S>;
  def_from_classical<S>(model, kParameterIndices<S>);
  def_replace<S>(model, kParameterIndices<S>);
  model
      .def_static(
          "default_init", &default_init<S>, nb::arg("X"), nb::arg("missing") = "error", nb::kw_only(),
          nb::arg("columns") = nb::none(),
          nb::sig(for_family<S>("def default_init(X: numpy.typing.ArrayLike, missing: str = \"error\", *, "
                                "columns: collections.abc.Sequence[str | int] | None = None) -> {family}")
                      .c_str()),
          "Return the model that has the mean, covariance, kurtosis and skewness direction of the rows X (n, d).\n\n"
          "It is never infeasible. Warns (DegenerateDataWarning, naming the columns) where the data made it bend:\n"
          "constant columns, fewer than d + 1 rows, collinear columns, variances beyond a double.\n"
          "The model has the names of the columns of X, if X is a table that has some.\n"
          "ValueError for no rows, NaN or infinity. With missing=\"exact\" NaN is a value missing at random:\n"
          "moments are those of the values that are there, and a column without any is warned of. ``columns``\n"
          "chooses those of a table or file, as in fit_stream.")
      .def_static("from_expectation", &M::from_expectation, nb::arg("eta"),
                  "Return the model whose expectation parameters are eta. ValueError if eta is infeasible.")
      .def("m_step", &M::m_step, nb::arg("eta"), "Return the model whose expectation parameters are eta: the M-step.")
      .def(
          "rescale_y", [](const M& m, double s) { return m.rescale_y(s); }, nb::arg("s"),
          "Return the same law of X with sY in place of Y: (mu, gamma/s, sigma/s).")
      .def(
          "project", [](const M& m, nb::handle w) { return m.project(weights_of(m.columns(), w)); }, nb::arg("w"),
          nb::sig(for_family<S>("def project(self, w: numpy.typing.ArrayLike | collections.abc.Mapping[str, float]) -> "
                                "{family}")
                      .c_str()),
          "Return the one-dimensional law of w'X.\n\n"
          "Where the columns have names, w may be a dict of some names and their weights; others weigh 0. A pandas\n"
          "Series by name has all of them, in any order. ValueError unless w is finite, of dimension d, and not zero,\n"
          "and for names that are missing or that the model does not have.");
}

#define VARIMIX_INSTANTIATE(S) template void bind_model_construction<S>(Model<S> & model);
VARIMIX_FOR_EACH_LAW(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix::python
