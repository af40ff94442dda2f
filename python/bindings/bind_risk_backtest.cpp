#include <nanobind/stl/map.h>
#include <nanobind/stl/tuple.h>

#include <string>
#include <tuple>

#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "pickling.hpp"
#include "plain_data.hpp"
#include "read_only.hpp"
#include "varimix/risk/backtest.hpp"
#include "varimix/risk/e_backtest.hpp"
#include "varimix/risk/shortfall_score.hpp"

namespace varimix::python {
namespace {

std::string optional_text(const std::optional<double>& value) { return value ? show(*value) : "None"; }

std::string test_text(const BacktestTest& test) {
  return "status='" + std::string(word(test.status)) + "', statistic=" + show(test.statistic) +
         ", p_value=" + optional_text(test.p_value);
}

/// Adds what every test has; `get(value)` is its BacktestTest.
template <class Class, class Get>
void bind_test_parts(Class& bound, Get get) {
  using Value = typename Class::Type;
  bound
      .def_prop_ro(
          "status", [get](const Value& of) { return std::string(word(get(of).status)); },
          "'tested', 'not_testable' where the days cannot tell, or 'not_simulated' without the laws of the days.")
      .def_prop_ro(
          "statistic", [get](const Value& of) { return get(of).statistic; },
          "The statistic; 0 where it is not testable.")
      .def_prop_ro(
          "p_value", [get](const Value& of) { return get(of).p_value; }, "The p-value, or None.");
}

void bind_tests(nb::module_& m) {
  nb::class_<BacktestTest> test(m, "BacktestTest", "The outcome of one test of a backtest: finite in every case.");
  bind_plain_data(test, [](auto& of) {
    auto& [status, statistic, p_value] = of;
    return std::tie(status, statistic, p_value);
  });
  bind_test_parts(test, [](const BacktestTest& of) { return of; });
  test.def("__repr__", [](const BacktestTest& of) { return "BacktestTest(" + test_text(of) + ")"; });

  nb::class_<DurationTest> duration(m, "DurationTest", "The test of the days from one failure to the next.");
  bind_plain_data(duration, [](auto& of) {
    auto& [inner, shape, at_bound] = of;
    return std::tie(inner, shape, at_bound);
  });
  bind_test_parts(duration, [](const DurationTest& of) { return of.test; });
  duration
      .def_ro("shape", &DurationTest::shape,
              "The shape b of P(D > d) = exp(-theta d^b), estimated within [1/16, 16]: below 1 where failures cluster.")
      .def_ro("at_bound", &DurationTest::at_bound,
              "Whether b is at an end of that interval: the true statistic is larger.")
      .def("__repr__", [](const DurationTest& of) {
        return "DurationTest(" + test_text(of.test) + ", shape=" + show(of.shape) + ")";
      });

  nb::class_<SimulatedTest> simulated(m, "SimulatedTest",
                                      "A statistic that is low where losses are larger than forecast, with its law "
                                      "simulated from the laws of the days.");
  bind_plain_data(simulated, [](auto& of) {
    auto& [inner, critical_value] = of;
    return std::tie(inner, critical_value);
  });
  bind_test_parts(simulated, [](const SimulatedTest& of) { return of.test; });
  simulated
      .def_ro("critical_value", &SimulatedTest::critical_value,
              "What the test of size test_level rejects below, or None.")
      .def("__repr__", [](const SimulatedTest& of) {
        return "SimulatedTest(" + test_text(of.test) + ", critical_value=" + optional_text(of.critical_value) + ")";
      });

  nb::class_<TrafficLight> light(m, "TrafficLight", "The zone of the Basel Committee (1996).");
  bind_plain_data(light, [](auto& of) {
    auto& [zone, cdf, sf] = of;
    return std::tie(zone, cdf, sf);
  });
  light
      .def_prop_ro(
          "zone", [](const TrafficLight& of) { return std::string(word(of.zone)); },
          "'green' where cdf is below 0.95, 'red' from 0.9999 on, else 'yellow'.")
      .def_ro("cdf", &TrafficLight::cdf, "P(N <= failures), N binomial (days, alpha).")
      .def_ro("sf", &TrafficLight::sf, "P(N >= failures), the p-value of too many failures.")
      .def("__repr__", [](const TrafficLight& of) {
        return "TrafficLight(zone='" + std::string(word(of.zone)) + "', cdf=" + show(of.cdf) + ", sf=" + show(of.sf) +
               ")";
      });
}

void bind_scores(nb::module_& m) {
  nb::class_<ScoreDifference> difference(m, "ScoreDifference",
                                         "The mean difference of two series of scores, with its HAC standard error.");
  bind_plain_data(difference, [](auto& of) {
    auto& [inner, mean, standard_error, maxlags] = of;
    return std::tie(inner, mean, standard_error, maxlags);
  });
  bind_test_parts(difference, [](const ScoreDifference& of) { return of.test; });
  difference
      .def_ro("mean", &ScoreDifference::mean, "Mean of score - other: below 0 where the first forecasts are better.")
      .def_ro("bse", &ScoreDifference::standard_error, "Its standard error, by Newey and West.")
      .def_ro("maxlags", &ScoreDifference::maxlags, "The largest lag of that.")
      .def("__repr__", [](const ScoreDifference& of) {
        return "ScoreDifference(" + test_text(of.test) + ", mean=" + show(of.mean) +
               ", bse=" + show(of.standard_error) + ", maxlags=" + std::to_string(of.maxlags) + ")";
      });

  nb::class_<EBacktest> process(m, "EBacktest", "An e-process: the evidence against forecasts, day by day.");
  bind_plain_data(process, [](auto& of) {
    auto& [log_e_process, log_largest, p_value, rejected_on] = of;
    return std::tie(log_e_process, log_largest, p_value, rejected_on);
  });
  process
      .def_prop_ro(
          "log_e_process",
          [](const EBacktest& of) {
            return read_only(
                Vector(Eigen::Map<const Vector>(of.log_e_process.data(), static_cast<Index>(of.log_e_process.size()))));
          },
          kArray, "log M_t after each day (n).")
      .def_ro("log_largest", &EBacktest::log_largest, "log sup M_t, M_0 = 1 included.")
      .def_ro("p_value", &EBacktest::p_value, "1 / sup M_t, valid whenever one looks.")
      .def_ro("rejected_on", &EBacktest::rejected_on, "The first day, from 0, with M_t >= 1/test_level, or None.")
      .def("__repr__", [](const EBacktest& of) {
        return "EBacktest(p_value=" + show(of.p_value) +
               ", rejected_on=" + (of.rejected_on ? std::to_string(*of.rejected_on) : "None") +
               ", days=" + std::to_string(of.log_e_process.size()) + ")";
      });
}

void bind_counts(nb::module_& m) {
  nb::class_<BacktestCounts> counts(
      m, "BacktestCounts",
      "What the tests of failures need of a backtest: a value of integers that merges in the order of time. Pieces "
      "that\n"
      "are merged in order give the counts of one pass. Feed it beside a state that learns: forecast, add, update.");
  bind_equality(counts);
  bind_pickling(
      counts,
      [](const BacktestCounts& of) {
        return nb::make_tuple(of.days(), of.days_before_first(), of.days_after_last(), of.durations());
      },
      [](nb::handle parts) {
        const auto [days, before_first, after_last, durations] =
            member_from_python<std::tuple<std::int64_t, std::int64_t, std::int64_t, BacktestCounts::Durations>>(parts);
        return BacktestCounts::restored(days, before_first, after_last, durations);
      });
  counts.def(nb::init<>())
      .def(
          "add",
          [](BacktestCounts& self, nb::handle returns, nb::handle value_at_risk) {
            self.add(Numbers(returns, "returns").span(), Numbers(value_at_risk, "value_at_risk").span());
          },
          nb::arg("returns"), nb::arg("value_at_risk"),
          nb::sig("def add(self, returns: numpy.typing.ArrayLike, value_at_risk: numpy.typing.ArrayLike) -> None"),
          "Add the next days, one or several; a day fails where its return is below -value_at_risk. ValueError, and\n"
          "nothing is added, for other sizes and for a number that is not finite.")
      .def("merge", &BacktestCounts::merge, nb::arg("later"), "Add the days of ``later``, which follow those here.")
      .def_prop_ro("days", &BacktestCounts::days, "Number of days.")
      .def_prop_ro("failures", &BacktestCounts::failures, "Number of days that failed.")
      .def_prop_ro("first", &BacktestCounts::first, "Whether the first day failed; None before it.")
      .def_prop_ro("last", &BacktestCounts::last, "Whether the last day failed; None before the first.")
      .def_prop_ro(
          "transitions",
          [](const BacktestCounts& self) {
            const FailureTransitions of = self.transitions();
            return nb::make_tuple(of.n00, of.n01, of.n10, of.n11);
          },
          nb::sig("def transitions(self) -> tuple[int, int, int, int]"),
          "(n00, n01, n10, n11): days by the state of one and of the next, 1 a failure.")
      .def_prop_ro("durations", &BacktestCounts::durations,
                   "How often each distance in days, from one failure to the next, occurred.")
      .def("kupiec", &kupiec, nb::arg("alpha"),
           "Test that failures have probability alpha (Kupiec 1995). Exact below 500 days, else chi-square.")
      .def("christoffersen_independence", &christoffersen_independence,
           "Test that a failure does not depend on the day before (Christoffersen 1998).")
      .def("christoffersen_coverage", &christoffersen_coverage, nb::arg("alpha"),
           "Test both: LR_uc + LR_ind, chi-square with two degrees of freedom.")
      .def("duration_test", &duration_test,
           "Test that failures have no memory (Christoffersen and Pelletier 2004), by the discrete Weibull law of the\n"
           "days from one to the next (Haas 2005).")
      .def("traffic_light", &traffic_light, nb::arg("alpha"), "Return the zone of the Basel Committee.")
      .def("__repr__", [](const BacktestCounts& of) {
        return "BacktestCounts(days=" + std::to_string(of.days()) + ", failures=" + std::to_string(of.failures()) + ")";
      });
}

}  // namespace

void bind_risk_backtest(nb::module_& m) {
  bind_tests(m);
  bind_scores(m);
  bind_counts(m);
}

}  // namespace varimix::python
