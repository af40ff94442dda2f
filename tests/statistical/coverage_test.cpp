#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <concepts>
#include <iostream>

#include "support/families.hpp"
#include "support/models.hpp"
#include "support/sanitizers.hpp"
#include "support/statistics.hpp"
#include "varimix/em/batch_em_fitter.hpp"

namespace varimix::tests {
namespace {

// These tests measure bias and coverage of maximum likelihood on simulated data. All have fixed seeds and a false-alarm
// rate of kFalseAlarmRate for each number that is compared.

constexpr Index kDimension = 2;
constexpr Index kRows = 2000;
constexpr int kRuns = kSanitized ? 2 : 300;

/// Returns the law of Y: alpha is 3.5 in the gamma families, which is regular for d = 2; the GIG is of order 1 and off
/// its faces.
template <Subordinator S>
S true_law() {
  if constexpr (std::same_as<S, GeneralizedInverseGaussian>) return gig_of_mean_one(1.0, 1.0);
  return some_law<S>(0.4, 0);
}

/// The number of parameters of the law of X, in one gauge.
template <Subordinator S>
constexpr double kParameters = (std::same_as<S, GeneralizedInverseGaussian> ? 2.0 : 1.0) + 2.0 * kDimension +
                               0.5 * kDimension*(kDimension + 1);

/// The 95% quantiles of the chi-square laws with 8 and 9 degrees of freedom.
template <Subordinator S>
constexpr double kChiSquare95 = std::same_as<S, GeneralizedInverseGaussian> ? 16.918977604620448 : 15.507313055865453;

/// Returns the numbers of a model that are compared: mean, variances, the skewed part of the mean, and log tail weight.
template <Subordinator S>
Eigen::ArrayXd summary(const MeanVarianceMixture<S>& model) {
  Eigen::ArrayXd out(7);
  out << model.mean(), model.cov().diagonal(), model.subordinator().E_Y() * model.gamma(),
      std::log(model.tail_weight());
  return out;
}

/// The estimates less the truth in every run, and 2 n times (mean log-likelihood at the maximum less that at the
/// truth).
struct Runs {
  Eigen::ArrayXXd errors;
  Eigen::ArrayXd statistics;
};

template <Subordinator S>
Runs simulate() {
  const auto truth = model_with_law(kDimension, 3, true_law<S>());
  const Eigen::ArrayXd expected = summary(truth);
  const BatchEMFitter fitter({.tol = 1e-11});
  Runs runs{Eigen::ArrayXXd(kRuns, expected.size()), Eigen::ArrayXd(kRuns)};
  for (int run = 0; run < kRuns; ++run) {
    const RowMatrix x = truth.rvs(kRows, Seed{1000 + run});
    const auto result = fitter.fit(MeanVarianceMixture<S>::default_init(x), x);
    EXPECT_TRUE(result.converged) << "run " << run << ": " << result.status;
    runs.errors.row(run) = summary(result.model) - expected;
    const double gain = result.model.marginal_log_likelihood(x) - truth.marginal_log_likelihood(x);
    runs.statistics(run) = 2.0 * static_cast<double>(kRows) * gain;
  }
  return runs;
}

// The bias of maximum likelihood is of order 1/n, which is of order sqrt(runs / n) = 0.4 standard errors of the mean
// over the runs; one more standard error is allowed for it.
void expect_unbiased(const Eigen::ArrayXXd& errors) {
  for (Index k = 0; k < errors.cols(); ++k) {
    const double mean = errors.col(k).mean();
    const double deviation = std::sqrt((errors.col(k) - mean).square().mean());
    const double z = mean / (deviation / std::sqrt(static_cast<double>(kRuns)));
    std::cout << "parameter " << k << ": standard error " << deviation << ", bias " << z << " of its error\n";
    EXPECT_LT(std::abs(z), kNormalCritical + 1.0) << "parameter " << k;
  }
}

// Twice the gain in log-likelihood over the truth is chi-square with as many degrees of freedom as parameters (Wilks
// 1938).
template <Subordinator S>
void expect_nominal_coverage(const Eigen::ArrayXd& statistics) {
  constexpr double kLevel = 0.95;
  const double coverage = (statistics < kChiSquare95<S>).template cast<double>().mean();
  const double error = std::sqrt(kLevel * (1.0 - kLevel) / kRuns);
  std::cout << "coverage " << coverage << ", mean of 2 n gain " << statistics.mean() << "\n";
  EXPECT_LT(std::abs(coverage - kLevel), kNormalCritical * error);
  const double mean_error = std::sqrt(2.0 * kParameters<S> / kRuns);
  EXPECT_LT(std::abs(statistics.mean() - kParameters<S>), kNormalCritical * mean_error);
}

template <class S>
class Coverage : public ::testing::Test {};
TYPED_TEST_SUITE(Coverage, Families, FamilyNames);

// Both claims are one test, because shards of the program share no simulation.
TYPED_TEST(Coverage, MaximumLikelihoodIsUnbiasedAndItsRegionsOfNinetyFivePercentCoverTheTruthAsOften) {
  const Runs runs = simulate<TypeParam>();
  EXPECT_GT(runs.statistics.minCoeff(), 0.0) << "below the truth's likelihood";
  if (kSanitized) GTEST_SKIP() << "two runs say nothing of a rate";
  expect_unbiased(runs.errors);
  expect_nominal_coverage<TypeParam>(runs.statistics);
}

}  // namespace
}  // namespace varimix::tests
