#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/paths.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/mixture/missing.hpp"

// The library is compared with tools/make_large_orders.py at shapes of Y from 50 to 1e300 and d = 1, 2, 20.
namespace varimix::tests {
namespace {

// The error that MeanVarianceMixture::log_prob and the posterior moments promise for large orders.
constexpr double kLargeOrderError = 1e-13;

MeanVarianceMixture<Gamma> law_of(const Gamma*, const Vector& gamma, double p, double a, double /*b*/) {
  return {Vector::Zero(gamma.size()), gamma, Matrix::Identity(gamma.size(), gamma.size()), Gamma(p, 0.5 * a)};
}
MeanVarianceMixture<InverseGamma> law_of(const InverseGamma*, const Vector& gamma, double p, double /*a*/, double b) {
  return {Vector::Zero(gamma.size()), gamma, Matrix::Identity(gamma.size(), gamma.size()), InverseGamma(-p, 0.5 * b)};
}
MeanVarianceMixture<InverseGaussian> law_of(const InverseGaussian*, const Vector& gamma, double /*p*/, double a,
                                            double b) {
  return {Vector::Zero(gamma.size()), gamma, Matrix::Identity(gamma.size(), gamma.size()),
          InverseGaussian(std::sqrt(b / a), b)};
}
MeanVarianceMixture<GeneralizedInverseGaussian> law_of(const GeneralizedInverseGaussian*, const Vector& gamma, double p,
                                                       double a, double b) {
  return {Vector::Zero(gamma.size()), gamma, Matrix::Identity(gamma.size(), gamma.size()),
          GeneralizedInverseGaussian(p, a, b)};
}

/// A row of the table; with `gap` a missing column without skewness follows it.
struct Point {
  Vector gamma;
  RowMatrix x;
};

Point point_of(const Table& table, std::size_t i, bool gap) {
  const auto d = static_cast<Index>(table.number(i, "d"));
  Point point{Vector::Zero(d + Index{gap}), RowMatrix(1, d + Index{gap})};
  for (Index j = 0; j < d; ++j) {
    point.gamma(j) = table.number(i, "gamma") / std::sqrt(static_cast<double>(d));
    point.x(0, j) = (j % 2 == 0 ? 1.0 : -0.5) * table.number(i, "x");
  }
  if (gap) point.x(0, d) = std::numeric_limits<double>::quiet_NaN();
  return point;
}

template <class S>
void expect_promised_errors(bool gap) {
  const Table table(data_file("large_orders.csv"));
  Worst log_density("log f"), inv_y("E[1/Y|x]"), y("E[Y|x]"), log_y("E[log Y|x]");
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (table.text(i, "family") != kFamilyName<S>) continue;
    const Point point = point_of(table, i, gap);
    const MeanVarianceMixture<S> unit = law_of(static_cast<const S*>(nullptr), point.gamma, table.number(i, "p"),
                                               table.number(i, "a"), table.number(i, "b"));
    for (const double gauge : {1e-6, 1.0, 1e6}) {
      const auto where = [&] {
        std::ostringstream out;
        out << unit.subordinator().gig().p << " " << table.text(i, "d") << " " << table.text(i, "gamma") << " "
            << table.text(i, "x") << " gauge " << gauge;
        return out.str();
      };
      const MeanVarianceMixture<S> model = unit.rescale_y(gauge);
      const Missing missing = gap ? Missing::kExact : Missing::kError;
      const EStepResult actual = e_step(model, point.x, model.mu(), {.log_y = LogY::kCompute, .missing = missing});
      const auto add = [&](Worst& worst, double value, double expected) {
        worst.add(std::abs(value - expected) / std::max(1.0, std::abs(expected)), value, expected, where);
      };
      add(log_density, actual.log_lik, table.number(i, "log_density"));
      add(log_density, model.log_prob(point.x, missing)(0), table.number(i, "log_density"));
      add(inv_y, actual.eta.E_inv_Y() * gauge, table.number(i, "inv_y"));
      add(y, actual.eta.E_Y() / gauge, table.number(i, "y"));
      add(log_y, *actual.eta.E_log_Y() - std::log(gauge), table.number(i, "log_y"));
    }
  }
  for (const Worst* worst : {&log_density, &inv_y, &y, &log_y}) EXPECT_TRUE(worst->within(kLargeOrderError));
}

TEST(LargeOrderAccuracy, DensitiesAndPosteriorMomentsTendToTheGaussians) {
  expect_promised_errors<Gamma>(false);
  expect_promised_errors<InverseGamma>(false);
  expect_promised_errors<InverseGaussian>(false);
  expect_promised_errors<GeneralizedInverseGaussian>(false);
}

TEST(LargeOrderAccuracy, TheSameWithAMissingColumn) {
  expect_promised_errors<Gamma>(true);
  expect_promised_errors<InverseGamma>(true);
  expect_promised_errors<InverseGaussian>(true);
  expect_promised_errors<GeneralizedInverseGaussian>(true);
}

}  // namespace
}  // namespace varimix::tests
