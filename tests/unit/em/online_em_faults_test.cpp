#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;
using NigState = OnlineEM<NormalInverseGaussian>;

template <class S>
class OnlineEMFaultsOf : public ::testing::Test {
 public:
  RowMatrix x = some_model(2, 17, 0.8).rvs(400, Seed{9});
  MeanVarianceMixture<S> init = MeanVarianceMixture<S>::default_init(x);
};
TYPED_TEST_SUITE(OnlineEMFaultsOf, Families, FamilyNames);

TYPED_TEST(OnlineEMFaultsOf, RowsThatHaveDecayedToNothingAreAbsent) {
  const std::vector<double> weights = {1.0, 0.0, 1.0, 1.0};
  const std::vector<double> times = {0.0, 1.0, 2000.0, 2000.0};
  OnlineEM<MeanVarianceMixture<TypeParam>> all(this->init, EWMAUpdate{.half_life = HalfLife::in_time(1.0)});
  const BatchReport report = all.update(this->x.topRows(4), {.weights = weights, .times = times});
  EXPECT_EQ(report.rows, 3);
  OnlineEM<MeanVarianceMixture<TypeParam>> last(this->init, EWMAUpdate{.half_life = HalfLife::in_time(1.0)});
  (void)last.update(this->x.row(0), {.times = std::vector<double>{0.0}});
  (void)last.update(this->x.middleRows(2, 2), {.times = std::vector<double>{2000.0, 2000.0}});
  EXPECT_TRUE(is_close(*all.state().rule.template get<EWMAUpdate>()->remembered, 2.0, 1e-12));
  EXPECT_TRUE(is_close(*last.state().rule.template get<EWMAUpdate>()->remembered, 2.0, 1e-12));
}

TEST(OnlineEMFaults, TimeThatPassesInARevertedStepIsNotLost) {
  const auto init = tutorial_model();
  const RowMatrix x = init.rvs(56, Seed{3});
  NigState state(init, EWMAUpdate{.half_life = HalfLife::in_time(10.0)});
  (void)state.update(x.topRows(50), {.times = std::vector<double>(50, 0.0)});
  RowMatrix bad = x.middleRows(50, 5);
  bad(2, 1) = 1e300;
  const std::vector<double> later(5, 100.0);
  EXPECT_TRUE(state.update(bad, {.times = later}).status.has(StatusCode::kStepReverted));
  (void)state.update(x.bottomRows(1), {.times = std::vector<double>{100.0}});
  constexpr double kInitial = 2.0 * 8.0;  // 2p rows with p = 1 + 2d + d(d+1)/2 parameters
  EXPECT_NEAR(*state.state().rule.get<EWMAUpdate>()->remembered, (kInitial + 50.0) * std::exp2(-10.0) + 1.0, 1e-12);
  EXPECT_THAT(error_of([&] { (void)state.update(x.topRows(1), {.times = std::vector<double>{99.0}}); }),
              HasSubstr("no earlier than the row before"));
}

/// A rule whose function `where` throws, or returns an eta of another shape, from call number `from` on.
struct BadUpdate {
  enum class Fault { kThrows, kWider, kEmpty } fault = Fault::kThrows;
  std::string where = "accumulate";
  int from = 3;
  mutable int calls = 0;
  bool operator==(const BadUpdate& other) const { return fault == other.fault && where == other.where; }
  [[nodiscard]] Eta maybe(const char* function, const Eta& good) const {
    if (where != function || ++calls < from) return good;
    if (fault == Fault::kThrows) throw std::runtime_error("the rule's own");
    if (fault == Fault::kEmpty) {
      Eta empty = good;
      empty.values.resize(0);
      return empty;
    }
    return some_model(3, 5, 0.5).compute_eta_from_model();
  }
  struct Hooks;
};
struct BadUpdate::Hooks : RuleHooks<BadUpdate> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo&) override {
    return maybe("accumulate", blend(running, batch, 0.3));
  }
  [[nodiscard]] Eta emit(const Eta& running) const override { return maybe("emit", running); }
  [[nodiscard]] Eta report(const Eta& running) const override { return maybe("report", running); }
};

TEST(OnlineEMFaults, ARuleThatThrowsOrGivesBackAnotherDimensionLeavesTheStateAsItWas) {
  const auto init = tutorial_model();
  const RowMatrix x = init.rvs(400, Seed{4});
  const Eta eta0 = init.compute_eta_from_model();
  for (const auto fault : {BadUpdate::Fault::kThrows, BadUpdate::Fault::kWider, BadUpdate::Fault::kEmpty}) {
    for (const std::string where : {"accumulate", "emit", "report"}) {
      const BadUpdate bad{.fault = fault, .where = where};
      for (const UpdateRule& rule :
           {UpdateRule(bad), UpdateRule(Shrinkage{bad, eta0, 0.2}), UpdateRule(PolyakAverage{UpdateRule(bad), 0}),
            UpdateRule(Shrinkage{PolyakAverage{UpdateRule(bad), 0}, eta0, 0.2})}) {
        NigState state(init, rule);
        int failures = 0;
        for (Index k = 0; k < 8; ++k) {
          const NigState before = state;
          try {
            (void)state.update(RowView(x).slice(50 * k, 50));
          } catch (const std::runtime_error& error) {
            EXPECT_STREQ(error.what(), "the rule's own");
            ++failures;
          } catch (const std::invalid_argument& error) {
            EXPECT_THAT(error.what(),
                        HasSubstr("what " + where + " of the update rule returns must be " +
                                  (fault == BadUpdate::Fault::kEmpty ? "as many numbers" : "of dimension 2")));
            ++failures;
          }
          if (failures > 0) {
            EXPECT_EQ(state, before) << where;
            break;
          }
        }
        EXPECT_EQ(failures, 1) << where;
      }
    }
  }
}

