#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/families.hpp"
#include "support/merges.hpp"
#include "support/models.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

template <class S>
class OnlineEMForkOf : public MergeTest<S> {};
TYPED_TEST_SUITE(OnlineEMForkOf, Families, FamilyNames);

TYPED_TEST(OnlineEMForkOf, TheAncestorOfTwoForksIsCountedOnce) {
  const auto begin = this->start();
  auto trunk = this->after(begin, 0, 200);
  const auto merged = this->merged(this->after(trunk.fork(), 200, 150), this->after(trunk.fork(), 350, 250));
  const auto all = this->after(begin, 0, 600);
  EXPECT_TRUE(same_eta(merged.eta(), all.eta(), 1e-12));
  EXPECT_EQ(merged.total_weight(), 600.0);
  EXPECT_EQ(merged.step(), all.step());
  EXPECT_EQ(merged.log_score().weight, 600.0);
}

TYPED_TEST(OnlineEMForkOf, AForkThatLearnedNothingAddsNothing) {
  auto trunk = this->after(this->start(), 0, 200);
  const auto grown = this->after(trunk.fork(), 200, 100);
  EXPECT_EQ(this->merged(grown, trunk.fork()), grown);
  EXPECT_EQ(this->merged(trunk.fork(), grown), grown);
}

TYPED_TEST(OnlineEMForkOf, CopiesThatShareRowsWithoutAForkAreRefused) {
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

TYPED_TEST(OnlineEMForkOf, AParentTakesInItsForksAndWhatItLearnedItself) {
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

TYPED_TEST(OnlineEMForkOf, AStateThatAWorkerLoadedAndForkedItselfIsKnownToItsParent) {
  auto parent = this->after(this->start(), 0, 200);
  const auto as_sent = parent;
  auto at_worker = as_sent;
  const auto learned = this->after(at_worker.fork(), 200, 100);
  parent.merge(learned);
  EXPECT_EQ(parent.total_weight(), 300.0);
  EXPECT_EQ(this->merged(learned, as_sent), learned) << "it holds nothing new";
}

TYPED_TEST(OnlineEMForkOf, TwoForksThatLearnedEqualRowsAreRefusedBecauseNobodyCanTellThemFromCopies) {
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

TYPED_TEST(OnlineEMForkOf, AStateThatHoldsRowsTwiceByForceTakesInNoForkOfThem) {
  auto state = this->after(this->start(), 0, 100);
  auto fork = this->after(state.fork(), 100, 100);
  state.merge(state, true);
  EXPECT_EQ(state.total_weight(), 200.0);
  EXPECT_THAT(error_of([&] { state.merge(fork); }), HasSubstr("shares no rows"));
  EXPECT_THAT(error_of([&] { fork.merge(state); }), HasSubstr("shares no rows"));
  auto twice = state.fork();
  EXPECT_EQ(this->merged(state, this->after(twice, 300, 100)).total_weight(), 300.0) << "its own forks it does";
}

TYPED_TEST(OnlineEMForkOf, ForksWhoseFirstRowIsTheSameAreTwoParts) {
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

TYPED_TEST(OnlineEMForkOf, OutcomesBeforeTheForkAreCountedOnce) {
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

TYPED_TEST(OnlineEMForkOf, ForksWhoseStepsWereAllRevertedAreTwoParts) {
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

// The rule has forgotten most of the first rows, so that subtracting all of their statistics would take away
// more than the forks hold.
TYPED_TEST(OnlineEMForkOf, ForksOfAStateThatHadSeenAnOutlierMergeAndSayHowMuchOfItWasCountedOnce) {
  int halved = 0;
  for (int seed = 0; seed < 20; ++seed) {
    const auto law = some_model<TypeParam>(1, 17, 1.0);
    RowMatrix rows = law.rvs(64, Seed{seed});
    rows.row(3) *= 50.0;
    OnlineEM<MeanVarianceMixture<TypeParam>> trunk(law, PolyakRuppertUpdate{});
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

}  // namespace
}  // namespace varimix::tests
