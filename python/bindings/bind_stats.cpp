#include <cmath>
#include <tuple>

#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "plain_data.hpp"
#include "read_only.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stats/expectations.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix::python {
namespace {

/// As they are held, so that nothing is lost.
constexpr auto all_members = [](auto& eta) {
  auto& [origin, weight, inv_y, y, log_y, x, x_inv_y, xx_inv_y] = eta;
  return std::tie(origin, weight, inv_y, y, log_y, x, x_inv_y, xx_inv_y);
};

void check_shapes(const Expectations& eta) {
  const Index d = eta.d();
  const bool agree = d >= 1 && eta.origin.size() == d && eta.x_inv_y.size() == d && eta.xx_inv_y.rows() == d &&
                     eta.xx_inv_y.cols() == d;
  require(agree, "Expectations", "of vectors and a matrix of one dimension, 1 or more", "others");
  require(std::isfinite(eta.weight) && eta.weight >= 0.0, "weight", "finite and >= 0", eta.weight);
}

std::string repr_of_eta(const Expectations& e) {
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
  bind_plain_data(eta, all_members, &check_shapes);
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
      .def_prop_ro(
          "E_X", [](const Expectations& e) { return read_only(e.E_X()); }, kArray, "E[X] (d). Read-only.")
      .def_prop_ro(
          "E_X_inv_Y", [](const Expectations& e) { return read_only(e.E_X_inv_Y()); }, kArray, "E[X/Y] (d). Read-only.")
      .def_prop_ro(
          "E_XXT_inv_Y", [](const Expectations& e) { return read_only(e.E_XXT_inv_Y()); }, kArray,
          "E[XX'/Y] (d, d). Read-only.")
      .def_ro("weight", &Expectations::weight, "Total weight of the rows behind the means; 0 for those of a model.")
      .def_prop_ro("d", &Expectations::d, "Dimension of X.")
      .def("merge", &merge, nb::arg("other"),
           "Statistics of the union of both sets of rows, weighted by their weights.")
      .def("rescale_y", &rescale_y, nb::arg("s"), "The statistics of sY in place of Y; the law of X stays as it is.")
      .def("__repr__", &repr_of_eta);
}

}  // namespace varimix::python
