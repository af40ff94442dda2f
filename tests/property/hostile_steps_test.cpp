#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/hostile.hpp"
#include "support/models.hpp"
#include "support/sanitizers.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

using NigState = OnlineEM<NormalInverseGaussian>;

template <class S>
class HostileStepsOf : public ::testing::Test {};
TYPED_TEST_SUITE(HostileStepsOf, Families, FamilyNames);

TYPED_TEST(HostileStepsOf, OneRowOfTenToTheThreeHundredInALaterBatchIsRevertedByName) {
  const RowMatrix good = tutorial_model().rvs(400, Seed{4});
  const auto init = MeanVarianceMixture<TypeParam>::default_init(good);
  RowMatrix bad = good.topRows(50);
  bad(20, 0) = 1e300;
  for (const auto& rule : rules_and_worse<TypeParam>()) {
    OnlineEM<MeanVarianceMixture<TypeParam>> state(init, rule.make(init));
    (void)state.update(RowView(good).slice(50, 50));
    (void)state.update(RowView(good).slice(100, 50));
    const auto before = state.model();
    const BatchReport report = state.update(bad);
    EXPECT_TRUE(report.status.has(StatusCode::kStepReverted)) << rule.name;
    EXPECT_TRUE(std::isfinite(report.parameter_change)) << rule.name;
    const std::string text = state.status().sentence();
    EXPECT_THAT(text, HasSubstr("E[Y]")) << rule.name;
    EXPECT_THAT(text, HasSubstr("first in step 2")) << rule.name;
    EXPECT_TRUE(is_sound(state.model())) << rule.name;
    EXPECT_TRUE(report.parts > 1 || state.model() == before) << rule.name;
    EXPECT_EQ(state.step(), 3) << rule.name;
    EXPECT_LT(state.total_weight(), 150.0) << rule.name << ": rows that were not learned do not count";
    const Status after = state.update(RowView(good).slice(150, 50)).status;
    EXPECT_FALSE(after.has(StatusCode::kStepReverted)) << rule.name << ": it goes on";
    EXPECT_TRUE(is_sound(state.model())) << rule.name;
  }
}

TYPED_TEST(HostileStepsOf, BatchesOfOneRowEndInAFiniteModel) {
  const RowMatrix x = tutorial_model().rvs(300, Seed{8});
  for (const auto& rule : rules_and_worse<TypeParam>()) {
    const auto result = fit(x, rule, {.batch_size = 1, .max_steps = 300, .verbose = 1});
    expect_sound(result, rule.name);
    EXPECT_EQ(result.n_iter, 300);
  }
  const auto identity = fit(x, all_rules<TypeParam>().front(), {.batch_size = 1, .max_steps = 300});
  EXPECT_TRUE(identity.status.has(StatusCode::kStepHalved)) << "one row alone determines no model: " << identity.status;
}

TEST(HostileSteps, ARevertedStepChangesNothingAndItsRowsDoNotCount) {
  const RowMatrix x = tutorial_model().rvs(50, Seed{9});
  NigState state(tutorial_model(), AffineUpdate{.b = 0.5, .c = 0.0});  // with it E[1/Y] E[Y] falls below 1
  bool was_reverted = false;
  for (int k = 0; k < 10; ++k) {
    const NigState before = state;
    const BatchReport report = state.update(x);
    const bool reverted = report.status.has(StatusCode::kStepReverted);
    was_reverted = was_reverted || reverted;
    EXPECT_EQ(state.total_weight(), before.total_weight() + (reverted ? 0.0 : 50.0));
    EXPECT_EQ(state.eta() == before.eta(), reverted);
    EXPECT_EQ(state.driving_model() == before.driving_model(), reverted);
    EXPECT_THAT(report.status.sentence(), HasSubstr(reverted ? "E[1/Y] E[Y] > 1" : ""));
  }
  EXPECT_TRUE(was_reverted);
}

TEST(HostileSteps, AffineWeightsThatDoNotSumToOneEndInAFiniteModel) {
  for (const double offset : {0.0, 5.0, -1000.0, 1e8}) {
    const RowMatrix x = tutorial_model().rvs(1000, Seed{9}).array() + offset;
    for (const std::int64_t steps : {60, 600}) {
      if (kSanitized && steps > 60 && offset != 0.0) continue;
      for (const auto& [b, c] : {std::pair{1.0, 1.0}, {1.9, 0.1}, {0.1, 1.9}, {3.0, -1.0}, {2.0, 0.0}, {0.5, 0.0}}) {
        const NamedRule named{"Affine", [weights = std::pair(b, c)](const NormalInverseGaussian&) {
                                return AffineUpdate{.b = weights.first, .c = weights.second};
                              }};
        const std::string what = "b = " + std::to_string(b) + ", offset " + std::to_string(offset);
        EMResult<NormalInverseGaussian> result{.model = tutorial_model()};
        ASSERT_NO_THROW(result = fit(x, named, {.batch_size = 50, .max_steps = steps, .verbose = 1})) << what;
        expect_sound(result, what);
      }
    }
  }
}

TEST(HostileSteps, AffineWeightsThatDoNotSumToOneAreNamed) {
  const RowMatrix x = tutorial_model().rvs(1000, Seed{9});
  const auto said = [&](const UpdateRule& rule) {
    const NamedRule named{"", [&](const NormalInverseGaussian&) { return rule; }};
    return fit(x, named, {.batch_size = 50, .max_steps = 3}).status.has(StatusCode::kWeightsNotOne);
  };
  const Eta eta0 = tutorial_model().compute_eta_from_model();
  EXPECT_TRUE(said(AffineUpdate{.b = 1.0, .c = 1.0}));
  EXPECT_TRUE(said(Shrinkage{AffineUpdate{.b = 0.5, .c = 0.4}, eta0, 0.5}));
  EXPECT_FALSE(said(AffineUpdate{.b = 0.9, .c = 0.1}));
  EXPECT_FALSE(said(AffineUpdate{.a = eta0, .b = 0.2, .c = 0.3})) << "a constant may make up for the rest";
  for (const NamedRule& rule : all_rules()) EXPECT_FALSE(said(rule.make(tutorial_model()))) << rule.name;
}

TEST(HostileSteps, AnInfeasibleAffineStepIsNamed) {
  const RowMatrix x = tutorial_model().rvs(1000, Seed{9}).array() + 5.0;
  const NamedRule rule{kSumToTwo, [](const NormalInverseGaussian&) { return AffineUpdate{.b = 1.0, .c = 1.0}; }};
  const auto result = fit(x, rule, {.batch_size = 50, .max_steps = 2});
  EXPECT_TRUE(result.status.has(StatusCode::kStepHalved)) << result.status;
  EXPECT_THAT(result.status.sentence(), HasSubstr("first in step 0"));
}

}  // namespace
}  // namespace varimix::tests
