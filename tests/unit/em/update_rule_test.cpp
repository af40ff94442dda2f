#include "varimix/em/update_rule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/close.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

/// A one-dimensional eta, easy to follow by hand.
Eta scalar_eta(double inv_y, double y, double x, double x_inv_y, double xx_inv_y) {
  return Eta::from_raw(inv_y, y, 0.5 * x, Vector{{x}}, Vector{{x_inv_y}}, Matrix{{xx_inv_y}});
}

const Eta kRunning = scalar_eta(2.0, 1.0, 10.0, 20.0, 300.0);
const Eta kBatch = scalar_eta(4.0, 2.0, 30.0, 60.0, 700.0);

StepInfo info(std::int64_t step, double before, double rows) {
  return {.step = step, .weight_before = before, .batch_weight = rows};
}

template <class Rule>
std::string error_with(Rule rule) {
  return error_of([&] { (void)UpdateRule(rule); });
}

/// A rule of a user's that remembers the largest E[Y] so far, and counts its own steps.
struct LargestY {
  int steps = 0;
  struct Hooks;
};
struct LargestY::Hooks : RuleHooks<LargestY> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo&) override {
    ++steps;
    return batch.E_Y() > running.E_Y() ? batch : running;
  }
  [[nodiscard]] Eta report(const Eta& running) const override {
    Eta shown = running;
    shown.weight = steps;
    return shown;
  }
};

TEST(UpdateRuleHolder, HoldsAUsersRuleByValueWithDefaultsForWhatItLacks) {
  UpdateRule rule = LargestY{};
  EXPECT_EQ(rule.accumulate(kRunning, kBatch, info(0, 0, 1)), kBatch);
  UpdateRule copy = rule;
  EXPECT_EQ(copy.accumulate(kBatch, kRunning, info(1, 1, 1)), kBatch);
  EXPECT_EQ(copy.report(kBatch).weight, 2.0);
  EXPECT_EQ(rule.report(kBatch).weight, 1.0) << "a copy has its own state";
  rule = copy;
  EXPECT_EQ(rule.report(kBatch).weight, 2.0);
  EXPECT_EQ(rule.emit(kRunning), kRunning);
  EXPECT_EQ(rule.parts(info(0, 0, 99), 3), 1);
  rule.rescale_y(3.0);
  rule.check(5);
}

TEST(UpdateRuleHolder, KnowsWhichHooksAreItsOwn) {
  const UpdateRule reports = LargestY{};
  EXPECT_TRUE(reports.emits_what_it_remembers());
  EXPECT_FALSE(reports.reports_what_it_emits());
  const UpdateRule draws = Shrinkage{.base = EWMAUpdate{.w = 0.1}, .eta0 = kRunning};
  EXPECT_FALSE(draws.emits_what_it_remembers());
  const UpdateRule moves = NaturalGradientUpdate{};
  EXPECT_TRUE(moves.moves_model());
  EXPECT_FALSE(draws.moves_model());
  UpdateRule assigned = draws;
  assigned = moves;
  EXPECT_TRUE(assigned.moves_model());
}

/// A rule that asks for every batch in `wanted` parts.
struct InParts {
  std::int64_t wanted = 1;
  struct Hooks;
};
struct InParts::Hooks : RuleHooks<InParts> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta&, const Eta& batch, const StepInfo&) override { return batch; }
  [[nodiscard]] std::int64_t parts(const StepInfo&, Index) const override { return wanted; }
};

TEST(UpdateRuleHolder, PartsAreAtLeastOneAndAtMostTheRows) {
  const RowMatrix x = tutorial_model().rvs(40, Seed{1});
  for (const auto& [wanted, taken] : {std::pair<std::int64_t, std::int64_t>{-3, 1}, {0, 1}, {7, 7}, {1000, 40}}) {
    OnlineEM<NormalInverseGaussian> state(tutorial_model(), InParts{wanted});
    EXPECT_EQ(state.update(x).parts, taken) << wanted;
    EXPECT_EQ(state.total_weight(), 40.0);
  }
}

TEST(UpdateRuleHolder, AUsersRuleFits) {
  const NormalInverseGaussian truth = tutorial_model();
  OnlineEM<NormalInverseGaussian> state(truth, LargestY{});
  EXPECT_EQ(state.update(truth.rvs(100, Seed{1})).parts, 1);
  EXPECT_TRUE(is_sound(state.model()));
}

