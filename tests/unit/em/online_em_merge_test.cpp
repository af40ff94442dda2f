#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <utility>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/families.hpp"
#include "support/merges.hpp"
#include "support/models.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/em/shrinkage_targets.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

template <class S>
class OnlineEMMergeOf : public MergeTest<S> {};
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
    OnlineEM<NormalInverseGaussian> made(init, Shrinkage{SampleWeightedUpdate{}, eta0_isotropic(init, sigma2), tau});
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
