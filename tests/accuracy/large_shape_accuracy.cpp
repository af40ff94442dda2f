#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/paths.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix::tests {
namespace {

// The error that MeanVarianceMixture::log_prob promises; it is absolute where log f is small.
constexpr double kRelativeError = 1e-12;
constexpr double kLargeShapeError = 1e-13;
constexpr double kLargeShape = 50.0;

double promised_error(double shape, double log_density) {
  return (shape >= kLargeShape ? kLargeShapeError : kRelativeError) * std::max(1.0, std::abs(log_density));
}

template <class S>
void expect_promised_errors() {
  const Table table(data_file("large_shapes.csv"));
  Worst worst("log f");  // in units of the promise
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (table.text(i, "family") != kFamilyName<S>) continue;
    const double shape = table.number(i, "shape"), expected = table.number(i, "log_density");
    for (const double gauge : {1e-8, 1.0, 1e8}) {
      const MeanVarianceMixture<S> model(Vector{{0.0}}, Vector{{table.number(i, "gamma")}}, Matrix{{1.0}},
                                         {shape, shape});
      const double actual = model.rescale_y(gauge).log_prob(RowMatrix{{table.number(i, "x")}})(0);
      worst.add(std::abs(actual - expected) / promised_error(shape, expected), actual, expected, [&] {
        std::ostringstream where;
        where << "shape = " << shape << ", gamma = " << table.text(i, "gamma") << ", x = " << table.text(i, "x")
              << ", E[Y] = " << gauge;
        return where.str();
      });
    }
  }
  EXPECT_TRUE(worst.within(1.0));
}

TEST(LargeShapeAccuracy, LogDensityKeepsItsDigits) {
  expect_promised_errors<Gamma>();
  expect_promised_errors<InverseGamma>();
}

}  // namespace
}  // namespace varimix::tests
