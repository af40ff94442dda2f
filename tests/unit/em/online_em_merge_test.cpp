#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "mixture/families.hpp"
#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/models.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/em/shrinkage_targets.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

template <class S>
class OnlineEMMergeOf : public ::testing::Test {
 public:
  using State = OnlineEM<MeanVarianceMixture<S>>;
  RowMatrix x = some_model(2, 17, 0.8).rvs(600, Seed{9});
  MeanVarianceMixture<S> init = MeanVarianceMixture<S>::default_init(x);

  [[nodiscard]] State start(const UpdateRule& rule = SampleWeightedUpdate{}, bool frozen = true) const {
    return State(init, rule, Key{0}, {.frozen = frozen});
  }
  /// Returns the state after it has learned rows first, ..., first + count - 1 as well, in batches of 50.
  [[nodiscard]] State after(State state, Index first, Index count) const {
    for (Index k = 0; k < count; k += 50)
      (void)state.update(RowView(x).slice(first + k, std::min<Index>(50, count - k)));
    return state;
  }
  [[nodiscard]] static State merged(State left, const State& right) {
    left.merge(right);
    return left;
  }
};
TYPED_TEST_SUITE(OnlineEMMergeOf, Families, FamilyNames);

TYPED_TEST(OnlineEMMergeOf, AFrozenPassOverPartsIsThePassOverAll) {
  const auto whole = this->after(this->start(), 0, 600);
  for (const double n0 : {0.0, 40.0}) {
    const auto begin = this->start(SampleWeightedUpdate{.n0 = n0});
    const auto all = this->after(begin, 0, 600);
    const auto first = this->after(begin, 0, 130);
    const auto last = this->after(begin, 150, 450);
    const auto merged = this->merged(this->merged(first, this->after(begin, 130, 20)), last);
    EXPECT_TRUE(same_eta(merged.eta(), all.eta(), 1e-13)) << n0;
    EXPECT_TRUE(merged.model().same_law(all.model(), 1e-11)) << n0;
    EXPECT_EQ(merged.total_weight(), 600.0);
    EXPECT_LT(merged.log_score().total, first.log_score().total + last.log_score().total);
    EXPECT_EQ(merged.log_score().weight, 600.0);
  }
  Eta one_step = this->init.e_step(this->x).eta;
  if (!TypeParam::kUsesLogY) one_step = without_log_y(one_step);
  EXPECT_TRUE(same_eta(rescale_y(whole.eta(), 1.0 / whole.state().gauge), one_step, 1e-12)) << "it is one E-step";
}

TYPED_TEST(OnlineEMMergeOf, IsAssociativeAndCommutative) {
  for (const UpdateRule& rule : {UpdateRule(SampleWeightedUpdate{}), UpdateRule(PolyakRuppertUpdate{})}) {
    const auto begin = this->start(rule, false);
    const auto a = this->after(begin, 0, 200);
    const auto b = this->after(begin, 200, 200);
    const auto c = this->after(begin, 400, 200);
    const auto left = this->merged(this->merged(a, b), c);
    EXPECT_TRUE(left.model().same_law(this->merged(a, this->merged(b, c)).model(), 1e-11)) << rule.name();
    EXPECT_TRUE(left.model().same_law(this->merged(this->merged(c, b), a).model(), 1e-11)) << rule.name();
    EXPECT_EQ(left.total_weight(), 600.0);
    EXPECT_EQ(left.state().lineage, this->merged(this->merged(c, b), a).state().lineage);
  }
}

TYPED_TEST(OnlineEMMergeOf, TheAncestorOfTwoForksIsCountedOnce) {
  const auto begin = this->start();
  auto trunk = this->after(begin, 0, 200);
  const auto merged = this->merged(this->after(trunk.fork(), 200, 150), this->after(trunk.fork(), 350, 250));
  const auto all = this->after(begin, 0, 600);
  EXPECT_TRUE(same_eta(merged.eta(), all.eta(), 1e-12));
  EXPECT_EQ(merged.total_weight(), 600.0);
  EXPECT_EQ(merged.step(), all.step());
  EXPECT_EQ(merged.log_score().weight, 600.0);
}