TEST(OnlineEMFaults, WeightOfTheRunningStatisticsIsThatOfTheRowsLearnedWhateverTheRule) {
  const auto init = tutorial_model();
  const RowMatrix x = init.rvs(300, Seed{5});
  for (const NamedRule& rule : all_rules()) {
    NigState state(init, rule.make(init));
    EXPECT_EQ(state.eta().weight, 0.0) << rule.name;
    for (Index k = 0; k < 3; ++k) (void)state.update(x.middleRows(100 * k, 100));
    EXPECT_EQ(state.eta().weight, 300.0) << rule.name;
  }
  NigState forgetful(init, EWMAUpdate{.w = 1.0});
  for (Index k = 0; k < 3; ++k) (void)forgetful.update(x.middleRows(100 * k, 100));
  EXPECT_EQ(forgetful.eta().weight, 300.0);
  NigState halved(init, IdentityUpdate{});
  (void)halved.update(x.topRows(50));
  EXPECT_TRUE(halved.update(x.row(60)).status.has(StatusCode::kStepHalved));
  EXPECT_EQ(halved.eta().weight, 51.0);
}

TYPED_TEST(OnlineEMFaultsOf, AFirstBatchThatDeterminesNoModelIsNotRemembered) {
  if constexpr (std::same_as<TypeParam, Gamma> || std::same_as<TypeParam, InverseGamma>) {
    const auto& start = this->init;
    const MeanVarianceMixture<TypeParam> open(start.mu(), start.gamma(), start.L_Sigma(), TypeParam(0.5, 1.0));
    OnlineEM<MeanVarianceMixture<TypeParam>> state(open, IdentityUpdate{});
    ASSERT_FALSE(state.state().has_running);
    RowMatrix bad = this->x.topRows(50);
    bad(3, 0) = 1e300;
    EXPECT_TRUE(state.update(bad).status.has(StatusCode::kStepReverted));
    EXPECT_FALSE(state.state().has_running);
    EXPECT_EQ(state.total_weight(), 0.0);
    OnlineEM<MeanVarianceMixture<TypeParam>> fresh(open, IdentityUpdate{});
    const RowView good = RowView(this->x).slice(50, 200);
    (void)state.update(good);
    (void)fresh.update(good);
    EXPECT_EQ(state.eta(), fresh.eta());
    EXPECT_EQ(state.model(), fresh.model());
  }
}

TYPED_TEST(OnlineEMFaultsOf, OneImpossibleRowIsCountedApartAndTheScoreStaysFinite) {
  for (const auto& rule : all_rules<TypeParam>()) {
    OnlineEM<MeanVarianceMixture<TypeParam>> state(this->init, rule.make(this->init));
    OnlineEM<MeanVarianceMixture<TypeParam>> without(this->init, rule.make(this->init));
    RowMatrix bad = this->x.topRows(100);
    bad(7, 1) = 1e200;
    const BatchReport report = state.update(bad);
    EXPECT_EQ(report.impossible, 1.0) << rule.name;
    EXPECT_TRUE(report.status.has(StatusCode::kImpossibleRows)) << rule.name;
    RowMatrix rest(99, 2);
    rest << bad.topRows(7), bad.bottomRows(92);
    EXPECT_TRUE(is_close(report.log_likelihood, without.update(rest).log_likelihood, 1e-12)) << rule.name;
    EXPECT_EQ(state.log_score().impossible, 1.0);
    EXPECT_EQ(state.log_score().weight, 99.0);
    EXPECT_TRUE(std::isfinite(state.log_score().mean()) && std::isfinite(state.log_score().recent()));
    EXPECT_FALSE(report.change) << "one row is no drift";
    EXPECT_FALSE(state.update(RowView(this->x).slice(100, 100)).status.has(StatusCode::kImpossibleRows));
  }
}

TEST(OnlineEMFaults, WithoutScoresAnImpossibleRowIsCountedToo) {
  NigState state(tutorial_model(), EWMAUpdate{}, Key{0}, {.score = false});
  RowMatrix bad = tutorial_model().rvs(100, Seed{2});
  bad(7, 1) = 1e200;
  const BatchReport report = state.update(bad);
  EXPECT_EQ(report.impossible, 1.0);
  EXPECT_TRUE(std::isfinite(report.log_likelihood));
  EXPECT_EQ(state.log_score().weight, 0.0);
}

