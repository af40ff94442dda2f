#include <nanobind/ndarray.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "bindings.hpp"
#include "families.hpp"
#include "model_class.hpp"
#include "plain_data.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/missing.hpp"

namespace varimix::python {
namespace {

/// A Conditional as two arrays, (n, d) and (n, d, d).
struct ConditionalArrays {
  std::size_t n, d;
  std::vector<double> mean, covariance;
};

ConditionalArrays arrays_of(const Conditional& law) {
  const auto d = static_cast<std::size_t>(law.mean.cols());
  ConditionalArrays arrays{law.covariance.size(), d, {law.mean.data(), law.mean.data() + law.mean.size()}, {}};
  arrays.covariance.reserve(arrays.n * d * d);
  for (const Matrix& matrix : law.covariance) {  // symmetric, so by rows or by columns is the same
    arrays.covariance.insert(arrays.covariance.end(), matrix.data(), matrix.data() + matrix.size());
  }
  return arrays;
}

template <std::size_t dimensions>
nb::ndarray<nb::numpy, const double> view(const std::vector<double>& values,
                                          const std::array<std::size_t, dimensions>& shape) {
  return {values.data(), dimensions, shape.data()};
}

}  // namespace

void bind_conditional(nb::module_& m) {
  nb::class_<ConditionalArrays> law(m, "Conditional",
                                    "Moments of the values that rows do not show, given those that they show.");
  bind_plain_data(
      law,
      [](auto& arrays) {
        auto& [n, d, mean, covariance] = arrays;
        return std::tie(n, d, mean, covariance);
      },
      [](const ConditionalArrays& c) {
        const bool agree = c.d >= 1 && c.mean.size() % c.d == 0 && c.mean.size() / c.d == c.n &&
                           c.covariance.size() % c.d == 0 && c.covariance.size() / c.d == c.mean.size();
        require(agree, "Conditional", "of n d numbers and n d d", "others");
      });
  law.def("__repr__",
          [](const ConditionalArrays& c) {
            return "<Conditional of " + std::to_string(c.n) + " rows of dimension " + std::to_string(c.d) + ">";
          })
      .def_prop_ro(
          "mean",
          [](const ConditionalArrays& c) {
            return view<2>(c.mean, {c.n, c.d});
          },
          nb::rv_policy::reference_internal, nb::sig("def mean(self) -> numpy.typing.NDArray[numpy.float64]"),
          "Mean of X given what the row shows (n, d); observed values are as they were. Read-only.")
      .def_prop_ro(
          "covariance",
          [](const ConditionalArrays& c) {
            return view<3>(c.covariance, {c.n, c.d, c.d});
          },
          nb::rv_policy::reference_internal, nb::sig("def covariance(self) -> numpy.typing.NDArray[numpy.float64]"),
          "Covariance of X given what the row shows (n, d, d); 0 in rows and columns that are observed. Read-only.");
}

template <class S>
void bind_model_missing(Model<S>& model) {
  using M = MeanVarianceMixture<S>;
  model
      .def(
          "impute",
          [](const M& m, nb::handle x) { return on_rows(m, x, [&](const RowView& rows) { return impute(m, rows); }); },
          nb::arg("X"), nb::sig("def impute(self, X: numpy.typing.ArrayLike) -> numpy.typing.NDArray[numpy.float64]"),
          "Return X (n, d) with every NaN replaced by its conditional mean given what its row shows.\n\n"
          "A row that shows nothing becomes mean(). Values are infinite where the mean does not exist. ValueError for\n"
          "infinity or another shape. The columns are in the model's order, whatever order those of a table have.")
      .def(
          "impute",
          [](nb::handle self, nb::handle x, bool as_frame) {
            nb::object values = self.attr("impute")(x);
            if (!as_frame) return values;
            return nb::module_::import_("varimix.frames").attr("rows_like")(values, self.attr("columns"), x);
          },
          nb::arg("X"), nb::kw_only(), nb::arg("as_frame") = false,
          nb::sig("def impute(self, X: numpy.typing.ArrayLike, *, as_frame: bool = False) -> typing.Any"),
          "With as_frame=True, return it as a DataFrame of pandas, by the names of the columns and the index of X.")
      .def(
          "conditional",
          [](const M& m, nb::handle x) {
            return on_rows(m, x, [&](const RowView& rows) { return arrays_of(conditional(m, rows)); });
          },
          nb::arg("X"), nb::sig("def conditional(self, X: numpy.typing.ArrayLike) -> Conditional"),
          "Return mean and covariance of the missing values (NaN) in each row of X (n, d), given what it shows.\n\n"
          "They are infinite where a moment does not exist. ValueError for infinity or another shape. The columns are\n"
          "in the model's order, whatever order those of a table have.")
      .def(
          "conditional",
          [](nb::handle self, nb::handle x, bool as_frame) {
            nb::object law = self.attr("conditional")(x);
            if (!as_frame) return law;
            return nb::module_::import_("varimix.frames").attr("conditional_frames")(law, self.attr("columns"), x);
          },
          nb::arg("X"), nb::kw_only(), nb::arg("as_frame") = false,
          nb::sig("def conditional(self, X: numpy.typing.ArrayLike, *, as_frame: bool = False) -> typing.Any"),
          "With as_frame=True, return ``mean`` and ``covariance`` as DataFrames of pandas, by the names of the "
          "columns\n"
          "and the index of X; the covariance has a row for each row of X and column.");
}

#define VARIMIX_INSTANTIATE(S) template void bind_model_missing<S>(Model<S> & model);
VARIMIX_FOR_EACH_LAW(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix::python