TYPED_TEST(OnlineEMMergeOf, AForkThatLearnedNothingAddsNothing) {
  auto trunk = this->after(this->start(), 0, 200);
  const auto grown = this->after(trunk.fork(), 200, 100);
  EXPECT_EQ(this->merged(grown, trunk.fork()), grown);
  EXPECT_EQ(this->merged(trunk.fork(), grown), grown);
}

TYPED_TEST(OnlineEMMergeOf, CopiesThatShareRowsWithoutAForkAreRefused) {
  auto trunk = this->after(this->start(), 0, 200);
  auto left = this->after(trunk, 200, 100);
  const auto before = left;
  const auto right = this->after(trunk, 300, 100);
  EXPECT_THAT(error_of([&] { left.merge(right); }), HasSubstr("fork() a state before it learns in two places"));
  EXPECT_THAT(error_of([&] { left.merge(this->after(trunk.fork(), 300, 100)); }), HasSubstr("fork()"));
  EXPECT_EQ(left, before);
  left.merge(right, true);
  EXPECT_EQ(left.total_weight(), 600.0) << "the 200 rows count twice";
}

TYPED_TEST(OnlineEMMergeOf, WhatCannotBeMergedIsNamed) {
  auto state = this->after(this->start(), 0, 100);
  const auto error = [&](const OnlineEM<MeanVarianceMixture<TypeParam>>& other) {
    return error_of([&] { state.merge(other); });
  };
  EXPECT_THAT(error(this->after(this->start(EWMAUpdate{}), 100, 50)),
              HasSubstr("other must be a state of the same rule"));
  EXPECT_THAT(error(this->start(SampleWeightedUpdate{}, false)), HasSubstr("the same options"));
  EXPECT_THAT(error(this->after(this->start(SampleWeightedUpdate{.n0 = 3.0}), 100, 50)),
              HasSubstr("the same settings of SampleWeightedUpdate"));
  auto forgetful = this->after(this->start(EWMAUpdate{}), 0, 50);
  EXPECT_THAT(error_of([&] { forgetful.merge(this->after(this->start(EWMAUpdate{}), 50, 50)); }),
              HasSubstr("a rule that averages"));
  const auto other_start = MeanVarianceMixture<TypeParam>::default_init(RowView(this->x).slice(0, 300));
  OnlineEM<MeanVarianceMixture<TypeParam>> unrelated(other_start, SampleWeightedUpdate{}, Key{0}, {.frozen = true});
  EXPECT_THAT(error(unrelated), HasSubstr("made from the same initial model"));
  const OnlineEM<MeanVarianceMixture<TypeParam>> wide(
      MeanVarianceMixture<TypeParam>::default_init(some_model(3, 1, 0.5).rvs(50, Seed{1})), SampleWeightedUpdate{},
      Key{0}, {.frozen = true});
  EXPECT_THAT(error(wide), HasSubstr("other must be of dimension 2, got 3"));
}

TYPED_TEST(OnlineEMMergeOf, AStateWithoutRowsIsRefusedWhereItsRuleHasOtherSettingsToo) {
  const auto learned = this->after(this->start(PolyakRuppertUpdate{}), 0, 100);
  const auto fresh = this->start(PolyakRuppertUpdate{.exponent = 0.7});
  for (const bool force : {false, true}) {
    for (auto [left, right] : {std::pair(learned, fresh), std::pair(fresh, learned)}) {
      const auto before = left;
      EXPECT_THAT(error_of([&, &l = left, &r = right] { l.merge(r, force); }),
                  HasSubstr("the same settings of PolyakRuppertUpdate"));
      EXPECT_EQ(left, before);
    }
  }
}

