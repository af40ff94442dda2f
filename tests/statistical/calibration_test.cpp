#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <vector>

#include "support/families.hpp"
#include "support/models.hpp"
#include "support/sanitizers.hpp"
#include "support/statistics.hpp"
#include "varimix/special/log_normal_cdf.hpp"

namespace varimix::tests {
namespace {

// All tests here have fixed seeds and a false-alarm rate of kFalseAlarmRate each.

constexpr Index kSample = kSanitized ? 400 : 4000;

template <Subordinator S>
std::vector<double> transforms(const MeanVarianceMixture<S>& law, const Vector& sample) {
  std::vector<double> u;
  for (const double value : sample) u.push_back(law.cdf(value));
  return u;
}

template <class S>
class Calibration : public ::testing::Test {};
TYPED_TEST_SUITE(Calibration, Families, FamilyNames);

TYPED_TEST(Calibration, ProbabilityIntegralTransformsOfAnyProjectionAreUniform) {
  for (const double tail_weight : {0.05, 0.8, 6.0}) {
    const auto model = some_model<TypeParam>(3, 17, tail_weight);
    const RowMatrix x = model.rvs(kSample, Seed{5});
    for (const Vector& w : {Vector{{1.0, 0.0, 0.0}}, Vector{{1.0, 1.0, 1.0}}, Vector{{-0.3, 2.0, 0.5}}}) {
      EXPECT_LT(kolmogorov_statistic(transforms(model.project(w), x * w)), kolmogorov_critical()) << tail_weight;
    }
  }
}

TYPED_TEST(Calibration, TheTestSeesAWrongModel) {
  if (kSanitized) GTEST_SKIP() << "it takes many draws";
  const auto model = some_model<TypeParam>(3, 17, 0.8);
  const RowMatrix x = model.rvs(5 * kSample, Seed{5});  // many, because the shape of a VarianceGamma shows little
  const Vector w{{1.0, 1.0, 1.0}};
  const auto law = model.project(w);
  const MeanVarianceMixture<TypeParam> heavier(law.mu(), law.gamma(), law.L_Sigma(), some_law<TypeParam>(5.0, 17));
  EXPECT_GT(kolmogorov_statistic(transforms(heavier, x * w)), kolmogorov_critical());
  const Vector sample = x * w;
  const double mean = sample.mean();
  const double deviation = std::sqrt((sample.array() - mean).square().mean());
  std::vector<double> gaussian;
  for (const double value : sample) gaussian.push_back(std::exp(log_normal_cdf((value - mean) / deviation)));
  EXPECT_GT(kolmogorov_statistic(gaussian), kolmogorov_critical());
}

// Fourth moments of X must exist, so that alpha is 6 in the gamma families.
TYPED_TEST(Calibration, DrawsHaveTheModelsMeanAndCovariance) {
  const auto model = some_model<TypeParam>(3, 18, 0.2);
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

// At the true model posterior moments average to the model's own, because E[E[f(Y)|X]] = E[f(Y)].
TYPED_TEST(Calibration, PosteriorMomentsAverageToTheModelsOwn) {
  const auto model = some_model<TypeParam>(2, 19, 0.2);
  const RowMatrix x = model.rvs(kSample, Seed{7});
  const Eta own = model.compute_eta_from_model();
  Eigen::ArrayX3d moments(kSample, 3);
  for (Index i = 0; i < kSample; ++i) {
    const Eta eta = model.e_step(RowView(x).slice(i, 1)).eta;
    moments.row(i) << eta.E_inv_Y(), eta.E_Y(), eta.E_log_Y().value();
  }
  const std::vector<double> expected = {own.E_inv_Y(), own.E_Y(), own.E_log_Y().value()};
  for (Index k = 0; k < 3; ++k) {
    const double mean = moments.col(k).mean();
    const double error = std::sqrt((moments.col(k) - mean).square().mean() / static_cast<double>(kSample));
    EXPECT_LT(std::abs(mean - expected[static_cast<std::size_t>(k)]), kNormalCritical * error) << k;
  }
}

}  // namespace
}  // namespace varimix::tests
