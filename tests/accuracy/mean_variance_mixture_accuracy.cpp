#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/models.hpp"
#include "support/paths.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix::tests {
namespace {

// The error that MeanVarianceMixture::log_prob and the E-step promise.
constexpr double kRelativeError = 1e-12;

/// Returns the model of tests/data/README.md: Sigma_ij = 0.5^|i-j|, mu_i = i/10, gamma_i = (-1)^i/5.
NormalInverseGaussian table_model(Index d, double a, double b) {
  Vector mu(d);
  Vector gamma(d);
  Matrix sigma(d, d);
  for (Index i = 0; i < d; ++i) {
    mu(i) = static_cast<double>(i) / 10.0;
    gamma(i) = i % 2 == 0 ? 0.2 : -0.2;
    for (Index j = 0; j < d; ++j) sigma(i, j) = std::pow(0.5, std::abs(static_cast<double>(i - j)));
  }
  return NormalInverseGaussian::from_classical(
      {.mu = mu, .gamma = gamma, .sigma = sigma, .mu_ig = std::sqrt(b / a), .lam = b});
}

RowMatrix table_row(Index d, const std::string& name) {
  RowMatrix x(1, d);
  for (Index i = 0; i < d; ++i) {
    if (name == "center") x(0, i) = static_cast<double>(i) / 10.0 + 0.01;
    if (name == "mid") x(0, i) = static_cast<double>(i % 3) - 1.0;
    if (name == "tail") x(0, i) = i == 0 ? 25.0 : -1.0;
  }
  return x;
}

// The rows of the reference are met in gauges far away, because it holds for any s.
TEST(MeanVarianceMixtureAccuracy, MeetsMpmathInGaugesFarFromOne) {
  const Table table(data_file("mpmath_nvmm_reference.csv"));
  Worst density("log f, gauge 1e-8 and 1e8"), y("s E[Y|x]");
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (table.text(i, "family") != "NIG") continue;
    const auto d = static_cast<Index>(table.number(i, "d"));
    const RowMatrix x = table_row(d, table.text(i, "x"));
    for (const double s : {1e-8, 1e8}) {
      const auto model = table_model(d, table.number(i, "a"), table.number(i, "b")).rescale_y(s);
      const auto where = [&] { return "d = " + std::to_string(d) + ", x = " + table.text(i, "x"); };
      const double log_density = model.log_prob(x)(0);
      density.add(relative_error(log_density, table.number(i, "logpdf")), log_density, table.number(i, "logpdf"),
                  where);
      const double expected = s * table.number(i, "E_Y_given_x");
      const double actual = model.e_step(x).eta.E_Y();
      y.add(relative_error(actual, expected), actual, expected, where);
    }
  }
  EXPECT_TRUE(density.within(kRelativeError));
  EXPECT_TRUE(y.within(kRelativeError));
}

// Far out along gamma log f is the difference of (x-mu)' Sigma^-1 gamma and a root as large, which must not lose
// digits.
TEST(MeanVarianceMixtureAccuracy, ExtremeSkewnessMeetsMpmath) {
  const Table table(data_file("nig_extreme_skew.csv"));
  Worst worst("log f");
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const Vector gamma{{table.number(i, "gamma_0"), table.number(i, "gamma_1")}};
    const RowMatrix x{{table.number(i, "x_0"), table.number(i, "x_1")}};
    const NormalInverseGaussian model(Vector::Zero(2), gamma, Matrix::Identity(2, 2),
                                      InverseGaussian(1.0, table.number(i, "lam")));
    const double actual = model.log_prob(x)(0);
    const double expected = table.number(i, "log_density");
    worst.add(logarithm_error(actual, expected), actual, expected, [&] {
      return "gamma_0 = " + table.text(i, "gamma_0") + ", lam = " + table.text(i, "lam") +
             ", x_0 = " + table.text(i, "x_0");
    });
  }
  EXPECT_TRUE(worst.within(kRelativeError));
}

double log_density_at(const NormalInverseGaussian& model, double x) {
  return model.log_prob(RowMatrix(RowMatrix::Constant(1, 1, x)))(0);
}

TEST(MeanVarianceMixtureAccuracy, StrongSkewnessDoesNotCancel) {
  // These are values of log f at x = gamma + (0.5, -0.3) with gamma = g (1, 0.7), Sigma = [[1, 0.3], [0.3, 1]], mu_ig =
  // 1 and lam = 30, from the closed form at 60 digits by mpmath.
  for (const auto& [g, log_density] :
       {std::pair{1e2, -4.9796432521383505}, {1e3, -7.276769314099054}, {1e4, -9.578924437693313}}) {
    const Vector gamma{{g, 0.7 * g}};
    const auto model = NormalInverseGaussian::from_classical(
        {.mu = Vector::Zero(2), .gamma = gamma, .sigma = Matrix{{1.0, 0.3}, {0.3, 1.0}}, .mu_ig = 1.0, .lam = 30.0});
    const RowMatrix x{{gamma(0) + 0.5, gamma(1) - 0.3}};
    EXPECT_TRUE(is_close(model.log_prob(x)(0), log_density, kRelativeError)) << g;
  }
}

TEST(MeanVarianceMixtureAccuracy, DensityIsFiniteAndFallsUpToTenToTheHundredAndFifty) {
  const NormalInverseGaussian model = univariate(0.0, 0.3, 1.0, 1.0, 1.0);
  double before = log_density_at(model, 0.0);
  for (double x = 10.0; x < 1e150; x *= 10.0) {
    const double log_density = log_density_at(model, x);
    ASSERT_TRUE(std::isfinite(log_density)) << x;
    ASSERT_LT(log_density, before) << x;
    before = log_density;
  }
}

TEST(MeanVarianceMixtureAccuracy, DensityIsMinusInfinityBeyondTheRangeOfSquares) {
  const NormalInverseGaussian model = univariate(0.0, 0.3, 1.0, 1.0, 1.0);
  EXPECT_EQ(log_density_at(model, 1e155), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(log_density_at(model, -1e300), -std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace varimix::tests
