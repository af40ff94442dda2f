#include "bindings.hpp"
#include "families.hpp"
#include "model_class.hpp"
#include "numpy_arguments.hpp"
#include "varimix/mixture/column_moments.hpp"

namespace varimix::python {
namespace {

nb::object names_of(const ColumnNames& columns) { return columns.empty() ? nb::none() : nb::object(tuple_of(columns)); }

ColumnNames names_from(nb::handle names) {
  if (names.is_none()) return {};
  const nb::object texts = nb::module_::import_("varimix.names").attr("list_of_names")(names);
  return ColumnNames(nb::cast<std::vector<std::string>>(texts));
}

/// Returns numbers of the columns as a series of pandas, or a matrix of them as a frame.
nb::object labelled(const nb::object& values, const ColumnNames& columns, const char* name) {
  return nb::module_::import_("varimix.frames").attr("labelled")(values, names_of(columns), name);
}

/// Adds a function of the model that gives an array, and as its second form one with labels.
template <class S, class Function>
void def_labelled(Model<S>& model, const char* name, Function function, const char* doc) {
  const std::string signature = std::string("def ") + name + "(self, *, as_frame: bool = False) -> typing.Any";
  model
      .def(
          name, [function](const MeanVarianceMixture<S>& m) { return function(m); }, doc)
      .def(
          name,
          [name, function](const MeanVarianceMixture<S>& m, bool as_frame) {
            nb::object values = nb::cast(function(m));
            return as_frame ? labelled(values, m.columns(), name) : values;
          },
          nb::kw_only(), nb::arg("as_frame") = false, nb::sig(signature.c_str()),
          "With as_frame=True, return it as a Series or DataFrame of pandas, by the names of the columns.");
}

template <class S>
nb::object std_of(const MeanVarianceMixture<S>& model) {
  return model.d() == 1 ? nb::object(nb::float_(model.std())) : nb::cast(column_std(model));
}

/// Returns what a function of varimix's Python modules returns.
template <class... Arguments>
nb::object from_python(const char* module, const char* function, const Arguments&... arguments) {
  return nb::module_::import_(module).attr(function)(arguments...);
}

}  // namespace

template <class S>
void bind_model_columns(Model<S>& model) {
  using M = MeanVarianceMixture<S>;
  model
      .def_prop_ro(
          "columns", [](const M& m) { return names_of(m.columns()); },
          nb::for_getter(nb::sig("def columns(self) -> tuple[str, ...] | None")),
          "Names of the columns of X, in order, or None. Rows with names are put into this order at every door; names\n"
          "that differ are a ValueError. Models are compared by their parameters, not by these.")
      .def(
          "with_columns", [](const M& m, nb::handle names) { return m.with_columns(names_from(names)); },
          nb::arg("names").none(),
          nb::sig(
              for_family<S>("def with_columns(self, names: collections.abc.Iterable[str] | None) -> {family}").c_str()),
          "Return the same law with these names of its columns, or with none. ValueError unless they are d different\n"
          "texts that are not empty.");
  def_labelled(
      model, "mean", [](const M& m) { return m.mean(); }, "Return E[X] (d).");
  def_labelled(
      model, "cov", [](const M& m) { return m.cov(); }, "Return the covariance of X (d, d).");
  def_labelled(
      model, "corr", [](const M& m) { return correlation(m); },
      "Return the correlations of the columns of X (d, d); NaN where a variance is not finite.");
  def_labelled(
      model, "skewness", [](const M& m) { return m.skewness(); }, "Return the skewness of every coordinate (d).");
  def_labelled(
      model, "kurtosis", [](const M& m) { return m.kurtosis(); },
      "Return the excess kurtosis of every coordinate (d).");
  model
      .def(
          "std",
          [](const M& m, bool as_frame) {
            return as_frame ? labelled(nb::cast(column_std(m)), m.columns(), "std") : std_of(m);
          },
          nb::kw_only(), nb::arg("as_frame") = false, nb::sig("def std(self, *, as_frame: bool = False) -> typing.Any"),
          "Return the standard deviation of every column (d); where d = 1, a number. With as_frame=True, return them\n"
          "as a Series of pandas, by the names of the columns.")
      .def_prop_ro(
          "params", [](nb::handle self) { return from_python("varimix.frames", "params", self); },
          nb::for_getter(nb::sig("def params(self) -> typing.Any")),
          "The parameters as a DataFrame of pandas with a row for each column of X: mu, gamma, its row of Sigma, and "
          "the\n"
          "parameters of Y, which are the same in all rows.")
      .def(
          "to_dict", [](nb::handle self) { return from_python("varimix.plain_values", "model_to_dict", self); },
          nb::sig("def to_dict(self) -> dict[str, typing.Any]"),
          "Return plain values, as JSON holds them: 'family', 'columns' (a list, or None), 'mu', 'gamma', 'sigma' and\n"
          "the parameters of Y. from_dict makes the model of them, to rounding of sigma's factor.")
      .def_static(
          "from_dict",
          [](nb::handle values) {
            return from_python("varimix.plain_values", "model_from_dict", nb::type<M>(), values);
          },
          nb::arg("values"),
          nb::sig(for_family<S>("def from_dict(values: collections.abc.Mapping[str, typing.Any]) -> {family}").c_str()),
          "Return the model of what to_dict gave. ValueError for another family, or keys that are missing or unknown.")
      .def(
          "describe",
          [](nb::handle self, nb::handle other) {
            return from_python("varimix.describing", "describe_models", self, other);
          },
          nb::arg("other"), nb::sig("def describe(self, other: MeanVarianceMixture) -> str"),
          "Return, in some lines, what is different here from ``other``, a model of any family with the same columns:\n"
          "the largest moves of mean, volatility and correlation, by name, and those of the tails.");
}

#define VARIMIX_INSTANTIATE(S) template void bind_model_columns<S>(Model<S> & model);
VARIMIX_FOR_EACH_LAW(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix::python
