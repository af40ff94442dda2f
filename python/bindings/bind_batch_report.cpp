#include <nanobind/stl/array.h>

#include "bindings.hpp"
#include "plain_data.hpp"
#include "varimix/em/batch_report.hpp"
#include "varimix/em/drift_detector.hpp"
#include "varimix/em/log_score.hpp"

namespace varimix::python {

void bind_batch_report(nb::module_& m) {
  nb::class_<BatchReport> report(m, "BatchReport", "A report of one step of a fit.");
  bind_plain_data(report, [](auto& of) {
    auto& [step, rows, weight, parts, log_likelihood, impossible, parameter_change, drift, change, status] = of;
    return std::tie(step, rows, weight, parts, log_likelihood, impossible, parameter_change, drift, change, status);
  });
  report.def_ro("step", &BatchReport::step, "Number of steps taken so far, this one included.")
      .def_ro("rows", &BatchReport::rows, "Number of rows learned from: those of weight > 0.")
      .def_ro("weight", &BatchReport::weight, "Their total weight.")
      .def_ro("parts", &BatchReport::parts,
              "Number of M-steps taken; PolyakRuppertUpdate takes the first batches in parts.")
      .def_ro("log_likelihood", &BatchReport::log_likelihood,
              "Mean log density of the rows, nats per row, under the model shown before it learned from them; with\n"
              "score=False, under the models that drove their E-steps.")
      .def_ro("parameter_change", &BatchReport::parameter_change, "Largest gauge-free change of the driving model.")
      .def_ro("impossible", &BatchReport::impossible,
              "Weight of the rows to which the model gave density 0; they are left out of the score.")
      .def_ro(
          "drift", &BatchReport::drift,
          "Nearness of the scores to a signal: > 0 where they have fallen, < 0 where they have risen, 1 or more in\n"
          "size at a signal. It is told row by row, from 64 rows on (OnlineEM.drift).")
      .def_ro("change", &BatchReport::change,
              "True if the rows scored differently from those before them. This is a CUSUM signal, with at most one\n"
              "false alarm in 64,000 independent rows.")
      .def_ro("status", &BatchReport::status, "The outcomes of this step.")
      .def("__repr__", [](const BatchReport& r) {
        return "BatchReport(step=" + std::to_string(r.step) + ", rows=" + std::to_string(r.rows) +
               ", parts=" + std::to_string(r.parts) + ", log_likelihood=" + to_string(r.log_likelihood) + ", status='" +
               r.status.sentence() + "')";
      });
  nb::class_<LogScore> score(m, "LogScore", "The prequential score of a state (Dawid 1984).");
  bind_plain_data(score, [](auto& of) {
    auto& [half_life, total, weight, recent_total, recent_weight, impossible] = of;
    return std::tie(half_life, total, weight, recent_total, recent_weight, impossible);
  });
  score.def_ro("total", &LogScore::total, "Sum of weight times log density, nats.")
      .def_ro("weight", &LogScore::weight, "Total weight of the rows scored.")
      .def_ro("impossible", &LogScore::impossible,
              "Weight of the rows that were not scored, because the model gave them density 0.")
      .def_prop_ro("mean", &LogScore::mean, "Mean score, nats per row, over all rows scored; 0 before the first.")
      .def_prop_ro("recent", &LogScore::recent, "Mean score, nats per row, in which rows are forgotten exponentially.")
      .def("__repr__", [](const LogScore& s) {
        return "LogScore(mean=" + to_string(s.mean()) + ", recent=" + to_string(s.recent()) +
               ", weight=" + to_string(s.weight) + ")";
      });
  nb::class_<DriftDetector> detector(
      m, "DriftDetector",
      "Tells from the scores, row by row, when rows stop being like those before them, by two-sided CUSUM\n"
      "charts that start themselves.");
  bind_plain_data(detector, [](auto& of) {
    auto& [reference, falls, rises, changes] = of;
    auto& [weight, mean, deviation] = reference;
    return std::tie(weight, mean, deviation, falls, rises, changes);
  });
  detector
      .def_prop_ro(
          "rows", [](const DriftDetector& d) { return d.reference.weight; },
          "Weight of the rows since the start, or the last signal, with which others are compared; 64 are needed.")
      .def_prop_ro(
          "mean", [](const DriftDetector& d) { return d.reference.mean; }, "Mean score of these rows, nats.")
      .def_prop_ro(
          "standard_deviation", [](const DriftDetector& d) { return d.reference.deviation_of_one(); },
          "Standard deviation of the scores of these rows, nats.")
      .def_prop_ro(
          "level", &DriftDetector::level,
          "Nearness of the scores to a signal: > 0 where they have fallen, < 0 where they have risen, 1 in size at\n"
          "a signal.")
      .def_ro("changes", &DriftDetector::changes, "Number of signals so far.")
      .def("__repr__", [](const DriftDetector& d) {
        return "DriftDetector(level=" + to_string(d.level()) + ", rows=" + to_string(d.reference.weight) +
               ", mean=" + to_string(d.reference.mean) + ", changes=" + std::to_string(d.changes) + ")";
      });
  nb::class_<EarlyStopping> stopping(
      m, "EarlyStopping",
      "End a fit when ``patience`` steps have not raised the best recent score by ``min_gain`` nats per row.");
  bind_plain_data(
      stopping,
      [](auto& of) {
        auto& [patience, min_gain] = of;
        return std::tie(patience, min_gain);
      },
      [](const EarlyStopping& rule) { rule.check(); });
  stopping
      .def(
          "__init__",
          [](EarlyStopping* self, std::int64_t patience, double min_gain) {
            const EarlyStopping rule{.patience = patience, .min_gain = min_gain};
            rule.check();
            new (self) EarlyStopping(rule);
          },
          nb::arg("patience") = 20, nb::arg("min_gain") = 1e-4)
      .def_ro("patience", &EarlyStopping::patience)
      .def_ro("min_gain", &EarlyStopping::min_gain)
      .def("__repr__", [](const EarlyStopping& s) {
        return "EarlyStopping(patience=" + std::to_string(s.patience) + ", min_gain=" + show(s.min_gain) + ")";
      });
}

}  // namespace varimix::python