TYPED_TEST(OnlineEMMergeOf, ByForceAStateWithoutRowsAddsNothing) {
  auto learned = this->after(this->start(), 0, 100);
  const auto fork = this->after(learned.fork(), 100, 50);
  auto fresh = this->start();
  learned.merge(this->start(), true);
  EXPECT_EQ(this->merged(learned, fork).total_weight(), 150.0) << "it still knows its forks";
  fresh.merge(learned, true);
  EXPECT_EQ(fresh.total_weight(), 100.0);
}

TYPED_TEST(OnlineEMMergeOf, AParentTakesInItsForksAndWhatItLearnedItself) {
  const auto begin = this->start();
  const auto all = this->after(begin, 0, 600);
  auto parent = this->after(begin, 0, 200);
  const auto first = this->after(parent.fork(), 200, 150);
  const auto second = this->after(parent.fork(), 350, 100);
  auto busy = this->after(parent, 450, 150);
  parent.merge(first);
  EXPECT_EQ(parent.total_weight(), 350.0);
  EXPECT_EQ(parent.eta(), first.eta()) << "nothing to combine: the fork holds all of the parent";
  parent.merge(second);
  EXPECT_EQ(parent.total_weight(), 450.0);
  busy.merge(first);
  busy.merge(second);
  EXPECT_EQ(busy.total_weight(), 600.0);
  EXPECT_TRUE(same_eta(busy.eta(), all.eta(), 1e-12));
  EXPECT_EQ(busy.step(), all.step());
  EXPECT_EQ(busy.log_score().weight, 600.0);
}

TYPED_TEST(OnlineEMMergeOf, AStateThatAWorkerLoadedAndForkedItselfIsKnownToItsParent) {
  auto parent = this->after(this->start(), 0, 200);
  const auto as_sent = parent;
  auto at_worker = as_sent;
  const auto learned = this->after(at_worker.fork(), 200, 100);
  parent.merge(learned);
  EXPECT_EQ(parent.total_weight(), 300.0);
  EXPECT_EQ(this->merged(learned, as_sent), learned) << "it holds nothing new";
}

TYPED_TEST(OnlineEMMergeOf, TwoForksThatLearnedEqualRowsAreRefusedBecauseNobodyCanTellThemFromCopies) {
  auto fresh = this->start();
  auto left = this->after(fresh.fork(), 0, 100);
  const auto right = this->after(fresh.fork(), 0, 100);
  EXPECT_THAT(error_of([&] { left.merge(right); }), HasSubstr("learned the same rows"));
  auto trunk = this->after(this->start(), 0, 100);
  auto one = this->after(trunk.fork(), 100, 50);
  EXPECT_THAT(error_of([&] { one.merge(this->after(trunk.fork(), 100, 50)); }), HasSubstr("learned the same rows"));
  one.merge(this->after(trunk.fork(), 100, 50), true);
  EXPECT_EQ(one.total_weight(), 300.0);
}

TYPED_TEST(OnlineEMMergeOf, AStateThatHoldsRowsTwiceByForceTakesInNoForkOfThem) {
  auto state = this->after(this->start(), 0, 100);
  auto fork = this->after(state.fork(), 100, 100);
  state.merge(state, true);
  EXPECT_EQ(state.total_weight(), 200.0);
  EXPECT_THAT(error_of([&] { state.merge(fork); }), HasSubstr("shares no rows"));
  EXPECT_THAT(error_of([&] { fork.merge(state); }), HasSubstr("shares no rows"));
  auto twice = state.fork();
  EXPECT_EQ(this->merged(state, this->after(twice, 300, 100)).total_weight(), 300.0) << "its own forks it does";
}

TYPED_TEST(OnlineEMMergeOf, ForksWhoseFirstRowIsTheSameAreTwoParts) {
  for (const UpdateRule& rule : {UpdateRule(SampleWeightedUpdate{}), UpdateRule(PolyakRuppertUpdate{})}) {
    auto fresh = this->start(rule, false);
    auto left = fresh.fork();
    auto right = fresh.fork();
    RowMatrix others = this->x.middleRows(100, 50);
    others.row(0) = this->x.row(0);
    (void)left.update(this->x.topRows(50));
    (void)right.update(others);
    left.merge(right);
    EXPECT_EQ(left.total_weight(), 100.0) << rule.name();
  }
}

