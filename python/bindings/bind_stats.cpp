#include <nanobind/stl/tuple.h>

#include <tuple>

#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "varimix/stats/expectations.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix::python {
namespace {

// All fields, for pickling: as they are held, so that nothing is lost.
using State = std::tuple<Vector, double, double, double, std::optional<double>, Vector, Vector, Matrix>;

State get_state(const Expectations& e) {
  return {e.origin, e.weight, e.inv_y, e.y, e.log_y, e.x, e.x_inv_y, e.xx_inv_y};
}

void set_state(Expectations& target, const State& state) {
  const auto& [origin, weight, inv_y, y, log_y, x, x_inv_y, xx_inv_y] = state;
  new (&target) Expectations{origin, weight, inv_y, y, log_y, x, x_inv_y, xx_inv_y};
}

std::string repr(const Expectations& e) {
  const Eigen::IOFormat row(6, Eigen::DontAlignCols, ", ", ", ", "", "", "[", "]");
  const Eigen::IOFormat rows(6, Eigen::DontAlignCols, ", ", ", ", "[", "]", "[", "]");
  std::ostringstream out;
  out << "Expectations(E_inv_Y=" << e.E_inv_Y() << ", E_Y=" << e.E_Y() << ", E_log_Y=";
  if (e.log_y) {
    out << *e.log_y;
  } else {
    out << "None";
  }
  out << ", E_X=" << e.E_X().transpose().format(row) << ", E_X_inv_Y=" << e.E_X_inv_Y().transpose().format(row)
      << ", E_XXT_inv_Y=" << e.E_XXT_inv_Y().format(rows) << ")";
  return out.str();
}

}  // namespace

void bind_stats(nb::module_& m) {
  nb::class_<Expectations> eta(
      m, "Expectations",
      "Expectation parameters eta of a normal variance-mean mixture: all that a fit keeps of its data.\n\n"
      "E[1/Y], E[Y], E[log Y], E[X] (d), E[X/Y] (d), E[XX'/Y] (d, d). Held about an origin, shown uncentred.\n"
      "E_log_Y is None where the family does not use it and it was not computed.");
  bind_equality(eta);
  eta.def(
         "__init__",
         [](Expectations* self, double E_inv_Y, double E_Y, std::optional<double> E_log_Y, nb::handle E_X,
            nb::handle E_X_inv_Y, nb::handle E_XXT_inv_Y) {
           new (self) Expectations(Expectations::from_raw(E_inv_Y, E_Y, E_log_Y, to_vector(E_X, "E_X"),
                                                          to_vector(E_X_inv_Y, "E_X_inv_Y"),
                                                          to_matrix(E_XXT_inv_Y, "E_XXT_inv_Y")));
         },
         nb::arg("E_inv_Y"), nb::arg("E_Y"), nb::arg("E_log_Y").none(), nb::arg("E_X"), nb::arg("E_X_inv_Y"),
         nb::arg("E_XXT_inv_Y"),
         nb::sig("def __init__(self, E_inv_Y: float, E_Y: float, E_log_Y: float | None, E_X: numpy.typing.ArrayLike, "
                 "E_X_inv_Y: numpy.typing.ArrayLike, E_XXT_inv_Y: numpy.typing.ArrayLike) -> None"),
         "From uncentred values. ValueError for shapes that disagree or a matrix that is not symmetric.")
      .def_prop_ro("E_inv_Y", &Expectations::E_inv_Y, "E[1/Y].")
      .def_prop_ro("E_Y", &Expectations::E_Y, "E[Y].")
      .def_prop_ro("E_log_Y", &Expectations::E_log_Y, "E[log Y], or None.")
      .def_prop_ro("E_X", &Expectations::E_X, "E[X] (d).")
      .def_prop_ro("E_X_inv_Y", &Expectations::E_X_inv_Y, "E[X/Y] (d).")
      .def_prop_ro("E_XXT_inv_Y", &Expectations::E_XXT_inv_Y, "E[XX'/Y] (d, d).")
      .def_ro("weight", &Expectations::weight, "Total weight of the rows behind the means; 0 for those of a model.")
      .def_prop_ro("d", &Expectations::d, "Dimension of X.")
      .def("merge", &merge, nb::arg("other"),
           "Statistics of the union of both sets of rows, weighted by their weights.")
      .def("rescale_y", &rescale_y, nb::arg("s"), "The statistics of sY in place of Y; the law of X stays as it is.")
      .def("__repr__", &repr)
      .def("__getstate__", &get_state)
      .def("__setstate__", &set_state);
}

}  // namespace varimix::python
