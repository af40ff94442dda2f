#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstdint>
#include <iostream>

#include "support/models.hpp"
#include "support/sanitizers.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/em/rules/update_rules.hpp"

namespace varimix::tests {
namespace {

constexpr int kRuns = kSanitized ? 1 : 40;
constexpr Index kBatch = 10;

/// Returns the gauge-free numbers mu_1, E[Y] gamma_1, E[Y] Sigma_11 and log cv^2(Y), the log tail weight.
Eigen::Array4d summary(const NormalInverseGaussian& model) {
  const double y = model.subordinator().E_Y();
  return {model.mu()(0), y * model.gamma()(0), y * model.sigma()(0, 0), std::log(model.tail_weight())};
}

NormalInverseGaussian after_one_pass(const NormalInverseGaussian& init, const RowMatrix& x, const UpdateRule& rule) {
  OnlineEM<NormalInverseGaussian> state(init, rule);
  for (Index first = 0; first < x.rows(); first += kBatch) (void)state.update(RowView(x).slice(first, kBatch));
  return state.model();
}

/// Returns, for each of the four numbers, the mean squared error of maximum likelihood over that of one pass of a rule,
/// in kRuns data sets.
Eigen::Array4d relative_efficiency(const NormalInverseGaussian& truth, Index rows, const UpdateRule& rule) {
  const BatchEMFitter fitter({.tol = 1e-10});
  Eigen::Array4d of_maximum = Eigen::Array4d::Zero();
  Eigen::Array4d of_rule = Eigen::Array4d::Zero();
  for (std::int64_t run = 0; run < kRuns; ++run) {
    const RowMatrix x = truth.rvs(rows, Seed{500 + run});
    const auto init = NormalInverseGaussian::default_init(RowView(x).slice(0, rows / 40));
    of_maximum += (summary(fitter.fit(init, x).model) - summary(truth)).square();
    of_rule += (summary(after_one_pass(init, x, rule)) - summary(truth)).square();
  }
  return of_maximum / of_rule;
}

/// Returns a model with mu and gamma of the size of a standard deviation; gamma' Sigma^{-1} gamma is 1.9. With gamma
/// twice as large default_init is so far off that one pass ends at efficiencies of 0.1; the rule's documentation warns
/// of such extreme skewness.
NormalInverseGaussian skewed_model(Index d) {
  const auto model = some_model(d, 21, 0.7);
  return {model.mu(), 0.5 * model.gamma(), model.L_Sigma(), model.subordinator()};
}

// Over 9 sets of seeds the efficiencies were 0.84, 0.80, 0.76 and 0.76 in the mean; one from 40 runs has a standard
// deviation of 0.1 to 0.15, so that with random seeds one in fifty such tests would fail.
TEST(Efficiency, OfOnePassOfPolyakRuppertIsBetweenOneHalfAndOneAndAFifth) {
  const Eigen::Array4d efficiency = relative_efficiency(skewed_model(5), 40'000, PolyakRuppertUpdate{});
  std::cout << "mu_1, E[Y] gamma_1, E[Y] Sigma_11, log cv^2: " << efficiency.transpose() << "\n";
  if (kSanitized) GTEST_SKIP() << "one run says nothing of the mean";
  EXPECT_GE(efficiency.minCoeff(), 0.5);
  EXPECT_LE(efficiency.maxCoeff(), 1.2);
}

// This test is there so that nobody makes it the default: more than half of the information is missing in one
// dimension.
TEST(Efficiency, OfPlainRobbinsMonroInOneDimensionIsBelowOneFifth) {
  const Eigen::Array4d efficiency = relative_efficiency(skewed_model(1), 10'000, RobbinsMonroUpdate{50.0});
  std::cout << "mu_1, E[Y] gamma_1, E[Y] Sigma_11, log cv^2: " << efficiency.transpose() << "\n";
  if (kSanitized) GTEST_SKIP() << "one run says nothing of the mean";
  EXPECT_LT(efficiency(3), 0.2);
}

}  // namespace
}  // namespace varimix::tests