TYPED_TEST(OnlineEMMergeOf, OutcomesBeforeTheForkAreCountedOnce) {
  auto trunk = this->start(SampleWeightedUpdate{}, false);
  RowMatrix bad = this->x.topRows(50);
  bad(3, 0) = 1e300;
  trunk = this->after(trunk, 0, 100);
  (void)trunk.update(bad);
  auto left = this->after(trunk.fork(), 100, 50);
  left.merge(this->after(trunk.fork(), 150, 50));
  EXPECT_EQ(left.status().count(StatusCode::kStepReverted), 1);
  EXPECT_EQ(left.log_score().impossible, trunk.log_score().impossible);
}

TYPED_TEST(OnlineEMMergeOf, AStateWhoseStepsWereAllRevertedAddsItsStepsAndNoStatistics) {
  RowMatrix bad = this->x.topRows(50);
  bad(3, 0) = 1e300;
  auto spoilt = this->start(SampleWeightedUpdate{}, false);
  (void)spoilt.update(bad);
  const auto good = this->after(this->start(SampleWeightedUpdate{}, false), 50, 100);
  for (const auto& merged : {this->merged(good, spoilt), this->merged(spoilt, good)}) {
    EXPECT_EQ(merged.eta(), good.eta());
    EXPECT_EQ(merged.model(), good.model());
    EXPECT_EQ(merged.step(), 3);
    EXPECT_EQ(merged.total_weight(), 100.0);
    EXPECT_TRUE(merged.status().has(StatusCode::kStepReverted));
  }
}

TYPED_TEST(OnlineEMMergeOf, ForksWhoseStepsWereAllRevertedAreTwoParts) {
  auto fresh = this->start(SampleWeightedUpdate{}, false);
  auto left = fresh.fork();
  auto right = fresh.fork();
  for (const auto& [state, first] : {std::pair(&left, 0), std::pair(&right, 50)}) {
    RowMatrix bad = this->x.middleRows(first, 50);
    bad(3, 0) = 1e300;
    (void)state->update(bad);
  }
  left.merge(right);
  EXPECT_EQ(left.step(), 2);
  EXPECT_EQ(left.status().count(StatusCode::kStepReverted), 2);
}

// The default rule has forgotten most of the first rows, so that subtracting all of their statistics would take away
// more than the forks hold.
TYPED_TEST(OnlineEMMergeOf, ForksOfAStateThatHadSeenAnOutlierMergeAndSayHowMuchOfItWasCountedOnce) {
  int halved = 0;
  for (int seed = 0; seed < 20; ++seed) {
    const auto law = some_model<TypeParam>(1, 17, 1.0);
    RowMatrix rows = law.rvs(64, Seed{seed});
    rows.row(3) *= 50.0;
    OnlineEM<MeanVarianceMixture<TypeParam>> trunk(law);
    for (Index i = 0; i < 4; ++i) (void)trunk.update(rows.row(i));
    auto left = trunk.fork();
    auto right = trunk.fork();
    (void)left.update(rows.middleRows(4, 30));
    (void)right.update(rows.bottomRows(30));
    left.merge(right);
    EXPECT_EQ(left.total_weight(), 64.0);
    EXPECT_TRUE(is_sound(left.model()));
    halved += left.state().status.count(StatusCode::kStepHalved) > 0 ? 1 : 0;
  }
  EXPECT_GT(halved, 0) << "no case was hard";
  EXPECT_LT(halved, 20);
}

