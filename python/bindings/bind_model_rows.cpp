#include "bindings.hpp"
#include "families.hpp"
#include "model_class.hpp"
#include "numpy_arguments.hpp"

namespace varimix::python {
namespace {

/// A function of rows: views them, and runs without the interpreter's lock.
template <class S, class Function>
auto on_rows(const NormalMixture<S>& model, nb::handle x, Function&& function) {
  const Rows rows(x, model.d());
  const nb::gil_scoped_release release;
  return function(rows.view());
}

/// A function of one number a row. A bare number is a row where d = 1, and gives a number.
template <class S, class Function>
nb::object per_row(const NormalMixture<S>& model, nb::handle x, Function&& function) {
  const nb::module_ numpy = nb::module_::import_("numpy");
  const bool is_number = model.d() == 1 && nb::cast<int>(numpy.attr("ndim")(x)) == 0;
  const nb::object data = is_number ? nb::object(numpy.attr("atleast_1d")(x)) : nb::borrow(x);
  Vector values = on_rows(model, data, std::forward<Function>(function));
  return is_number ? nb::object(nb::float_(values(0))) : nb::cast(std::move(values));
}

}  // namespace

void bind_e_step_result(nb::module_& m) {
  nb::class_<EStepResult>(m, "EStepResult", "What an E-step gives.")
      .def_ro("eta", &EStepResult::eta, "Expectation parameters of the rows.")
      .def_ro("log_lik", &EStepResult::log_lik, "Mean log-likelihood, nats per row.");
}

template <class S>
void bind_model_rows(Model<S>& model) {
  using M = NormalMixture<S>;
  model
      .def(
          "log_prob",
          [](const M& m, nb::handle x) { return on_rows(m, x, [&](const RowView& rows) { return m.log_prob(rows); }); },
          nb::arg("X"), nb::sig("def log_prob(self, X: numpy.typing.ArrayLike) -> numpy.typing.NDArray[numpy.float64]"),
          "Log density of every row of X (n, d), nats: (n). ValueError for NaN, infinity, or another shape.")
      .def(
          "log_pdf",
          [](const M& m, nb::handle x) { return per_row(m, x, [&](const RowView& rows) { return m.log_prob(rows); }); },
          nb::arg("X"), nb::sig("def log_pdf(self, X: numpy.typing.ArrayLike) -> typing.Any"),
          "log_prob by its name beside log_cdf; where d = 1 a number gives a number.")
      .def(
          "pdf",
          [](const M& m, nb::handle x) { return per_row(m, x, [&](const RowView& rows) { return m.pdf(rows); }); },
          nb::arg("X"), nb::sig("def pdf(self, X: numpy.typing.ArrayLike) -> typing.Any"),
          "Density of every row of X (n, d): (n); where d = 1 a number gives a number.")
      .def(
          "marginal_log_likelihood",
          [](const M& m, nb::handle x) {
            return on_rows(m, x, [&](const RowView& rows) { return m.marginal_log_likelihood(rows); });
          },
          nb::arg("X"), nb::sig("def marginal_log_likelihood(self, X: numpy.typing.ArrayLike) -> float"),
          "Mean log density of the rows X (n, d), nats per row.")
      .def(
          "e_step",
          [](const M& m, nb::handle x) { return on_rows(m, x, [&](const RowView& rows) { return m.e_step(rows); }); },
          nb::arg("X"), nb::sig("def e_step(self, X: numpy.typing.ArrayLike) -> EStepResult"),
          "Posterior moments of Y given the rows X (n, d), gathered in ``eta``, with ``log_lik``.")
      .def(
          "rvs",
          [](const M& m, Index n, nb::handle seed) {
            const Seed key = to_key(seed, "seed");
            const nb::gil_scoped_release release;
            return m.rvs(n, key);
          },
          nb::arg("n"), nb::arg("seed"),
          nb::sig("def rvs(self, n: int, seed: numpy.typing.ArrayLike) -> numpy.typing.NDArray[numpy.float64]"),
          "n draws (n, d). Row i depends on seed and i alone; the same on every machine and for any number of\n"
          "threads.");
}

#define VARIMIX_INSTANTIATE(S) template void bind_model_rows<S>(Model<S> & model);
VARIMIX_FOR_EACH_LAW(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix::python
