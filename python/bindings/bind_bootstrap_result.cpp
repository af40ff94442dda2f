#include "bindings.hpp"
#include "bootstrap_result.hpp"
#include "pickling.hpp"
#include "shared_bootstrap.hpp"

namespace varimix::python {
namespace {

nb::object result_of(const BootstrapResult& of) { return nb::cast(AnyEMResult(of)); }

BootstrapResult from_parts(nb::handle parts) {
  const auto [result, state] = pair_of(parts);
  if (!nb::isinstance<AnyEMResult>(result) || !nb::isinstance<SharedBootstrapEM>(state)) {
    throw nb::type_error("a pickled BootstrapResult is an EMResult and a BootstrapEM");
  }
  return {nb::cast<const AnyEMResult&>(result), state};
}

}  // namespace

void bind_bootstrap_result(nb::module_& m) {
  nb::class_<BootstrapResult, AnyEMResult> bound(
      m, "BootstrapResult", nb::is_generic(), nb::sig("class BootstrapResult(EMResult[AnyModel])"),
      "What fit_stream returns of a BootstrapEM: the EMResult of the fit with the rows' own weights, and ``state``.\n\n"
      "``result.state.inference()`` has the standard errors and intervals of ``result.model``.");
  bind_pickling(
      bound, [](const BootstrapResult& of) { return nb::make_tuple(result_of(of), of.state); }, &from_parts);
  bound
      .def_prop_ro(
          "state", [](const BootstrapResult& of) { return of.state; },
          nb::for_getter(nb::sig("def state(self) -> BootstrapEM[AnyModel]")),
          "The BootstrapEM that has learned: the object that was given, which may learn on.")
      .def(
          "__eq__",
          [](const BootstrapResult& left, const BootstrapResult& right) {
            return result_of(left).equal(result_of(right)) && left.state.equal(right.state);
          },
          nb::is_operator(), nb::sig("def __eq__(self, arg: object, /) -> bool"))
      .def("__repr__", [](const BootstrapResult& of) {
        return "BootstrapResult(" + nb::cast<std::string>(nb::repr(result_of(of))) +
               ", state=" + nb::cast<std::string>(nb::repr(of.state)) + ")";
      });
  bound.attr("__hash__") = nb::none();
}

}  // namespace varimix::python
