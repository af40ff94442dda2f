#include <chrono>

#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "update_rule_argument.hpp"
#include "varimix/em/incremental_em_fitter.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::python {
namespace {

using Nig = NormalInverseGaussian;
using State = OnlineEM<InverseGaussian>;
using Result = EMResult<InverseGaussian>;

/// Between steps of a fit: lets Python handle Ctrl-C and shows progress, at most every kInterval, because taking the
/// interpreter's lock may wait for other threads.
class BetweenSteps {
 public:
  explicit BetweenSteps(nb::handle progress) : progress_(progress) {}
  bool operator()(std::int64_t steps_taken) {
    constexpr std::chrono::milliseconds kInterval(50);
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < kInterval) return true;
    last_ = now;
    const nb::gil_scoped_acquire acquire;
    if (PyErr_CheckSignals() != 0) return false;  // the exception is raised when the fit has returned
    if (!progress_.is_none()) progress_(steps_taken);
    return true;
  }

 private:
  nb::handle progress_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

IncrementalEMFitter make_fitter(nb::handle eta_update, std::int64_t batch_size, std::int64_t max_steps, int inner_iter,
                                int verbose, const std::string& regularization, const std::string& e_step_backend,
                                const std::string& m_step_backend) {
  return IncrementalEMFitter({.batch_size = batch_size,
                              .max_steps = max_steps,
                              .eta_update = to_update_rule(eta_update),
                              .inner_iter = inner_iter,
                              .verbose = verbose,
                              .regularization = regularization,
                              .e_step_backend = e_step_backend,
                              .m_step_backend = m_step_backend});
}

Result fit(const IncrementalEMFitter& fitter, State& state, nb::handle x, nb::handle key, nb::handle progress) {
  const Rows rows(x, state.d());
  const Key stream_key = to_key(key, "key");
  BetweenSteps between(progress);
  Result result = [&] {
    const nb::gil_scoped_release release;
    return fitter.fit(state, rows.view(), stream_key, std::ref(between));
  }();
  if (PyErr_Occurred() != nullptr) throw nb::python_error();
  return result;
}

std::string repr(const Result& r) {
  return "EMResult(n_iter=" + std::to_string(r.n_iter) + ", elapsed_time=" + to_string(r.elapsed_time) +
         " s, status='" + r.status.sentence() + "', model=" + to_string(r.model) + ")";
}

Vector to_array(const std::vector<double>& values) {
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

void bind_results(nb::module_& m) {
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

  nb::class_<Result>(m, "EMResult", "What a fit gives back. It holds no data.")
      .def_ro("model", &Result::model, "The fitted model.")
      .def_prop_ro(
          "log_likelihoods", [](const Result& r) { return to_array(r.log_likelihoods); },
          "With verbose: mean log-likelihood of all rows after every max(1, max_steps // 10) steps and at the end.")
      .def_prop_ro(
          "param_changes", [](const Result& r) { return to_array(r.param_changes); },
          "Of every step, the largest gauge-free change of the driving model.")
      .def_ro("n_iter", &Result::n_iter, "Steps taken.")
      .def_ro("converged", &Result::converged, "False: incremental EM has no convergence test; see status.")
      .def_ro("elapsed_time", &Result::elapsed_time, "Seconds.")
      .def_ro("diverged", &Result::diverged, "True if a step was not finite and was not taken.")
      .def_ro("status", &Result::status, "What happened.")
      .def("__repr__", &repr);
}

void bind_online_em(nb::module_& m) {
  nb::class_<State>(
      m, "OnlineEM",
      "The one state of a fit: model, running eta, rule, step, weight. O(d^2) numbers, never a row.\n"
      "Not for updates from two threads at once.\n\n"
      "Parameters\n----------\n"
      "model : NormalInverseGaussian\n    Where to start.\n"
      "eta_update : update rule, optional\n    PolyakRuppertUpdate() if left out.\n"
      "inner_iter : int\n    E/M rounds on a batch.\n"
      "regularization : str\n    The gauge in which the model is shown: 'none' (running E[Y] = 1), 'mean_y_one',\n"
      "    'det_sigma_one', 'det_sigma_x', 'a_eq_b'.")
      .def(
          "__init__",
          [](State* self, const Nig& model, nb::handle eta_update, int inner_iter, const std::string& regularization) {
            new (self) State(model, to_update_rule(eta_update), {inner_iter, regularization});
          },
          nb::arg("model"), nb::arg("eta_update") = nb::none(), nb::arg("inner_iter") = 1,
          nb::arg("regularization") = "none",
          nb::sig(
              "def __init__(self, model: NormalInverseGaussian, eta_update: object | None = None, inner_iter: int = 1, "
              "regularization: str = 'none') -> None"))
      .def(
          "update",
          [](State& state, nb::handle batch) {
            const Rows rows(batch, state.d(), "batch");
            const nb::gil_scoped_release release;
            return state.update(rows.view());
          },
          nb::arg("batch"), nb::sig("def update(self, batch: numpy.typing.ArrayLike) -> BatchReport"),
          "Learn from a batch (m, d). ValueError, before anything changes, for NaN, infinity, or another shape.")
      .def_prop_ro("model", &State::model, "The model that users see: a value, of the rule's reported eta.")
      .def_prop_ro(
          "driving_model", [](const State& s) { return Nig(s.driving_model()); },
          "The model that drives the next E-step, in the gauge E[Y] = 1.")
      .def_prop_ro(
          "eta", [](const State& s) { return Expectations(s.eta()); }, "The running expectation parameters.")
      .def_prop_ro("step", &State::step, "Updates so far.")
      .def_prop_ro("total_weight", &State::total_weight, "Rows learned so far.")
      .def_prop_ro(
          "status", [](const State& s) { return s.status(); },
          "All that happened so far, and the limits in which the model is now.")
      .def("__copy__", [](const State& s) { return State(s); })
      .def(
          "__deepcopy__", [](const State& s, nb::handle /*memo*/) { return State(s); }, nb::arg("memo"))
      .def("__repr__", [](const State& s) {
        return "OnlineEM(step=" + std::to_string(s.step()) + ", total_weight=" + to_string(s.total_weight()) +
               ", model=" + to_string(s.model()) + ")";
      });
}

void bind_fitter(nb::module_& m) {
  nb::class_<IncrementalEMFitter>(m, "IncrementalEMFitter", "The compiled loop of varimix.IncrementalEMFitter.")
      .def(
          "__init__",
          [](IncrementalEMFitter* self, nb::handle eta_update, std::int64_t batch_size, std::int64_t max_steps,
             int inner_iter, int verbose, const std::string& regularization, const std::string& e_step_backend,
             const std::string& m_step_backend) {
            new (self) IncrementalEMFitter(make_fitter(eta_update, batch_size, max_steps, inner_iter, verbose,
                                                       regularization, e_step_backend, m_step_backend));
          },
          nb::arg("eta_update") = nb::none(), nb::arg("batch_size") = 256, nb::arg("max_steps") = 200,
          nb::arg("inner_iter") = 1, nb::arg("verbose") = 0, nb::arg("regularization") = "none",
          nb::arg("e_step_backend") = "cpu", nb::arg("m_step_backend") = "cpu",
          nb::sig("def __init__(self, eta_update: object | None = None, batch_size: int = 256, max_steps: int = 200, "
                  "inner_iter: int = 1, verbose: int = 0, regularization: str = 'none', e_step_backend: str = 'cpu', "
                  "m_step_backend: str = 'cpu') -> None"))
      .def_prop_ro("batch_size", [](const IncrementalEMFitter& f) { return f.options().batch_size; })
      .def_prop_ro("max_steps", [](const IncrementalEMFitter& f) { return f.options().max_steps; })
      .def_prop_ro("verbose", [](const IncrementalEMFitter& f) { return f.options().verbose; })
      .def(
          "start", [](const IncrementalEMFitter& f, const Nig& init) { return f.start(init); }, nb::arg("init"),
          "The state from which a fit starts.")
      .def("run", &fit, nb::arg("state"), nb::arg("X"), nb::kw_only(), nb::arg("key"), nb::arg("progress") = nb::none(),
           nb::sig("def run(self, state: OnlineEM, X: numpy.typing.ArrayLike, *, key: numpy.typing.ArrayLike, "
                   "progress: collections.abc.Callable[[int], object] | None = None) -> EMResult"),
           "Take max_steps steps from `state`, which holds all completed ones also if this is interrupted.");
}

}  // namespace

void bind_em(nb::module_& m) {
  bind_results(m);
  bind_online_em(m);
  bind_fitter(m);
}

}  // namespace varimix::python
