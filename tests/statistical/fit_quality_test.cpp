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
#include "varimix/random/counter_stream.hpp"
#include "varimix/random/sample_rows.hpp"

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
TEST(FitQuality, PolyakRuppertEndsAtTheMaximumLikelihoodButForAFewTenThousandths) {
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

/// The maximum log-likelihood of the rows, nats per row, climbed to from a model.
template <class M>
double maximum_from(const M& model, const RowView& x) {
  const auto best = BatchEMFitter({.max_iter = kSanitized ? 20 : 5000, .tol = 1e-12}).fit(model, x);
  EXPECT_TRUE(best.converged || kSanitized);
  return best.model.marginal_log_likelihood(x);
}

/// Returns p/(2n) for the p parameters of a model: what the true model is below the maximum in the mean.
template <class M>
double statistical_error(const M& model, Index rows) {
  const typename M::Fit fit(model, FitConstraints{});
  return static_cast<double>(fit.free_parameters()) / (2.0 * static_cast<double>(rows));
}

// The rows drawn, not all rows, are what the fit has seen. Over 200 other keys the gap was 0.0009 errors in the
// mean, 0.0033 at worst.
TEST(FitQuality, TheDefaultRuleEndsAtTheMaximumOfTheRowsDrawn) {
  constexpr Index kSteps = 60;
  constexpr Index kBatchSize = 512;
  constexpr double kLargestGap = 0.02;  // in statistical errors
  const IncrementalEMFitter fitter({.batch_size = kBatchSize, .max_steps = kSteps});
  for (std::int64_t key = 0; key < (kSanitized ? 1 : 10); ++key) {
    std::vector<std::int64_t> drawn;
    for (std::uint64_t step = 0; step < kSteps; ++step) {
      CounterStream stream(Key{key}, StreamPurpose::kBatchRows, step);
      const auto batch = sample_rows(stream, tutorial().x.rows(), kBatchSize);
      drawn.insert(drawn.end(), batch.begin(), batch.end());
    }
    const RowView rows = RowView(tutorial().x).select(drawn);
    const NormalInverseGaussian model = fitter.fit(tutorial().init, tutorial().x, Key{key}).model;
    const double below = maximum_from(model, rows) - model.marginal_log_likelihood(rows);
    const double gap = below / statistical_error(model, rows.rows());
    std::cout << "key " << key << ": " << gap << " statistical errors\n";
    EXPECT_LT(gap, kLargestGap) << key;
  }
}

/// Returns how far one pass of the default rule over 20,480 rows in batches of 512, from default_init of the first
/// batch, ends below the maximum, in statistical errors: the mean over four data sets. Each of the forks, if there are
/// more than one, passes over its part of the rows.
template <class M>
double below_maximum(const M& law, Index forks = 1) {
  constexpr Index kBatchSize = 512;
  constexpr Index kRows = 40 * kBatchSize;
  constexpr std::int64_t kDataSets = kSanitized ? 1 : 4;
  double sum = 0.0;
  for (std::int64_t seed = 100; seed < 100 + kDataSets; ++seed) {
    const RowMatrix x = law.rvs(kRows, Seed{seed});
    OnlineEM<M> state(M::default_init(RowView(x).slice(0, kBatchSize)));
    std::vector<OnlineEM<M>> parts;
    for (Index k = 0; k < forks; ++k) parts.push_back(state.fork());
    for (Index k = 0; k < forks; ++k) {
      OnlineEM<M>& fork = parts[static_cast<std::size_t>(k)];
      for (Index first = k * kRows / forks; first < (k + 1) * kRows / forks; first += kBatchSize) {
        (void)fork.update(RowView(x).slice(first, kBatchSize));
      }
      state.merge(fork);
    }
    const double below = maximum_from(state.model(), x) - state.model().marginal_log_likelihood(x);
    sum += below / statistical_error(law, kRows);
  }
  return sum / kDataSets;
}

/// Returns the law with mu = 0, unit variances of the normal part and correlations of 0.3.
template <Subordinator S>
MeanVarianceMixture<S> law_with(const Vector& gamma, const S& law) {
  constexpr double kCorrelation = 0.3;
  const Index d = gamma.size();
  const Matrix sigma = (1.0 - kCorrelation) * Matrix::Identity(d, d) + Matrix::Constant(d, d, kCorrelation);
  return {Vector::Zero(d), gamma, Matrix(sigma.llt().matrixL()), law};
}

// The laws of bench/one_pass.py, and the bounds on their means, for which the rule was made. With 48 other data sets a
// law, none of 20,000 random choices of four had a mean above its bound (0.19 at extreme skew, at most 0.8 times the
// bound elsewhere): with random seeds fewer than one in a thousand such tests would fail.
TEST(FitQuality, OnePassOfTheDefaultRuleEndsAtTheMaximum) {
  const auto expect_below = [](const char* name, double below, double bound) {
    std::cout << name << ": " << below << " statistical errors\n";
    if (kSanitized) return;
    EXPECT_LT(below, bound) << name;
  };
  const auto nig = [](const Vector& gamma, double lam) { return law_with(gamma, InverseGaussian(1.0, lam)); };
  const Vector gamma = Vector{{0.3, -0.3}};
  expect_below("NIG d=1 lam=0.5", below_maximum(nig(Vector{{0.3}}, 0.5)), 0.05);
  expect_below("NIG d=2 lam=1.5", below_maximum(nig(Vector{{0.4, -0.4}}, 1.5)), 0.05);
  expect_below("NIG d=5 lam=20", below_maximum(nig(Vector::Constant(5, 0.1), 20.0)), 0.1);
  expect_below("NIG d=2 extreme skew", below_maximum(nig(Vector{{10.0, 10.0}}, 1.0)), 0.2);
  expect_below("VG d=2 alpha=3", below_maximum(law_with(gamma, Gamma(3.0, 3.0))), 0.05);
  expect_below("NInvG d=2 alpha=2.5", below_maximum(law_with(gamma, InverseGamma(2.5, 2.5))), 0.05);
  expect_below("GH d=2 p=1", below_maximum(law_with(gamma, GeneralizedInverseGaussian(1.0, 1.0, 1.0))), 0.1);
}

// Plain means of mu, gamma, Sigma and the shapes would end 2.7 and 1.4 errors below. With 12 data sets a law the gaps
// were 0.17 and 0.32 in the mean, 0.39 and 0.59 at worst: a mean of four above 1 has not been seen.
TEST(FitQuality, FourForksOfTheDefaultRuleMergeToTheMaximum) {
  const double near_gaussian = below_maximum(law_with(Vector{{0.1}}, InverseGaussian(1.0, 20.0)), 4);
  const double hyperbolic = below_maximum(law_with(Vector{{0.3, -0.3}}, GeneralizedInverseGaussian(1.0, 1.0, 1.0)), 4);
  std::cout << "NIG d=1 lam=20: " << near_gaussian << ", GH d=2 p=1: " << hyperbolic << " statistical errors\n";
  if (kSanitized) return;
  EXPECT_LT(near_gaussian, 1.0);
  EXPECT_LT(hyperbolic, 1.0);
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
