#include "bindings.hpp"
#include "families.hpp"
#include "gil.hpp"
#include "model_class.hpp"
#include "numpy_arguments.hpp"
#include "plain_data.hpp"
#include "read_only.hpp"

namespace varimix::python {
namespace {

/// Returns what `function` gives, one number for each row. Where d = 1, a bare number is a row, and gives a number.
template <class S, class Function>
nb::object per_row(const MeanVarianceMixture<S>& model, nb::handle x, Function&& function) {
  const bool is_number = model.d() == 1 && nb::cast<bool>(nb::module_::import_("varimix.rows").attr("is_number")(x));
  const nb::object data = is_number ? nb::object(nb::module_::import_("numpy").attr("atleast_1d")(x)) : nb::borrow(x);
  Vector values = on_rows(model, data, std::forward<Function>(function));
  return is_number ? nb::object(nb::float_(values(0))) : nb::cast(std::move(values));
}

}  // namespace

void bind_e_step_result(nb::module_& m) {
  nb::class_<EStepResult> result(m, "EStepResult", "The result of an E-step.");
  bind_plain_data(result, [](auto& of) {
    auto& [eta, log_lik, floored_rows, observed, peak_row, peak_log_density] = of;
    return std::tie(eta, log_lik, floored_rows, observed, peak_row, peak_log_density);
  });
  result.def_ro("eta", &EStepResult::eta, "Expectation parameters of the rows.")
      .def_ro("log_lik", &EStepResult::log_lik, "Mean log-likelihood, nats per row.")
      .def_prop_ro(
          "observed",
          [](const EStepResult& of) {
            return of.observed.size() == 0 ? std::nullopt : std::optional<ReadOnlyVector>(read_only(of.observed));
          },
          kArray, "Number of rows that show each column (d) with missing=\"exact\", else None. Read-only.")
      .def("__repr__", [](const EStepResult& of) {
        return "EStepResult(log_lik=" + to_string(of.log_lik) +
               ", eta=" + nb::cast<std::string>(nb::repr(nb::cast(of.eta))) + ")";
      });
}

void bind_row_posteriors(nb::module_& m) {
  nb::class_<RowPosteriors> posteriors(m, "RowPosteriors",
                                       "The posterior moments of Y given each row, in read-only arrays (n).");
  bind_plain_data(posteriors, [](auto& of) {
    auto& [E_inv_Y, E_Y, E_log_Y] = of;
    return std::tie(E_inv_Y, E_Y, E_log_Y);
  });
  const auto property = [&](const char* name, Vector RowPosteriors::*member, const char* doc) {
    posteriors.def_prop_ro(
        name, [member](const RowPosteriors& of) { return read_only(of.*member); }, kArray, doc);
  };
  property("E_inv_Y", &RowPosteriors::E_inv_Y, "E[1/Y|x]: the robust weight of the row.");
  property("E_Y", &RowPosteriors::E_Y, "E[Y|x]: the volatility clock.");
  property("E_log_Y", &RowPosteriors::E_log_Y, "E[log Y|x].");
  posteriors.def("__repr__", [](const RowPosteriors& of) {
    return "RowPosteriors(of " + std::to_string(of.E_Y.size()) + " rows)";
  });
}

template <class S>
void bind_model_rows(Model<S>& model) {
  using M = MeanVarianceMixture<S>;
  model
      .def(
          "log_prob",
          [](const M& m, nb::handle x, const std::string& missing, nb::handle columns) {
            const auto gaps = choice_from<Missing>(missing, "missing");
            return on_rows(m, chosen(x, columns), [&](const RowView& rows) { return m.log_prob(rows, gaps); });
          },
          nb::arg("X"), nb::arg("missing") = "error", nb::kw_only(), nb::arg("columns") = nb::none(),
          nb::sig("def log_prob(self, X: numpy.typing.ArrayLike, missing: str = \"error\", *, columns: "
                  "collections.abc.Sequence[str | int] | None = None) -> numpy.typing.NDArray[numpy.float64]"),
          "Return the log density (n) of every row of X (n, d), nats.\n\n"
          "With missing=\"exact\" NaN is a value missing at random: the log density is that of what the row shows,\n"
          "and 0 for a row that shows nothing. ``columns`` chooses those of a table or file, as in fit_stream. "
          "ValueError\n"
          "for infinity or another shape, and for NaN otherwise.")
      .def(
          "log_pdf",
          [](const M& m, nb::handle x, const std::string& missing) {
            const auto gaps = choice_from<Missing>(missing, "missing");
            return per_row(m, x, [&](const RowView& rows) { return m.log_prob(rows, gaps); });
          },
          nb::arg("X"), nb::arg("missing") = "error",
          nb::sig("def log_pdf(self, X: numpy.typing.ArrayLike, missing: str = \"error\") -> typing.Any"),
          "Return log_prob, under the name that goes with log_cdf; where d = 1 a number gives a number.")
      .def(
          "pdf",
          [](const M& m, nb::handle x, const std::string& missing) {
            const auto gaps = choice_from<Missing>(missing, "missing");
            return per_row(m, x, [&](const RowView& rows) { return m.pdf(rows, gaps); });
          },
          nb::arg("X"), nb::arg("missing") = "error",
          nb::sig("def pdf(self, X: numpy.typing.ArrayLike, missing: str = \"error\") -> typing.Any"),
          "Return the density (n) of every row of X (n, d); where d = 1 a number gives a number. With\n"
          "missing=\"exact\" it is the density of what a row shows.")
      .def(
          "marginal_log_likelihood",
          [](const M& m, nb::handle x, const std::string& missing, nb::handle columns) {
            const auto gaps = choice_from<Missing>(missing, "missing");
            return on_rows(m, chosen(x, columns),
                           [&](const RowView& rows) { return m.marginal_log_likelihood(rows, gaps); });
          },
          nb::arg("X"), nb::arg("missing") = "error", nb::kw_only(), nb::arg("columns") = nb::none(),
          nb::sig("def marginal_log_likelihood(self, X: numpy.typing.ArrayLike, missing: str = \"error\", *, columns: "
                  "collections.abc.Sequence[str | int] | None = None) -> float"),
          "Return the mean log density of the rows X (n, d), nats per row. With missing=\"exact\" the mean is over\n"
          "the rows that show something. ``columns`` chooses those of a table or file, as in fit_stream.")
      .def(
          "e_step",
          [](const M& m, nb::handle x, const std::string& missing) {
            const auto gaps = choice_from<Missing>(missing, "missing");
            return on_rows(m, x, [&](const RowView& rows) { return m.e_step(rows, gaps); });
          },
          nb::arg("X"), nb::arg("missing") = "error",
          nb::sig("def e_step(self, X: numpy.typing.ArrayLike, missing: str = \"error\") -> EStepResult"),
          "Return the posterior moments of Y given the rows X (n, d), gathered in ``eta``, with ``log_lik``.\n\n"
          "With missing=\"exact\" NaN is a value missing at random, and all means are those given what a row shows; a\n"
          "row that shows nothing adds nothing.")
      .def(
          "posterior",
          [](const M& m, nb::handle x, const std::string& missing) {
            const auto gaps = choice_from<Missing>(missing, "missing");
            return on_rows(m, x, [&](const RowView& rows) { return m.posterior(rows, gaps); });
          },
          nb::arg("X"), nb::arg("missing") = "error",
          nb::sig("def posterior(self, X: numpy.typing.ArrayLike, missing: str = \"error\") -> RowPosteriors"),
          "Return E[1/Y|x], E[Y|x] and E[log Y|x] for every row x of X (n, d); the law of Y given the row is\n"
          "GIG(p - d/2, a + gamma' Sigma^-1 gamma, b + (x - mu)' Sigma^-1 (x - mu)).\n\n"
          "E[1/Y|x] is the weight that a row has, small for an outlier; E[Y|x] says how fast the clock of its\n"
          "volatility runs. With missing=\"exact\" they are those given what the row shows, and those of Y for a row\n"
          "that shows nothing.")
      .def(
          "rvs",
          [](const M& m, Index n, nb::handle seed) {
            const Seed key = to_key(seed, "seed");
            const GilRelease release;
            return m.rvs(n, key);
          },
          nb::arg("n"), nb::arg("seed") = nb::none(),
          nb::sig("def rvs(self, n: int, seed: numpy.typing.ArrayLike | numpy.random.Generator | None = None) -> "
                  "numpy.typing.NDArray[numpy.float64]"),
          "Return n draws (n, d). ``seed`` is an integer >= 0, or an array of them: row i depends on it and i alone, "
          "and\n"
          "is the same on every machine and for any number of threads. A numpy.random.Generator gives the seed from\n"
          "its next 16 bytes; None, the default, means fresh randomness: other rows in every call.");
}

#define VARIMIX_INSTANTIATE(S) template void bind_model_rows<S>(Model<S> & model);
VARIMIX_FOR_EACH_LAW(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix::python
