#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "support/properties.hpp"
#include "support/rules.hpp"
#include "support/sanitizers.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/mixture/e_step.hpp"

namespace varimix::tests {
namespace {

/// Rows, and the initial model of their fits, whose own eta is finite.
template <Subordinator S>
struct Case {
  RowMatrix x;
  MeanVarianceMixture<S> init;
};

template <Subordinator S>
Case<S> any_case(Index rows) {
  const auto truth = any_heavy_model<S>();
  return {truth.rvs(rows, Seed{any_seed()}), some_model<S>(truth.d(), any_seed(), 0.5 * any_scale(0, 1))};
}

template <class S>
class RuleProperty : public ::testing::Test {};
TYPED_TEST_SUITE(RuleProperty, Families, FamilyNames);

TYPED_TEST(RuleProperty, IdentityOnAllRowsIsBatchEM) {
  check_property([] {
    const auto [x, init] = any_case<TypeParam>(150);
    auto model = init;
    OnlineEM<MeanVarianceMixture<TypeParam>> state(init, IdentityUpdate{});
    for (int k = 0; k < 5; ++k) {
      const EStepResult result = model.e_step(x);
      const double log_likelihood = state.update(x).log_likelihood;
      if (state.status().has(StatusCode::kModeTrap)) return;  // fits keep off a pole at mu, e_step does not
      hold(is_close(log_likelihood, result.log_lik, 1e-11));
      model = model.m_step(result.eta);
      hold_same_law(state.model(), model, 1e-10);
    }
  });
}

TYPED_TEST(RuleProperty, RobbinsMonroWithStepOneAndEwmaOfOneAreIdentity) {
  check_property([] {
    const auto [x, init] = any_case<TypeParam>(300);
    OnlineEM<MeanVarianceMixture<TypeParam>> identity(init, IdentityUpdate{});
    OnlineEM<MeanVarianceMixture<TypeParam>> forgetful(init, EWMAUpdate{.w = 1.0});
    OnlineEM<MeanVarianceMixture<TypeParam>> first_step(init,
                                                        RobbinsMonroUpdate{1.0});  // 1/(1 + t) is 1 in the first step
    for (Index k = 0; k < 3; ++k) {
      const RowView batch = RowView(x).slice(100 * k, 100);
      (void)identity.update(batch);
      (void)forgetful.update(batch);
      RC_ASSERT(forgetful.model() == identity.model());
      RC_ASSERT(forgetful.eta() == identity.eta());
      if (k > 0) continue;
      (void)first_step.update(batch);
      RC_ASSERT(first_step.model() == identity.model());
    }
  });
}

TYPED_TEST(RuleProperty, SampleWeightedAtAFrozenModelIsTheFullEStep) {
  check_property([] {
    const auto [x, model] = any_case<TypeParam>(500);
    UpdateRule rule = SampleWeightedUpdate{};
    Eta running = model.compute_eta_from_model();
    Index before = 0;
    while (before < x.rows()) {
      const Index size = std::min(x.rows() - before, *rc::gen::inRange<Index>(1, 200));
      const Eta hat = model.e_step(RowView(x).slice(before, size)).eta;
      running = rule.accumulate(
          running, hat, {.weight_before = static_cast<double>(before), .batch_weight = static_cast<double>(size)});
      before += size;
    }
    running.weight = static_cast<double>(before);
    hold(same_eta(running, model.e_step(x).eta, 1e-13));
  });
}

TYPED_TEST(RuleProperty, ShrinkageOfStrengthZeroIsItsBaseStateAndAll) {
  check_property([] {
    const auto [x, init] = any_case<TypeParam>(320);
    const Eta eta0 = eta0_isotropic(init, any_scale(-2, 2));
    for (const RuleOf<TypeParam>& rule : all_rules<TypeParam>()) {
      OnlineEM<MeanVarianceMixture<TypeParam>> plain(init, rule.make(init));
      OnlineEM<MeanVarianceMixture<TypeParam>> shrunk(init, Shrinkage{rule.make(init), eta0, 0.0});
      RC_LOG(rule.name);
      for (Index k = 0; k < 4; ++k) {
        const RowView batch = RowView(x).slice(80 * k, 80);
        RC_ASSERT(plain.update(batch).parts == shrunk.update(batch).parts);
        RC_ASSERT(plain.eta() == shrunk.eta());
        RC_ASSERT(plain.model() == shrunk.model());
        RC_ASSERT(plain.driving_model() == shrunk.driving_model());
      }
    }
  });
}

/// Goes on from a state of so many steps until as many again change the log-likelihood by no more than `little`; returns
/// false if that takes more than kMostDoublings.
template <class M>
bool has_settled(OnlineEM<M>& state, const RowMatrix& x, int steps, double little) {
  constexpr int kMostDoublings = 6;
  double before = state.model().marginal_log_likelihood(x);
  for (int doubling = 0; doubling < kMostDoublings; ++doubling, steps *= 2) {
    for (int k = 0; k < steps; ++k) (void)state.update(x);
    const double now = state.model().marginal_log_likelihood(x);
    if (std::abs(now - before) <= little) return true;
    before = now;
  }
  return false;
}

// A stationary eta is the E-step at the model of its own shrunk value, whatever the step size. So an eta at which
// Identity has settled is stationary for a base with any other step.
TYPED_TEST(RuleProperty, TheStationaryValueOfShrinkageDoesNotDependOnTheBasesStep) {
  check_property([] {
    constexpr int kSteps = kSanitized ? 5 : 100;
    constexpr double kSettled = 1e-8;
    const auto [x, init] = any_case<TypeParam>(100);
    const auto shrink = [&start = init](const UpdateRule& base) {
      return Shrinkage{base, eta0_isotropic(start, 2.0), 1.0};
    };
    OnlineEM<MeanVarianceMixture<TypeParam>> identity(init, shrink(IdentityUpdate{}));
    OnlineEM<MeanVarianceMixture<TypeParam>> slow(init, shrink(EWMAUpdate{.w = 0.3}));
    for (int k = 0; k < kSteps; ++k) (void)identity.update(x);
    for (int k = 0; k < 3 * kSteps; ++k) (void)slow.update(x);
    if (kSanitized) return;  // these are too few steps to settle
    RC_PRE(has_settled(identity, x, kSteps, 0.01 * kSettled) && has_settled(slow, x, 3 * kSteps, 0.01 * kSettled));
    const double log_likelihood = identity.model().marginal_log_likelihood(x);
    hold(is_close(slow.model().marginal_log_likelihood(x), log_likelihood, kSettled));
    hold_same_law(slow.model(), identity.model(), 1e-4);
  });
}

// Identity remembers nothing, so that its shrinkage is the same rule with feedback and without.
TYPED_TEST(RuleProperty, ShrinkageOfIdentityIsTheSameWithFeedback) {
  check_property([] {
    const auto [x, init] = any_case<TypeParam>(150);
    const Eta eta0 = eta0_from_model(init);
    OnlineEM<MeanVarianceMixture<TypeParam>> plain(init, Shrinkage{IdentityUpdate{}, eta0, 0.3});
    OnlineEM<MeanVarianceMixture<TypeParam>> feedback(init, Shrinkage{IdentityUpdate{}, eta0, 0.3, true});
    for (int k = 0; k < 5; ++k) {
      (void)plain.update(x);
      (void)feedback.update(x);
    }
    hold_same_law(feedback.model(), plain.model(), 1e-10);
  });
}

}  // namespace
}  // namespace varimix::tests
