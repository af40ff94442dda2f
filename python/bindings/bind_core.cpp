#include <nanobind/stl/tuple.h>

#include <string_view>
#include <tuple>
#include <utility>

#include "bindings.hpp"
#include "plain_data.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/require.hpp"
#include "varimix/core/status.hpp"

namespace varimix::python {
namespace {

StatusCode code_named(std::string_view wanted) {
  const std::optional<StatusCode> code = status_code(wanted);
  require(code.has_value(), "code", "the name of a status code", "'" + std::string(wanted) + "'");
  return *code;
}

/// Returns the entry whose pickled parts these are.
StatusEntry entry_of(nb::handle parts) {
  using Parts = std::tuple<std::string, std::int64_t, std::int64_t, std::string>;
  auto [code, count, first_step, detail] = member_from_python<Parts>(parts);
  require(count >= 1, "count", ">= 1", count);
  require(first_step >= -1, "first_step", ">= -1", first_step);
  return {.code = code_named(code), .count = count, .first_step = first_step, .detail = std::move(detail)};
}

}  // namespace

void bind_core(nb::module_& m) {
  nb::class_<StatusEntry> entry_class(m, "StatusEntry", "One outcome of a fit.");
  bind_equality(entry_class);
  bind_pickling(
      entry_class,
      [](const StatusEntry& e) {
        const auto& [code, count, first_step, detail] = e;
        return nb::make_tuple(std::string(name(code)), count, first_step, detail);
      },
      &entry_of);
  entry_class
      .def_prop_ro(
          "code", [](const StatusEntry& e) { return std::string(name(e.code)); },
          "Name of the outcome, e.g. 'step_halved'.")
      .def_ro("count", &StatusEntry::count, "Number of times that it occurred.")
      .def_ro("first_step", &StatusEntry::first_step,
              "The step, from 0, in which it first occurred; -1 outside the steps.")
      .def_ro("detail", &StatusEntry::detail, "Particulars of its first occurrence.")
      .def_prop_ro(
          "advice", [](const StatusEntry& e) { return std::string(advice(e.code)); },
          "A sentence that says what can be done about it; '' where nothing is to be done.")
      .def("__str__", [](const StatusEntry& e) { return sentence(e); })
      .def("__repr__", [](const StatusEntry& e) {
        return "StatusEntry(code='" + std::string(name(e.code)) + "', count=" + std::to_string(e.count) +
               ", first_step=" + std::to_string(e.first_step) + ", detail='" + e.detail + "')";
      });

  nb::class_<Status> status(m, "Status",
                            "The outcomes of a fit, beside its result; none of them is an error.\n\n"
                            "``str(status)`` is a sentence; ``'gaussian_limit' in status`` tests for one outcome.");
  bind_equality(status);
  bind_pickling(
      status, [](const Status& s) { return nb::cast(s.entries()); },
      [](nb::handle entries) { return Status(member_from_python<std::vector<StatusEntry>>(entries)); });
  status
      .def_prop_ro(
          "entries", [](const Status& s) { return s.entries(); }, "All outcomes, in order of first occurrence.")
      .def_prop_ro(
          "codes",
          [](const Status& s) {
            std::vector<std::string> codes;
            for (const StatusEntry& entry : s.entries()) codes.emplace_back(name(entry.code));
            return codes;
          },
          "The names of all outcomes.")
      .def(
          "count", [](const Status& s, const std::string& code) { return s.count(code_named(code)); }, nb::arg("code"),
          "Return how often ``code`` occurred, 0 if never. ValueError for a name that is no status code.")
      .def(
          "__contains__", [](const Status& s, const std::string& code) { return s.has(code_named(code)); },
          nb::arg("code"))
      .def("__len__", [](const Status& s) { return s.entries().size(); })
      .def("__str__", &Status::sentence)
      .def("__repr__", [](const Status& s) { return "<Status: " + s.sentence() + ">"; });

  m.def("set_threads", &set_threads, nb::arg("threads"),
        "Limit how many threads are used; 0 takes all cores. Results do not depend on it.");
  m.def("threads", &threads, "Return the limit in force; 0 means all cores.");
}

}  // namespace varimix::python
