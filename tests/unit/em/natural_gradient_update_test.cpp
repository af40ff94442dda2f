#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/models.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/em/rules/number_of_parameters.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/em/shrinkage_targets.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;
using NigState = OnlineEM<NormalInverseGaussian>;

constexpr Index kRows = 4096;
constexpr Index kBatch = 256;

NormalInverseGaussian truth(Index d) { return some_model(d, 11, 0.5); }

/// The state after one pass over rows, in batches, from the default_init of the first.
NigState after_one_pass(const RowMatrix& x, const UpdateRule& rule, const OnlineEMOptions& options = {},
                        const std::vector<double>& weights = {}) {
  const RowView rows(x);
  NigState state(NormalInverseGaussian::default_init(rows.slice(0, kBatch), options.missing), rule, Key{0}, options);
  for (Index first = 0; first < x.rows(); first += kBatch) {
    const std::span<const double> all(weights);
    const auto part = weights.empty() ? all : all.subspan(static_cast<std::size_t>(first), kBatch);
    (void)state.update(rows.slice(first, kBatch), {.weights = part});
  }
  return state;
}

/// How many statistical errors p / (2n) a model is below the maximum of the likelihood of rows.
double gap(const NormalInverseGaussian& model, const RowMatrix& x, const BatchEMOptions& options, double parameters) {
  BatchEMOptions to_the_end = options;
  to_the_end.tol = 1e-12;
  to_the_end.max_iter = 2000;
  const auto best = BatchEMFitter(to_the_end).fit(model, x).model;
  const auto log_lik = [&](const auto& of) { return of.marginal_log_likelihood(x, options.missing); };
  return (log_lik(best) - log_lik(model)) * 2.0 * static_cast<double>(x.rows()) / parameters;
}

TEST(NaturalGradientUpdate, OnePassEndsWithinATenthOfAStatisticalErrorOfTheMaximum) {
  for (const Index d : {1, 2, 5}) {
    const RowMatrix x = truth(d).rvs(kRows, Seed{3});
    EXPECT_LT(gap(after_one_pass(x, NaturalGradientUpdate{}).model(), x, {}, number_of_parameters(d)), 0.1) << d;
  }
}

TEST(NaturalGradientUpdate, TheModelThatDrivesIsTheOneShownAndItsOwnEtaIsTheRunningOne) {
  const RowMatrix x = truth(3).rvs(kRows, Seed{4});
  const NigState state = after_one_pass(x, NaturalGradientUpdate{});
  EXPECT_TRUE(state.model().same_law(state.driving_model(), 1e-13));
  EXPECT_TRUE(state.driving_model().m_step(state.eta()).same_law(state.driving_model(), 1e-9));
  EXPECT_EQ(state.eta().weight, static_cast<double>(kRows));
}

TEST(NaturalGradientUpdate, OnePassOverRowsWithGapsEndsWithinAQuarterOfAStatisticalError) {
  RowMatrix x = truth(3).rvs(kRows, Seed{5});
  const RowMatrix u = truth(3).rvs(kRows, Seed{6});
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < 3; ++j) {
      if (u(i, j) > truth(3).mean()(j) + 0.5) x(i, j) = std::nan("");
    }
  }
  const NigState state = after_one_pass(x, NaturalGradientUpdate{}, {.missing = Missing::kExact});
  EXPECT_LT(gap(state.model(), x, {.missing = Missing::kExact}, 13.0), 0.25);
}

TEST(NaturalGradientUpdate, WeightsCountAsSoManyRows) {
  const RowMatrix x = truth(2).rvs(kRows, Seed{8});
  RowMatrix twice(2 * kRows, 2);
  for (Index i = 0; i < kRows; ++i) twice.row(2 * i) = twice.row(2 * i + 1) = x.row(i);
  NigState weighted(truth(2), NaturalGradientUpdate{});
  NigState repeated(truth(2), NaturalGradientUpdate{});
  for (Index first = 0; first < kRows; first += kBatch) {
    (void)weighted.update(RowView(x).slice(first, kBatch), {.weights = std::vector<double>(kBatch, 2.0)});
    (void)repeated.update(RowView(twice).slice(2 * first, 2 * kBatch));
  }
  EXPECT_TRUE(weighted.model().same_law(repeated.model(), 1e-8));
}

TEST(NaturalGradientUpdate, KeepsWhatIsFixedAndEndsNearItsMaximum) {
  const RowMatrix x = truth(2).rvs(kRows, Seed{9});
  struct Held {
    std::vector<std::string> names;
    double parameters;
  };
  for (const Held& held : {Held{{"mu"}, 6}, Held{{"gamma"}, 6}, Held{{"sigma"}, 6}, Held{{"lam"}, 8},
                           Held{{"mu_ig", "lam"}, 7}, Held{{"gamma", "sigma"}, 4}, Held{{"mu", "gamma", "sigma"}, 2}}) {
    NigState state(truth(2), NaturalGradientUpdate{}, Key{0}, {.fixed = held.names});
    for (Index first = 0; first < kRows; first += kBatch) (void)state.update(RowView(x).slice(first, kBatch));
    const auto model = state.model();
    for (const std::string& name : held.names) {
      if (name == "mu") {
        EXPECT_EQ(model.mu(), truth(2).mu());
      }
      if (name == "gamma") {
        EXPECT_EQ(model.gamma(), truth(2).gamma());
      }
      if (name == "sigma") {
        EXPECT_EQ(model.L_Sigma(), truth(2).L_Sigma());
      }
      if (name == "lam") {
        EXPECT_EQ(model.subordinator().lam(), truth(2).subordinator().lam());
      }
    }
    EXPECT_LT(gap(model, x, {.fixed = held.names}, held.parameters), 0.15) << held.names.front();
  }
  NigState symmetric(truth(2), NaturalGradientUpdate{}, Key{0}, {.symmetric = true});
  for (Index first = 0; first < kRows; first += kBatch) (void)symmetric.update(RowView(x).slice(first, kBatch));
  EXPECT_TRUE(symmetric.model().gamma().isZero(0.0));
  EXPECT_LT(gap(symmetric.model(), x, {.symmetric = true}, 6.0), 0.15);
}