TEST(UpdateRuleHolder, SettingsAreTheSameWhateverWasLearnedAndOthersOtherwise) {
  const RowMatrix x = tutorial_model().rvs(100, Seed{3});
  for (const NamedRule& named : all_rules()) {
    const UpdateRule fresh = named.make(tutorial_model());
    OnlineEM<NormalInverseGaussian> state(tutorial_model(), fresh);
    (void)state.update(x);
    UpdateRule learned = state.state().rule;
    learned.rescale_y(1.0 / state.state().gauge);
    EXPECT_TRUE(fresh.same_settings(learned)) << named.name;
    for (const NamedRule& other : all_rules()) {
      if (other.name == named.name) continue;
      EXPECT_FALSE(fresh.same_settings(other.make(tutorial_model()))) << named.name << ", " << other.name;
    }
  }
  const UpdateRule affine = AffineUpdate{.b = 0.5, .c = 0.5};
  EXPECT_FALSE(affine.same_settings(AffineUpdate{.b = 0.5, .c = 0.6}));
  EXPECT_FALSE(affine.same_settings(AffineUpdate{.a = kBatch, .b = 0.5, .c = 0.5}));
}

TEST(PolyakAverage, TakesBackItsState) {
  const UpdateRule rule = PolyakAverage{.base = EWMAUpdate{}, .average = kBatch, .averaged_weight = 30.0};
  EXPECT_EQ(rule.report(kRunning), kBatch);
}

/// A rule of a user's around one of varimix's.
struct Wrapper {
  UpdateRule base;
  double share = 0.5;
  static constexpr const char* kName = "Wrapper";
  static constexpr auto kMembers =
      std::tuple(required_setting("base", &Wrapper::base), setting("share", &Wrapper::share, kZeroToOne));
  struct Hooks;
};
struct Wrapper::Hooks : WrappingRuleHooks<Wrapper> {
  using WrappingRuleHooks::WrappingRuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& at) override {
    return blend(running, base.accumulate(running, batch, at), share);
  }
};

TEST(UpdateRuleHolder, AUsersRuleWithAListOfMembersIsComparedAndCheckedByIt) {
  const UpdateRule rule = Wrapper{IdentityUpdate{}, 0.3};
  EXPECT_EQ(rule, UpdateRule(Wrapper{IdentityUpdate{}, 0.3}));
  EXPECT_FALSE(rule == UpdateRule(Wrapper{IdentityUpdate{}, 0.4}));
  EXPECT_FALSE(rule == UpdateRule(Wrapper{EWMAUpdate{}, 0.3}));
  EXPECT_THAT(error_with(Wrapper{IdentityUpdate{}, -7.0}), HasSubstr("share must be in (0, 1], got -7"));
  EXPECT_THAT(error_of([&] { UpdateRule(Wrapper{AffineUpdate{.a = kRunning}}).check(2); }), HasSubstr("dimension 2"));
}

TEST(UpdateRuleHolder, FieldsBeyondThoseOfTheFitAreLeftOut) {
  const NormalInverseGaussian model = tutorial_model();  // whose fits leave out E[log Y]
  OnlineEM<NormalInverseGaussian> state(model, Shrinkage{IdentityUpdate{}, model.compute_eta_from_model(), 1.0, true});
  (void)state.update(model.rvs(50, Seed{1}));
  EXPECT_FALSE(state.eta().E_log_Y().has_value());
  EXPECT_EQ(OnlineEM<NormalInverseGaussian>(state.state()), state);
}

/// A rule with a half-life that is none.
struct BadHalfLife {
  double seconds = -1.0;
  struct Hooks;
};
struct BadHalfLife::Hooks : RuleHooks<BadHalfLife> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta&, const Eta& batch, const StepInfo&) override { return batch; }
  [[nodiscard]] std::optional<double> time_half_life() const override { return seconds; }
};

TEST(UpdateRuleHolder, AHalfLifeThatIsNoneIsRefused) {
  const RowMatrix x = tutorial_model().rvs(5, Seed{1});
  const std::vector<double> times(5, 1.0);
  for (const double seconds : {-1.0, 0.0, HUGE_VAL, std::nan("")}) {
    OnlineEM<NormalInverseGaussian> state(tutorial_model(), BadHalfLife{seconds});
    EXPECT_THAT(error_of([&] { (void)state.update(x, {.times = times}); }), HasSubstr("time_half_life")) << seconds;
  }
}

}  // namespace
}  // namespace varimix::tests
