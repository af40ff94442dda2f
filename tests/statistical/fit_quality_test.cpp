#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "support/models.hpp"
#include "support/sanitizers.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/em/incremental_em_fitter.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/em/shrinkage_targets.hpp"

namespace varimix::tests {
namespace {

/// The tutorial's data, with their true and initial models.
struct Tutorial {
  NormalInverseGaussian truth = tutorial_model();
  RowMatrix x = truth.rvs(20'000, Seed{0});
  NormalInverseGaussian init = NormalInverseGaussian::default_init(x);
  double true_log_likelihood = truth.marginal_log_likelihood(x);
};

const Tutorial& tutorial() {
  static const Tutorial data;
  return data;
}

double log_likelihood_after(const UpdateRule& rule, std::int64_t key) {
  const IncrementalEMFitter fitter({.batch_size = 512, .max_steps = 60, .eta_update = rule});
  return fitter.fit(tutorial().init, tutorial().x, Key{key}).model.marginal_log_likelihood(tutorial().x);
}

// The reference package's worst is 0.0126. Batches of 512 leave Identity about p / (2 * 512) = 0.008 nats short,
// with p = 8 parameters.
TEST(FitQuality, EachOfTheSixRulesEndsWithinTwoHundredthsOfANatOfTheTrueModel) {
  constexpr double kShortfall = 0.02;
  const std::vector<std::pair<std::string, UpdateRule>> rules = {
      {"Identity", IdentityUpdate{}},
      {"RobbinsMonro", RobbinsMonroUpdate{10.0}},
      {"SampleWeighted", SampleWeightedUpdate{}},
      {"EWMA", EWMAUpdate{.w = 0.1}},
      {"Affine", AffineUpdate{.b = 0.5, .c = 0.5}},
      {"Shrinkage", Shrinkage{IdentityUpdate{}, eta0_from_model(tutorial().init), 0.3}}};
  for (const auto& [name, rule] : rules) {
    for (const std::int64_t key : {0, 1, 2}) {
      const double shortfall = tutorial().true_log_likelihood - log_likelihood_after(rule, key);
      std::cout << name << ", key " << key << ": " << shortfall << " nats short of the true model\n";
      EXPECT_LT(std::abs(shortfall), kShortfall) << name << ", key " << key;
    }
  }
}

/// Returns the maximum by batch EM, IdentityUpdate on all rows, until a step gains nothing that counts; the likelihood
/// never falls.
double maximum_log_likelihood(const RowMatrix& x, const NormalInverseGaussian& init) {
  constexpr int kMaxSteps = 600;
  constexpr double kNegligibleGain = 1e-11;  // nats per row; the gaps below are above 1e-5
  OnlineEM<NormalInverseGaussian> state(init, IdentityUpdate{});
  double before = state.update(x).log_likelihood;
  for (int step = 1; step < kMaxSteps; ++step) {
    const double now = state.update(x).log_likelihood;
    if (now - before < kNegligibleGain) return now;
    before = now;
  }
  ADD_FAILURE() << "batch EM has not converged";
  return before;
}

// Over 200 other keys the gap was 0.00016 in the mean and 0.00044 at worst, so that the bounds do not depend on the
// keys. (An earlier trial of the rule gave 0.00019 and 0.00035.)
TEST(FitQuality, TheDefaultRuleEndsAtTheMaximumLikelihoodButForAFewTenThousandths) {
  constexpr double kMeanGap = 0.0003;
  constexpr double kLargestGap = 0.0006;
  constexpr std::int64_t kKeys = 10;
  const double maximum = maximum_log_likelihood(tutorial().x, tutorial().init);
  double sum = 0.0;
  for (std::int64_t key = 0; key < kKeys; ++key) {
    const double gap = maximum - log_likelihood_after(PolyakRuppertUpdate{}, key);
    EXPECT_GT(gap, 0.0) << "above the maximum";
    EXPECT_LT(gap, kLargestGap) << "key " << key;
    sum += gap;
  }
  std::cout << "mean gap to the maximum likelihood: " << sum / kKeys << " nats per row\n";
  EXPECT_LT(sum / kKeys, kMeanGap);
}

/// The distance of the default rule from the maximum log-likelihood after one pass and after ten, in statistical errors
/// p/(2n) for p parameters and n rows.
struct Passes {
  double one, ten;
};

/// Fits 40 batches of 512 rows of a heavy-tailed law, from default_init of the first batch.
Passes below_maximum(Index d, std::int64_t seed) {
  constexpr Index kBatches = 40;
  constexpr Index kBatchSize = 512;
  constexpr double kCorrelation = 0.3;
  const auto dimension = static_cast<double>(d);
  const Matrix sigma = (1.0 - kCorrelation) * Matrix::Identity(d, d) + Matrix::Constant(d, d, kCorrelation);
  const auto law = NormalInverseGaussian::from_classical(
      {.mu = Vector::Zero(d), .gamma = Vector::LinSpaced(d, -0.3, 0.3), .sigma = sigma, .mu_ig = 1.0, .lam = 0.5});
  const RowMatrix x = law.rvs(kBatches * kBatchSize, Seed{seed});
  const auto init = NormalInverseGaussian::default_init(RowView(x).slice(0, kBatchSize));
  const auto best = BatchEMFitter({.max_iter = kSanitized ? 20 : 5000, .tol = 1e-12}).fit(init, x);
  EXPECT_TRUE(best.converged || kSanitized);
  const double maximum = best.model.marginal_log_likelihood(x);
  const double parameters = 1.0 + 2.0 * dimension + 0.5 * dimension * (dimension + 1.0);
  const double error = parameters / (2.0 * static_cast<double>(x.rows()));
  OnlineEM<NormalInverseGaussian> state(init);
  const auto below_after_passes = [&](int passes) {
    for (Index k = 0; k < passes * kBatches; ++k) {
      (void)state.update(RowView(x).slice(k % kBatches * kBatchSize, kBatchSize));
    }
    return (maximum - state.model().marginal_log_likelihood(x)) / error;
  };
  const double one = below_after_passes(1);
  return {one, below_after_passes(9)};
}

// Over 60 other data sets one pass at d = 1 ends 0.44 below in the mean, 1.1 at worst; the other dimensions are nearer.
TEST(FitQuality, OnePassOfTheDefaultRuleEndsWithinHalfAStatisticalErrorOfTheMaximumAndTenWithinAFiftieth) {
  constexpr std::int64_t kDataSets = kSanitized ? 1 : 12;
  for (const Index d : {1, 2, 5, 20}) {
    Passes sum{};
    for (std::int64_t seed = 0; seed < kDataSets; ++seed) {
      const Passes below = below_maximum(d, 100 + seed);
      sum.one += below.one;
      sum.ten += below.ten;
    }
    std::cout << "d = " << d << ": " << sum.one / kDataSets << " and " << sum.ten / kDataSets
              << " statistical errors\n";
    if (kSanitized) continue;
    EXPECT_LT(sum.one / kDataSets, 0.5) << d;
    EXPECT_LT(sum.ten / kDataSets, 0.02) << d;
  }
}

TEST(FitQuality, BatchEMEndsAboveTheTrueModelByAboutHalfAParameterPerRow) {
  const double maximum = maximum_log_likelihood(tutorial().x, tutorial().init);
  // 2 n times the gain is chi-square with 8 degrees of freedom (Wilks 1938); 0.142 and 42.7 cut off one in a million on
  // each side.
  const double statistic = 2.0 * static_cast<double>(tutorial().x.rows()) * (maximum - tutorial().true_log_likelihood);
  EXPECT_GT(statistic, 0.142);
  EXPECT_LT(statistic, 42.7);
}

}  // namespace
}  // namespace varimix::tests