TEST(NaturalGradientUpdate, ShrinkageOfItEndsAtTheMaximumOfThePenalisedLikelihood) {
  const RowMatrix x = truth(2).rvs(kRows, Seed{10});
  const Eta eta0 = eta0_from_model(some_model(2, 30, 0.5));
  for (const double tau : {0.2, 2.0}) {
    const auto once = after_one_pass(x, Shrinkage{NaturalGradientUpdate{}, eta0, tau}).model();
    BatchEMOptions options;
    options.max_iter = 2000;
    options.tol = 1e-12;
    options.eta_update = Shrinkage{IdentityUpdate{}, eta0, tau};
    const auto best = BatchEMFitter(options).fit(NormalInverseGaussian::default_init(x), x).model;
    EXPECT_TRUE(once.same_law(best, 0.02)) << once << "\n" << best;
    EXPECT_FALSE(once.same_law(after_one_pass(x, NaturalGradientUpdate{}).model(), 0.05)) << "the prior does something";
  }
}

TEST(NaturalGradientUpdate, ForksMergeToTheMeanOfTheirModelsLessWhatTheyShared) {
  const RowMatrix x = truth(2).rvs(kRows, Seed{12});
  NigState trunk = after_one_pass(x.topRows(kRows / 4), NaturalGradientUpdate{});
  NigState other = trunk.fork();
  for (Index first = kRows / 4; first < kRows; first += kBatch) {
    (void)((first / kBatch) % 2 == 0 ? trunk : other).update(RowView(x).slice(first, kBatch));
  }
  trunk.merge(other);
  EXPECT_EQ(trunk.total_weight(), static_cast<double>(kRows));
  EXPECT_LT(gap(trunk.model(), x, {}, 8.0), 0.15);
}

TEST(NaturalGradientUpdate, AHalfLifeTracksAChange) {
  const RowMatrix before = truth(2).rvs(kRows, Seed{13});
  const RowMatrix after = some_model(2, 40, 0.5).rvs(kRows, Seed{14});
  const auto forgetful = [&] {
    NigState state = after_one_pass(before, NaturalGradientUpdate{.half_life = 200.0});
    for (Index first = 0; first < kRows; first += kBatch) (void)state.update(RowView(after).slice(first, kBatch));
    return state.model();
  }();
  NigState remembering = after_one_pass(before, NaturalGradientUpdate{});
  for (Index first = 0; first < kRows; first += kBatch) (void)remembering.update(RowView(after).slice(first, kBatch));
  EXPECT_LT(gap(forgetful, after, {}, 8.0), 30.0);  // 2 w = 577 rows determine it: 7 errors in the mean
  EXPECT_GT(gap(remembering.model(), after, {}, 8.0), 100.0);
}

TEST(NaturalGradientUpdate, OneOutlierOrAConstantColumnLeaveAFiniteModelAndAreNamed) {
  RowMatrix x = truth(2).rvs(kRows, Seed{15});
  x.row(100).setConstant(1e8);
  EXPECT_TRUE(is_sound(after_one_pass(x, NaturalGradientUpdate{}).model()));
  x.row(100).setZero();
  x.col(1).setConstant(3.0);
  NigState state(truth(2), NaturalGradientUpdate{});
  for (int pass = 0; pass < 4; ++pass) {
    for (Index first = 0; first < kRows; first += kBatch) (void)state.update(RowView(x).slice(first, kBatch));
  }
  EXPECT_TRUE(is_sound(state.model()));
  EXPECT_TRUE(state.status().has(StatusCode::kConstantColumn));
}

TEST(NaturalGradientUpdate, IsRefusedWhereItHasNoMeaning) {
  const auto init = truth(2);
  EXPECT_THAT(
      error_of([&] { NigState(init, NaturalGradientUpdate{}, Key{0}, {.frozen = true}); }),
      HasSubstr("eta_update must be a rule that blends statistics, as SampleWeightedUpdate, in a frozen state"));
  EXPECT_THAT(error_of([&] { NigState(init, NaturalGradientUpdate{}, Key{0}, {.inner_iter = 2}); }),
              HasSubstr("inner_iter must be 1 with NaturalGradientUpdate"));
  EXPECT_THAT(error_of([] { UpdateRule(PolyakAverage{NaturalGradientUpdate{}}); }),
              HasSubstr("base must be a rule that blends statistics, got NaturalGradientUpdate"));
  EXPECT_THAT(error_of([&] {
                UpdateRule(Shrinkage{NaturalGradientUpdate{}, eta0_from_model(init), 0.5, true});
              }),
              HasSubstr("feedback must be False over a rule that moves the model"));
  EXPECT_THAT(error_of([] { UpdateRule(NaturalGradientUpdate{.n0 = 0.0}); }), HasSubstr("n0 must be finite and > 0"));
  EXPECT_THAT(error_of([] { UpdateRule(NaturalGradientUpdate{.half_life = -1.0}); }), HasSubstr("half_life must be"));
  EXPECT_THAT(error_of([&] { (void)NigState(init, EWMAUpdate{}).cov_params(); }),
              HasSubstr("eta_update must be NaturalGradientUpdate"));
  EXPECT_THAT(error_of([&] { (void)NigState(init).cov_params(); }),
              HasSubstr("the state must be one that has learned"));
}

}  // namespace
}  // namespace varimix::tests