TEST(OnlineEMMerge, AColumnIsSeenIfEitherHasSeenIt) {
  const auto init = tutorial_model();
  RowMatrix x = init.rvs(200, Seed{6});
  const OnlineEM<NormalInverseGaussian> begin(init, SampleWeightedUpdate{}, Key{0}, {.missing = Missing::kExact});
  auto half = begin;
  RowMatrix gaps = x.topRows(100);
  gaps.col(1).setConstant(std::numeric_limits<double>::quiet_NaN());
  (void)half.update(gaps);
  EXPECT_TRUE(half.status().has(StatusCode::kUnseenColumn));
  auto whole = begin;
  (void)whole.update(x.bottomRows(100));
  for (auto [left, right] : {std::pair(half, whole), std::pair(whole, half)}) {
    left.merge(right);
    EXPECT_FALSE(left.status().has(StatusCode::kUnseenColumn));
    EXPECT_FALSE(left.status().has(StatusCode::kConstantColumn));
  }
}

TEST(OnlineEMMerge, AColumnIsConstantIfItWasInBothAtOneValue) {
  const auto init = tutorial_model();
  const RowMatrix x = init.rvs(100, Seed{6});
  const auto state = [&](double value, bool varies) {
    RowMatrix rows = x;
    rows.col(1).setConstant(value);
    if (varies) rows(5, 1) += 1.0;
    OnlineEM<NormalInverseGaussian> made(init, SampleWeightedUpdate{});
    (void)made.update(rows.topRows(static_cast<Index>(50 + value)));
    return made;
  };
  const auto is_constant = [](OnlineEM<NormalInverseGaussian> left, const OnlineEM<NormalInverseGaussian>& right) {
    left.merge(right, true);
    return left.status().has(StatusCode::kConstantColumn);
  };
  EXPECT_TRUE(is_constant(state(1.0, false), state(1.0, false)));
  EXPECT_FALSE(is_constant(state(1.0, false), state(2.0, false)));
  EXPECT_FALSE(is_constant(state(1.0, true), state(2.0, false)));
  EXPECT_FALSE(is_constant(state(1.0, false), state(1.0, true)));
}

TEST(OnlineEMMerge, InitialStatisticsThatAreNotFiniteCountForNothing) {
  const auto y = tutorial_model();
  const MeanVarianceMixture<Gamma> init(y.mu(), y.gamma(), y.L_Sigma(), Gamma(0.9, 1.0));
  ASSERT_FALSE(init.compute_eta_from_model().is_finite());
  const RowMatrix x = y.rvs(200, Seed{6});
  for (const double n0 : {0.0, 20.0}) {
    OnlineEM<VarianceGamma> begin(init, SampleWeightedUpdate{.n0 = n0}, Key{0}, {.frozen = true});
    auto left = begin.fork();
    auto right = begin.fork();
    (void)left.update(x.topRows(100));
    (void)right.update(x.bottomRows(100));
    left.merge(right);
    (void)begin.update(x);
    EXPECT_EQ(left.total_weight(), 200.0);
    EXPECT_TRUE(same_eta(left.eta(), begin.eta(), 1e-12)) << n0;
  }
}

TEST(OnlineEMMerge, PriorsMustAgree) {
  const auto init = tutorial_model();
  const RowMatrix x = init.rvs(200, Seed{2});
  const auto state = [&](double sigma2, double tau, Index first) {
    OnlineEM<NormalInverseGaussian> made(init, Shrinkage(SampleWeightedUpdate{}, eta0_isotropic(init, sigma2), tau));
    (void)made.update(RowView(x).slice(first, 100));
    return made;
  };
  auto left = state(1.0, 0.5, 0);
  EXPECT_THAT(error_of([&] { left.merge(state(1.0, 0.7, 100)); }), HasSubstr("the same settings of Shrinkage"));
  EXPECT_THAT(error_of([&] { left.merge(state(2.0, 0.5, 100)); }), HasSubstr("the same settings of Shrinkage"));
  left.merge(state(1.0, 0.5, 100));
  EXPECT_EQ(left.total_weight(), 200.0);
  EXPECT_TRUE(is_sound(left.model()));
}

}  // namespace
}  // namespace varimix::tests