TEST(OnlineEMFaults, ARowInThePoleOfADensityHasAFiniteScore) {
  const VarianceGamma model(Vector{{0.5}}, Vector{{0.0}}, Matrix{{1.0}}, Gamma(0.3, 0.3));
  OnlineEM<VarianceGamma> state(model);
  RowMatrix x = model.rvs(50, Seed{2});
  x(10, 0) = 0.5;
  const BatchReport report = state.update(x);
  EXPECT_TRUE(std::isfinite(report.log_likelihood));
  EXPECT_GT(report.log_likelihood, 0.0 * report.weight - 10.0);
  EXPECT_EQ(report.impossible, 0.0);
  EXPECT_FALSE(report.change);
}

TEST(OnlineEMFaults, ARuleThatCarriesStatisticsOfAnotherDimensionIsRefused) {
  const auto init = tutorial_model();
  const RowMatrix x = some_model(3, 2, 0.5).rvs(60, Seed{1});
  const auto wide = NormalInverseGaussian::default_init(x);
  for (const UpdateRule& rule : {UpdateRule(PolyakRuppertUpdate{}), UpdateRule(PolyakAverage{EWMAUpdate{}}),
                                 UpdateRule(BlockIncrementalUpdate{.blocks = 2})}) {
    NigState state(wide, rule);
    (void)state.update(x);
    EXPECT_THAT(error_of([&] { NigState(init, state.state().rule); }), HasSubstr("must be of dimension 2, got 3"))
        << rule.name();
  }
}

TEST(OnlineEMFaults, TheGaugeStaysWithinDoublesWhereOneRowComesAgainAndAgain) {
  const VarianceGamma init(Vector::Zero(3), Vector::Zero(3), Matrix::Identity(3, 3), Gamma(2.0, 2.0));
  OnlineEM<VarianceGamma> state(init, EWMAUpdate{.w = 1.0});
  for (int k = 0; k < 400; ++k) {
    (void)state.update(RowMatrix(RowMatrix::Zero(1, 3)));
    ASSERT_TRUE(std::isnormal(state.state().gauge)) << k;
    ASSERT_TRUE(is_sound(state.model())) << k;
  }
}

// On rows almost without spread the gauge runs off, and with it the eta that a rule averages.
TEST(OnlineEMFaults, WhatARuleReportsStaysFinite) {
  const MeanVarianceMixture<InverseGaussian> init = some_model<InverseGaussian>(2, 17, 0.8);
  RowMatrix x = init.rvs(100, Seed{0});
  x.col(0) *= 1e-8;
  x.col(1) *= 1e8;
  const std::vector<double> weights(16, 1e6);
  NigState state(init, PolyakRuppertUpdate{});
  for (Index step = 0; step < 100; ++step) {
    (void)state.update(x.middleRows(16 * (step % 6), 16), {.weights = weights});
    ASSERT_TRUE(state.state().rule.report(state.eta()).is_finite()) << step;
  }
  EXPECT_TRUE(state.status().has(StatusCode::kStepReverted)) << "it came to the end of the range";
}

TEST(OnlineEMFaults, TheStatisticsAreSymmetricToTheBit) {
  const auto is_symmetric = [](const Matrix& m) { return m == m.transpose(); };
  const RowMatrix x = some_model(4, 3, 0.7).rvs(500, Seed{8});
  const auto init = NormalInverseGaussian::default_init(x);
  for (const NamedRule& rule : all_rules()) {
    NigState state(init, rule.make(init));
    for (Index k = 0; k < 5; ++k) (void)state.update(x.middleRows(100 * k, 100));
    EXPECT_TRUE(is_symmetric(mixture_statistics(state.eta()).xx_inv_y)) << rule.name;
    EXPECT_TRUE(is_symmetric(state.eta().E_XXT_inv_Y())) << rule.name;
    EXPECT_TRUE(is_symmetric(mixture_statistics(with_origin(state.eta(), Vector::Constant(4, 1.0 / 3.0))).xx_inv_y))
        << rule.name;
  }
  EXPECT_TRUE(is_symmetric(init.compute_eta_from_model().E_XXT_inv_Y()));
}

TEST(OnlineEMFaults, FrozenStatesHaveNoInnerRounds) {
  EXPECT_THAT(
      error_of([] { NigState(tutorial_model(), SampleWeightedUpdate{}, Key{0}, {.inner_iter = 2, .frozen = true}); }),
      HasSubstr("inner_iter must be 1 in a frozen state, got 2"));
}

TEST(OnlineEMFaults, WeightsWhoseSumWouldLeaveTheDoublesAreRefused) {
  const RowMatrix x = tutorial_model().rvs(2, Seed{1});
  NigState state(tutorial_model());
  const std::vector<double> heavy = {6e289, 0.0};
  (void)state.update(x, {.weights = heavy});
  const NigState before = state;
  EXPECT_THAT(error_of([&] { (void)state.update(x, {.weights = heavy}); }),
              HasSubstr("the sum of weights must be at most 1e290"));
  EXPECT_EQ(state, before);
  EXPECT_TRUE(std::isfinite(state.log_score().total));
}

}  // namespace
}  // namespace varimix::tests
