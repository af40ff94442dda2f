#include <nanobind/stl/tuple.h>

#include <array>
#include <tuple>

#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/normal_mixture.hpp"

namespace varimix::python {
namespace {

using Nig = NormalInverseGaussian;
using State = std::tuple<Vector, Vector, Matrix, double, double>;

/// A function of rows: views them, and runs without the interpreter's lock.
template <class Function>
auto on_rows(const Nig& model, nb::handle x, Function&& function) {
  const Rows rows(x, model.d());
  const nb::gil_scoped_release release;
  return function(rows.view());
}

Nig default_init(nb::handle x) {
  Status status;
  const Rows rows(x, 0);
  Nig model = [&] {
    const nb::gil_scoped_release release;
    return Nig::default_init(rows.view(), status);
  }();
  constexpr std::array kDegenerate = {StatusCode::kConstantColumn, StatusCode::kTooFewRows,
                                      StatusCode::kCollinearColumns, StatusCode::kScaleOverflow};
  Status degenerate;
  for (const StatusEntry& entry : status.entries()) {
    if (std::find(kDegenerate.begin(), kDegenerate.end(), entry.code) != kDegenerate.end()) {
      degenerate.add(entry.code, entry.detail);
    }
  }
  if (!degenerate.empty()) {
    const nb::object category = nb::module_::import_("varimix").attr("DegenerateDataWarning");
    if (PyErr_WarnEx(category.ptr(), degenerate.sentence().c_str(), 1) != 0) throw nb::python_error();
  }
  return model;
}

Nig from_classical(nb::handle mu, nb::handle gamma, nb::handle sigma, double mu_ig, double lam) {
  return Nig::from_classical({.mu = to_vector(mu, "mu"),
                              .gamma = to_vector(gamma, "gamma"),
                              .sigma = to_matrix(sigma, "sigma"),
                              .mu_ig = mu_ig,
                              .lam = lam});
}

Nig replace(const Nig& model, nb::handle mu, nb::handle gamma, nb::handle sigma, std::optional<double> mu_ig,
            std::optional<double> lam) {
  ClassicalChanges<InverseGaussian> changes{.mu_ig = mu_ig, .lam = lam};
  if (!mu.is_none()) changes.mu = to_vector(mu, "mu");
  if (!gamma.is_none()) changes.gamma = to_vector(gamma, "gamma");
  if (!sigma.is_none()) changes.sigma = to_matrix(sigma, "sigma");
  return model.replace(changes);
}

void bind_inverse_gaussian(nb::module_& m) {
  nb::class_<InverseGaussian> law(
      m, "InverseGaussian", "Inverse Gaussian law of Y: mean ``mu_ig``, shape ``lam``, both > 0 and in the unit of Y.");
  bind_equality(law);
  law.def(nb::init<double, double>(), nb::arg("mu_ig"), nb::arg("lam"))
      .def_prop_ro("mu_ig", &InverseGaussian::mu_ig)
      .def_prop_ro("lam", &InverseGaussian::lam)
      .def("E_inv_Y", &InverseGaussian::E_inv_Y, "E[1/Y] = 1/mu_ig + 1/lam.")
      .def("E_Y", &InverseGaussian::E_Y, "E[Y] = mu_ig.")
      .def("E_log_Y", &InverseGaussian::E_log_Y, "E[log Y].")
      .def("__repr__", [](const InverseGaussian& self) {
        return "InverseGaussian(mu_ig=" + to_string(self.mu_ig()) + ", lam=" + to_string(self.lam()) + ")";
      });
}

void bind_e_step_result(nb::module_& m) {
  nb::class_<EStepResult>(m, "EStepResult", "What an E-step gives.")
      .def_ro("eta", &EStepResult::eta, "Expectation parameters of the rows.")
      .def_ro("log_lik", &EStepResult::log_lik, "Mean log-likelihood, nats per row.");
}

void bind_construction(nb::class_<Nig>& model) {
  model
      .def_static("from_classical", &from_classical, nb::arg("mu"), nb::arg("gamma"), nb::arg("sigma"),
                  nb::arg("mu_ig"), nb::arg("lam"),
                  nb::sig("def from_classical(mu: numpy.typing.ArrayLike, gamma: numpy.typing.ArrayLike, "
                          "sigma: numpy.typing.ArrayLike, mu_ig: float, lam: float) -> NormalInverseGaussian"),
                  "From location mu (d), skewness gamma (d), dispersion sigma (d, d), and Y's mean and shape.\n\n"
                  "ValueError for shapes that disagree, values not finite, sigma not symmetric or not positive\n"
                  "definite, mu_ig or lam not > 0, or lam / mu_ig^2 beyond a double.")
      .def_static("default_init", &default_init, nb::arg("X"),
                  nb::sig("def default_init(X: numpy.typing.ArrayLike) -> NormalInverseGaussian"),
                  "The model that has the mean, covariance, kurtosis and skewness direction of the rows X (n, d).\n\n"
                  "Never infeasible. Warns (DegenerateDataWarning, naming the columns) where the data made it bend:\n"
                  "constant columns, fewer than d + 1 rows, collinear columns, variances beyond a double.\n"
                  "ValueError for no rows, NaN or infinity.")
      .def_static("from_expectation", &Nig::from_expectation, nb::arg("eta"),
                  "The model whose expectation parameters are eta. ValueError if eta is infeasible.")
      .def(
          "replace", &replace, nb::kw_only(), nb::arg("mu") = nb::none(), nb::arg("gamma") = nb::none(),
          nb::arg("sigma") = nb::none(), nb::arg("mu_ig") = nb::none(), nb::arg("lam") = nb::none(),
          nb::sig("def replace(self, *, mu: numpy.typing.ArrayLike | None = None, gamma: numpy.typing.ArrayLike | None "
                  "= None, sigma: numpy.typing.ArrayLike | None = None, mu_ig: float | None = None, "
                  "lam: float | None = None) -> NormalInverseGaussian"),
          "A copy with some parameters replaced; checked as from_classical.")
      .def("rescale_y", &Nig::rescale_y, nb::arg("s"),
           "The same law of X with sY in place of Y: (mu, gamma/s, sigma/s).");
}

void bind_parameters(nb::class_<Nig>& model) {
  model.def_prop_ro("d", &Nig::d, "Dimension of X.")
      .def_prop_ro(
          "mu", [](const Nig& m) { return Vector(m.mu()); }, "Location (d).")
      .def_prop_ro(
          "gamma", [](const Nig& m) { return Vector(m.gamma()); }, "Skewness (d).")
      .def_prop_ro(
          "L_Sigma", [](const Nig& m) { return Matrix(m.L_Sigma()); }, "Lower Cholesky factor of Sigma (d, d).")
      .def_prop_ro(
          "mu_ig", [](const Nig& m) { return m.subordinator().mu_ig(); }, "Mean of Y.")
      .def_prop_ro(
          "lam", [](const Nig& m) { return m.subordinator().lam(); }, "Shape of Y.")
      .def("sigma", &Nig::sigma, "Dispersion Sigma (d, d).")
      .def("log_det_sigma", &Nig::log_det_sigma, "log det Sigma.")
      .def(
          "subordinator", [](const Nig& m) { return m.subordinator(); }, "The law of Y.")
      .def("tail_weight", &Nig::tail_weight,
           "E[Y]E[1/Y] - 1 >= 0, gauge-free: 0 is the Gaussian, larger is heavier tails.")
      .def("mean", &Nig::mean, "E[X] (d).")
      .def("cov", &Nig::cov, "Covariance of X (d, d).")
      .def("skewness", &Nig::skewness, "Skewness of every coordinate (d).")
      .def("kurtosis", &Nig::kurtosis, "Excess kurtosis of every coordinate (d).")
      .def("compute_eta_from_model", &Nig::compute_eta_from_model, "Expectation parameters of the model itself.")
      .def("m_step", &Nig::m_step, nb::arg("eta"), "The model whose expectation parameters are eta: the M-step.")
      .def("same_law", &Nig::same_law, nb::arg("other"), nb::arg("tolerance"),
           "True if both are the same law of X to a tolerance, in gauge-free terms: parameters may differ.");
}

void bind_rows(nb::class_<Nig>& model) {
  model
      .def(
          "log_prob",
          [](const Nig& m, nb::handle x) { return on_rows(m, x, [&](const RowView& r) { return m.log_prob(r); }); },
          nb::arg("X"), nb::sig("def log_prob(self, X: numpy.typing.ArrayLike) -> numpy.typing.NDArray[numpy.float64]"),
          "Log density of every row of X (n, d), nats: (n). ValueError for NaN, infinity, or another shape.")
      .def(
          "pdf", [](const Nig& m, nb::handle x) { return on_rows(m, x, [&](const RowView& r) { return m.pdf(r); }); },
          nb::arg("X"), nb::sig("def pdf(self, X: numpy.typing.ArrayLike) -> numpy.typing.NDArray[numpy.float64]"),
          "Density of every row of X (n, d): (n).")
      .def(
          "marginal_log_likelihood",
          [](const Nig& m, nb::handle x) {
            return on_rows(m, x, [&](const RowView& r) { return m.marginal_log_likelihood(r); });
          },
          nb::arg("X"), nb::sig("def marginal_log_likelihood(self, X: numpy.typing.ArrayLike) -> float"),
          "Mean log density of the rows X (n, d), nats per row.")
      .def(
          "e_step",
          [](const Nig& m, nb::handle x) { return on_rows(m, x, [&](const RowView& r) { return m.e_step(r); }); },
          nb::arg("X"), nb::sig("def e_step(self, X: numpy.typing.ArrayLike) -> EStepResult"),
          "Posterior moments of Y given the rows X (n, d), gathered in ``eta``, with ``log_lik``.")
      .def(
          "rvs",
          [](const Nig& m, Index n, nb::handle seed) {
            const Seed key = to_key(seed, "seed");
            const nb::gil_scoped_release release;
            return m.rvs(n, key);
          },
          nb::arg("n"), nb::arg("seed"),
          nb::sig("def rvs(self, n: int, seed: numpy.typing.ArrayLike) -> numpy.typing.NDArray[numpy.float64]"),
          "n draws (n, d). Row i depends on seed and i alone; the same on every machine and for any number of "
          "threads.");
}

void bind_projection(nb::class_<Nig>& model) {
  model
      .def(
          "project", [](const Nig& m, nb::handle w) { return m.project(to_vector(w, "w")); }, nb::arg("w"),
          nb::sig("def project(self, w: numpy.typing.ArrayLike) -> NormalInverseGaussian"),
          "The one-dimensional law of w'X. ValueError unless w is finite, of dimension d, and not zero.")
      .def(
          "cdf", [](const Nig& m, nb::handle x) { return map_elements(x, "x", [&](double v) { return m.cdf(v); }); },
          nb::arg("x"), nb::sig("def cdf(self, x: numpy.typing.ArrayLike) -> typing.Any"),
          "P(X <= x) elementwise, d = 1 only; 1e-10 relative in both tails down to 1e-300.")
      .def(
          "sf", [](const Nig& m, nb::handle x) { return map_elements(x, "x", [&](double v) { return m.sf(v); }); },
          nb::arg("x"), nb::sig("def sf(self, x: numpy.typing.ArrayLike) -> typing.Any"),
          "P(X > x) elementwise, d = 1 only; computed as such, not as 1 - cdf.")
      .def(
          "ppf", [](const Nig& m, nb::handle q) { return map_elements(q, "q", [&](double v) { return m.ppf(v); }); },
          nb::arg("q"), nb::sig("def ppf(self, q: numpy.typing.ArrayLike) -> typing.Any"),
          "The x with cdf(x) = q, elementwise, d = 1 only. ValueError for q outside [0, 1].");
}

void bind_value(nb::class_<Nig>& model) {
  bind_equality(model);
  model.def("__repr__", [](const Nig& m) { return to_string(m); })
      .def("__getstate__",
           [](const Nig& m) {
             return State{m.mu(), m.gamma(), m.L_Sigma(), m.subordinator().mu_ig(), m.subordinator().lam()};
           })
      .def("__setstate__", [](Nig& target, const State& state) {
        const auto& [mu, gamma, L_Sigma, mu_ig, lam] = state;
        new (&target) Nig(mu, gamma, L_Sigma, InverseGaussian(mu_ig, lam));
      });
}

}  // namespace

void bind_mixture(nb::module_& m) {
  bind_inverse_gaussian(m);
  bind_e_step_result(m);
  nb::class_<Nig> model(m, "NormalInverseGaussian",
                        "X = mu + gamma Y + sqrt(Y) Z, Z ~ N(0, Sigma), Y ~ InverseGaussian(mu_ig, lam).\n\n"
                        "An immutable value: picklable, compared by its parameters.");
  bind_construction(model);
  bind_parameters(model);
  bind_rows(model);
  bind_projection(model);
  bind_value(model);
}

}  // namespace varimix::python
