#include <nanobind/stl/tuple.h>

#include <cmath>
#include <tuple>

#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "plain_data.hpp"
#include "read_only.hpp"
#include "short_text.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stats/eta.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix::python {
namespace {

/// Returns the parts as they are held, so that nothing is lost: origin, values, whether there is E[log Y], weight.
nb::tuple parts_of(const Eta& eta) {
  return nb::make_tuple(eta.origin, eta.values, eta.E_log_Y().has_value(), eta.weight);
}

Eta eta_of(nb::handle parts) {
  using Parts = std::tuple<Vector, Vector, bool, double>;
  const auto [origin, values, has_log_y, weight] = member_from_python<Parts>(parts);
  Eta eta(mean_variance_layout(origin.size(), has_log_y ? LogY::kCompute : LogY::kLeaveOut), origin);
  require(values.size() == eta.layout.size(), "values", std::to_string(eta.layout.size()) + " numbers", values.size());
  require(std::isfinite(weight) && weight >= 0.0, "weight", "finite and >= 0", weight);
  eta.values = values;
  eta.weight = weight;
  return eta;
}

std::string repr_of_eta(const Eta& e) {
  std::ostringstream out;
  out << "Eta(E_inv_Y=" << e.E_inv_Y() << ", E_Y=" << e.E_Y() << ", E_log_Y=";
  if (const auto log_y = e.E_log_Y()) {
    out << *log_y;
  } else {
    out << "None";
  }
  out << ", E_X=" << short_text(Vector(e.E_X())) << ", E_X_inv_Y=" << short_text(Vector(e.E_X_inv_Y()))
      << ", E_XXT_inv_Y=" << short_text(Matrix(e.E_XXT_inv_Y())) << ")";
  return out.str();
}

}  // namespace

void bind_stats(nb::module_& m) {
  nb::class_<Eta> eta(
      m, "Eta",
      "Expectation parameters eta of a normal variance-mean mixture: all that a fit keeps of its data.\n\n"
      "They are E[1/Y], E[Y], E[log Y], E[X] (d), E[X/Y] (d) and E[XX'/Y] (d, d), held about an origin and shown\n"
      "uncentred. E_log_Y is None where the family does not use it and it was not computed.");
  bind_equality(eta);
  bind_pickling(eta, &parts_of, &eta_of);
  eta.def(
         "__init__",
         [](Eta* self, double E_inv_Y, double E_Y, std::optional<double> E_log_Y, nb::handle E_X, nb::handle E_X_inv_Y,
            nb::handle E_XXT_inv_Y) {
           new (self) Eta(Eta::from_raw(E_inv_Y, E_Y, E_log_Y, to_vector(E_X, "E_X"), to_vector(E_X_inv_Y, "E_X_inv_Y"),
                                        to_matrix(E_XXT_inv_Y, "E_XXT_inv_Y")));
         },
         nb::arg("E_inv_Y"), nb::arg("E_Y"), nb::arg("E_log_Y").none(), nb::arg("E_X"), nb::arg("E_X_inv_Y"),
         nb::arg("E_XXT_inv_Y"),
         nb::sig("def __init__(self, E_inv_Y: float, E_Y: float, E_log_Y: float | None, E_X: numpy.typing.ArrayLike, "
                 "E_X_inv_Y: numpy.typing.ArrayLike, E_XXT_inv_Y: numpy.typing.ArrayLike) -> None"),
         "Take uncentred values. ValueError for shapes that disagree or a matrix that is not symmetric.")
      .def_prop_ro("E_inv_Y", &Eta::E_inv_Y, "E[1/Y].")
      .def_prop_ro("E_Y", &Eta::E_Y, "E[Y].")
      .def_prop_ro("E_log_Y", &Eta::E_log_Y, "E[log Y], or None.")
      .def_prop_ro(
          "E_X", [](const Eta& e) { return read_only(e.E_X()); }, kArray, "E[X] (d). Read-only.")
      .def_prop_ro(
          "E_X_inv_Y", [](const Eta& e) { return read_only(e.E_X_inv_Y()); }, kArray, "E[X/Y] (d). Read-only.")
      .def_prop_ro(
          "E_XXT_inv_Y", [](const Eta& e) { return read_only(e.E_XXT_inv_Y()); }, kArray, "E[XX'/Y] (d, d). Read-only.")
      .def_ro("weight", &Eta::weight, "Total weight of the rows behind the means; 0 for those of a model.")
      .def_prop_ro("d", &Eta::d, "Dimension of X.")
      .def("merge", &merge, nb::arg("other"),
           "Return the statistics of the union of both sets of rows, weighted by their weights.")
      .def(
          "blend",
          [](const Eta& self, const Eta& other, double c) {
            require(c >= 0.0 && c <= 1.0, "c", "in [0, 1]", c);
            return blend(self, other, c);
          },
          nb::arg("other"), nb::arg("c"),
          "Return (1 - c) self + c other, field by field; 0 <= c <= 1. What a rule of yours remembers of a batch.")
      .def("rescale_y", &rescale_y, nb::arg("s"),
           "Return the statistics with sY in place of Y; the law of X stays as it is.")
      .def("__repr__", &repr_of_eta);
}

}  // namespace varimix::python
