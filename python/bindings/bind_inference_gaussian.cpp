#include <string>
#include <tuple>
#include <vector>

#include "bindings.hpp"
#include "numpy_arguments.hpp"
#include "pickling.hpp"
#include "plain_data.hpp"
#include "varimix/core/require.hpp"
#include "varimix/inference/gaussian_test.hpp"

namespace varimix::python {
namespace {

std::string shown_or_none(const std::optional<double>& value) { return value ? show(*value) : "None"; }

void bind_gaussian_test_value(nb::module_& m) {
  nb::class_<GaussianTest> test(
      m, "GaussianTest",
      "The outcome of `gaussian_test`: finite in every case. Where the rows cannot be tested the statistics are 0 and "
      "the\n"
      "p-value is None.");
  bind_plain_data(test, [](auto& of) {
    auto& [status, kurtosis_z, skewness_chi2, statistic, p_value, log_p_value, n, d, columns] = of;
    return std::tie(status, kurtosis_z, skewness_chi2, statistic, p_value, log_p_value, n, d, columns);
  });
  test.def_prop_ro(
          "status", [](const GaussianTest& of) { return std::string(word(of.status)); },
          "'tested'; 'too_few_rows' (at most d, or a stream that has tested none yet); 'constant_columns' or\n"
          "'collinear_columns', which ``columns`` lists; 'overflow' of the square of a number of a stream.")
      .def_ro("kurtosis_z", &GaussianTest::kurtosis_z,
              "Mardia's kurtosis less that of a Gaussian, in its standard errors.")
      .def_ro("skewness_chi2", &GaussianTest::skewness_chi2,
              "Length of the skewness along which a mixture is skewed: chi-square with d degrees of freedom.")
      .def_ro("statistic", &GaussianTest::statistic, "max(kurtosis_z, 0)^2 + skewness_chi2.")
      .def_ro("p_value", &GaussianTest::p_value,
              "Probability of a larger statistic where the rows come from a Gaussian; 0 below 1e-308, or None.")
      .def_ro("log_p_value", &GaussianTest::log_p_value, "Its logarithm, also where it is below 1e-308, or None.")
      .def_ro("n", &GaussianTest::n, "Number of rows tested.")
      .def_ro("d", &GaussianTest::d, "Number of columns.")
      .def_prop_ro(
          "columns", [](const GaussianTest& of) { return nb::tuple(nb::cast(of.columns)); },
          nb::for_getter(nb::sig("def columns(self) -> tuple[int, ...]")),
          "The columns that are constant or collinear, counted from 0.")
      .def("__repr__", [](const GaussianTest& of) {
        const std::string columns =
            of.columns.empty() ? "" : ", columns=" + nb::cast<std::string>(nb::repr(nb::tuple(nb::cast(of.columns))));
        return "GaussianTest(status='" + std::string(word(of.status)) + "', statistic=" + show(of.statistic) +
               ", p_value=" + shown_or_none(of.p_value) + ", log_p_value=" + shown_or_none(of.log_p_value) +
               ", kurtosis_z=" + show(of.kurtosis_z) + ", skewness_chi2=" + show(of.skewness_chi2) +
               ", n=" + std::to_string(of.n) + ", d=" + std::to_string(of.d) + columns + ")";
      });
}

void bind_gaussian_test_stream(nb::module_& m) {
  nb::class_<GaussianTestStream> stream(
      m, "GaussianTestStream",
      "The test of `gaussian_test` for rows that are read once: O(d^2) numbers, never a row.\n\n"
      "Each row is made white by the mean and the covariance of rows before it, and its squared distance is put on "
      "its\n"
      "exact law, however few those were. Streams of different rows merge. OnlineEM(..., gaussian_test=True) has "
      "one.\n\n"
      "Parameters\n----------\nd : int\n    Number of columns, >= 1.\n\n"
      "Notes\n-----\n"
      "With the mean m and covariance C (divisor N - 1) of N rows, q = (x-m)' C^-1 (x-m) of a new Gaussian row has\n"
      "q N (N-d) / ((N+1)(N-1) d) ~ F(d, N-d); q' is the chi-square number (d degrees of freedom) of the same\n"
      "probability. N is the number of rows at the last of marks 20 (d+1), and from there on each an eighth above the\n"
      "one before. Rows before the first mark are not tested. Sums of q'^2 - 2 (d+2) q' + d (d+2) and of\n"
      "(x-m) sqrt(q'/q) (q' - d - 2) are kept; the second is made white by the covariance of all rows. Cuts of the\n"
      "rows into batches, and linear maps of the columns, change rounding only. Squares of numbers have to be "
      "doubles:\n"
      "from 1e154 on the status is 'overflow'.");
  bind_plain_data(
      stream,
      [](auto& of) {
        auto& [before, rows, sum, products, tested, kurtosis, skewness, has_overflown] = of;
        auto& [rows_before, mean, scatter] = before;
        return std::tie(rows_before, mean, scatter, rows, sum, products, tested, kurtosis, skewness, has_overflown);
      },
      [](const GaussianTestStream& of) { of.check(of.d()); });
  stream
      .def(
          "__init__",
          [](GaussianTestStream* self, Index d) {
            constexpr Index kMostColumns = 100'000;  // of which two squares take 160 GB
            require(d <= kMostColumns, "d", "from 1 to 100000", d);
            new (self) GaussianTestStream(GaussianTestStream::of_dimension(d));
          },
          nb::arg("d"))
      .def(
          "update",
          [](GaussianTestStream& self, nb::handle batch) {
            const Rows rows(batch, self.d(), "batch");
            rows.read([&](const RowView& view) { require_complete_rows(view, self.d(), "batch"); });
            self.update(rows.view());
          },
          nb::arg("batch"), nb::sig("def update(self, batch: numpy.typing.ArrayLike) -> None"),
          "Take rows (m, d), each once. ValueError, before anything changes, for no rows, another number of columns\n"
          "and numbers that are not finite: rows with missing values have no such law. Cost: O(m d^2 + d^3).")
      .def(
          "merge", [](GaussianTestStream& self, const GaussianTestStream& other) { self.merge(other); },
          nb::arg("other"),
          "Take in the rows of another stream, all different from those here: moments and sums add, and the next rows\n"
          "are tested by those of both. ValueError for another number of columns.")
      .def_prop_ro("d", &GaussianTestStream::d, "Number of columns.")
      .def_prop_ro(
          "rows", [](const GaussianTestStream& of) { return of.before.rows + of.rows; },
          "Number of rows taken, those included that are not tested.")
      .def_prop_ro(
          "gaussian_test", [](const GaussianTestStream& of) { return gaussian_test(of); },
          "The test of the rows so far, a GaussianTest. Cost: O(d^3).")
      .def("__repr__", [](const GaussianTestStream& of) {
        return "GaussianTestStream(d=" + std::to_string(of.d()) + ", rows=" + std::to_string(of.before.rows + of.rows) +
               ", tested=" + std::to_string(of.tested) + ")";
      });
}

}  // namespace

void bind_inference_gaussian(nb::module_& m) {
  bind_gaussian_test_value(m);
  bind_gaussian_test_stream(m);
  m.def(
      "gaussian_test",
      [](nb::handle x) { return Rows(x, 0).read([](const RowView& rows) { return gaussian_test(rows); }); },
      nb::arg("X"), nb::sig("def gaussian_test(X: numpy.typing.ArrayLike) -> GaussianTest"),
      "Test that rows come from one Gaussian, against every normal variance-mean mixture.\n\n"
      "One-sided kurtosis of Mardia (1970) with the skewness along which a mixture is skewed: the two scores in which\n"
      "all families agree at their Gaussian limit. Twice the log-likelihood ratio has the same law as n grows.\n\n"
      "Parameters\n----------\n"
      "X : array_like (n, d)\n    Rows of any kind that a fit takes; one dimension is n rows of one column.\n\n"
      "Returns\n-------\n"
      "GaussianTest\n"
      "    With z the rows made white by mean and covariance (divisor n) and q = z'z:\n"
      "    ``kurtosis_z`` = sum(q^2 - 2(d+2) q + d(d+2)) / sqrt(8 d(d+2) n),\n"
      "    ``skewness_chi2`` = \\|sum z (q-d-2)\\|^2 / (2(d+2) n),\n"
      "    ``statistic`` T = max(kurtosis_z, 0)^2 + skewness_chi2,\n"
      "    ``p_value`` = (P(chi2_d > T) + P(chi2_{d+1} > T)) / 2, and ``log_p_value``.\n"
      "    For n <= d, constant and collinear columns there is no p-value; ``status`` says why.\n\n"
      "Raises\n------\n"
      "ValueError\n    For no rows, numbers that are not finite (rows with missing values have no such law), and "
      "columns\n"
      "    whose range is no double.\n\n"
      "Notes\n-----\n"
      "Rows count as independent: volatility that clusters makes more rejections. Weights have no derivation, and are\n"
      "not taken. The law is that of many rows: where n is not large beside d the test rejects less than its level.\n"
      "T does not change with location, scale or a linear map of the columns, but by rounding. Cost: O(n d^2).");
}

}  // namespace varimix::python
