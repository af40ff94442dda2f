#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <vector>

#include "support/close.hpp"
#include "support/models.hpp"
#include "support/statistics.hpp"
#include "varimix/special/log_normal_cdf.hpp"

namespace varimix::tests {
namespace {

// All tests here: seeds fixed, false-alarm rate kFalseAlarmRate each.

constexpr Index kSample = 4000;

std::vector<double> transforms(const NormalInverseGaussian& law, const Vector& sample) {
  std::vector<double> u;
  for (const double value : sample) u.push_back(law.cdf(value));
  return u;
}

TEST(Calibration, ProbabilityIntegralTransformsOfAnyProjectionAreUniform) {
  for (const double tail_weight : {0.05, 0.8, 6.0}) {
    const NormalInverseGaussian model = some_model(3, 17, tail_weight);
    const RowMatrix x = model.rvs(kSample, Seed{5});
    for (const Vector& w : {Vector{{1.0, 0.0, 0.0}}, Vector{{1.0, 1.0, 1.0}}, Vector{{-0.3, 2.0, 0.5}}}) {
      EXPECT_LT(kolmogorov_statistic(transforms(model.project(w), x * w)), kolmogorov_critical()) << tail_weight;
    }
  }
}

TEST(Calibration, TheTestSeesAWrongModel) {
  const NormalInverseGaussian model = some_model(3, 17, 0.8);
  const RowMatrix x = model.rvs(kSample, Seed{5});
  const Vector w{{1.0, 1.0, 1.0}};
  const NormalInverseGaussian law = model.project(w);
  const NormalInverseGaussian heavier = law.replace({.lam = 0.25 * law.subordinator().lam()});
  EXPECT_GT(kolmogorov_statistic(transforms(heavier, x * w)), kolmogorov_critical());
  const double deviation = std::sqrt(law.cov()(0, 0));
  std::vector<double> gaussian;
  for (const double value : Vector(x * w)) {
    gaussian.push_back(std::exp(log_normal_cdf((value - law.mean()(0)) / deviation)));
  }
  EXPECT_GT(kolmogorov_statistic(gaussian), kolmogorov_critical());
}

TEST(Calibration, DrawsHaveTheModelsMeanAndCovariance) {
  const NormalInverseGaussian model = some_model(3, 18, 0.6);
  const RowMatrix x = model.rvs(20'000, Seed{6});
  const auto n = static_cast<double>(x.rows());
  const Matrix covariance = model.cov();
  const RowMatrix centred = x.rowwise() - model.mean().transpose();
  for (Index j = 0; j < 3; ++j) {
    EXPECT_LT(std::abs(centred.col(j).mean()), kNormalCritical * std::sqrt(covariance(j, j) / n));
    for (Index k = 0; k <= j; ++k) {
      const Eigen::ArrayXd products = centred.col(j).array() * centred.col(k).array();
      const double error = std::sqrt((products - products.mean()).square().mean() / n);
      EXPECT_LT(std::abs(products.mean() - covariance(j, k)), kNormalCritical * error) << j << ", " << k;
    }
  }
}

// E[E[f(Y)|X]] = E[f(Y)]: at the true model posterior moments average to the model's own.
TEST(Calibration, PosteriorMomentsAverageToTheModelsOwn) {
  const NormalInverseGaussian model = some_model(2, 19, 0.9);
  const RowMatrix x = model.rvs(kSample, Seed{7});
  const Expectations own = model.compute_eta_from_model();
  Eigen::ArrayX3d moments(kSample, 3);
  for (Index i = 0; i < kSample; ++i) {
    const Expectations eta = model.e_step(RowView(x).slice(i, 1)).eta;
    moments.row(i) << eta.inv_y, eta.y, eta.log_y.value();
  }
  const std::vector<double> expected = {own.inv_y, own.y, own.log_y.value()};
  for (Index k = 0; k < 3; ++k) {
    const double mean = moments.col(k).mean();
    const double error = std::sqrt((moments.col(k) - mean).square().mean() / static_cast<double>(kSample));
    EXPECT_LT(std::abs(mean - expected[static_cast<std::size_t>(k)]), kNormalCritical * error) << k;
  }
}

}  // namespace
}  // namespace varimix::tests
