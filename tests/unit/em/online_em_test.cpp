#include "varimix/em/online_em.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"
#include "varimix/mixture/law_difference.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

using NigState = OnlineEM<NormalInverseGaussian>;

const RowMatrix& rows() {
  static const RowMatrix x = tutorial_model().rvs(1200, Seed{21});
  return x;
}

NormalInverseGaussian init() { return NormalInverseGaussian::default_init(rows()); }

RowView batch(Index k) { return RowView(rows()).slice(100 * k, 100); }

TEST(OnlineEM, ShowsTheInitialModelAsItWasGivenUntilItHasLearned) {
  const NormalInverseGaussian given = init().rescale_y(7.0);
  const NigState state(given);
  EXPECT_EQ(state.model(), given);
  EXPECT_EQ(state.step(), 0);
  EXPECT_EQ(state.total_weight(), 0.0);
  EXPECT_TRUE(state.status().empty());
  EXPECT_TRUE(is_close(state.eta().E_Y(), 1.0, 1e-15)) << "the working gauge";
  EXPECT_TRUE(state.driving_model().same_law(given, 1e-14));
}

TEST(OnlineEM, AStepIsEStepRuleAndMStep) {
  const NormalInverseGaussian start = init();
  NigState state(start, EWMAUpdate{.w = 0.3});
  const BatchReport report = state.update(batch(0));
  const EStepResult hat = start.e_step(batch(0));
  const auto expected = NormalInverseGaussian::from_expectation(blend(start.compute_eta_from_model(), hat.eta, 0.3));
  EXPECT_TRUE(expected.same_law(state.model(), 1e-13));
  EXPECT_TRUE(expected.same_law(state.driving_model(), 1e-13));
  EXPECT_EQ(report.rows, 100);
  EXPECT_EQ(report.parts, 1);
  EXPECT_TRUE(is_close(report.log_likelihood, hat.log_lik, 1e-13));
  EXPECT_EQ(report.parameter_change, law_difference(start, state.driving_model()));
  EXPECT_TRUE(report.status.empty()) << report.status;
  EXPECT_EQ(state.step(), 1);
  EXPECT_EQ(state.total_weight(), 100.0);
}

// Where the E-step is that of the law shown, it gives the scores; elsewhere the rows are read twice.
TEST(OnlineEM, EveryRuleIsScoredByTheModelShownBefore) {
  const NormalInverseGaussian start = init().rescale_y(3.0);
  for (const NamedRule& rule : all_rules<InverseGaussian>()) {
    for (const OnlineEMOptions& options : {OnlineEMOptions{}, {.inner_iter = 2}, {.frozen = true}}) {
      if (!error_of([&] { NigState(start, rule.make(start), Key{0}, options); }).empty()) continue;
      NigState state(start, rule.make(start), Key{0}, options);
      for (Index k = 0; k < 4; ++k) {
        const double shown = state.model().marginal_log_likelihood(batch(k));
        EXPECT_TRUE(is_close(state.update(batch(k)).log_likelihood, shown, 1e-12)) << rule.name << ", batch " << k;
      }
    }
  }
}

TEST(OnlineEM, IdentityOnAllRowsIsBatchEM) {
  NormalInverseGaussian model = init();
  NigState state(model, IdentityUpdate{});
  for (int k = 0; k < 10; ++k) {
    const EStepResult result = model.e_step(rows());
    EXPECT_TRUE(is_close(state.update(rows()).log_likelihood, result.log_lik, 1e-13));
    model = model.m_step(result.eta);
    EXPECT_TRUE(model.same_law(state.model(), 1e-11));
  }
}

TEST(OnlineEM, FirstStepsOfWeightOneAreAllTheSame) {
  NigState identity(init(), IdentityUpdate{});
  (void)identity.update(batch(1));
  for (const UpdateRule& rule : {UpdateRule(EWMAUpdate{.w = 1.0}), UpdateRule(RobbinsMonroUpdate{1.0}),
                                 UpdateRule(SampleWeightedUpdate{}), UpdateRule(AffineUpdate{.b = 0.0, .c = 1.0})}) {
    NigState state(init(), rule);
    (void)state.update(batch(1));
    EXPECT_TRUE(identity.model().same_law(state.model(), 1e-13));
  }
}

TEST(OnlineEM, SampleWeightedOverAPartitionAtAFrozenModelIsTheFullEStep) {
  const NormalInverseGaussian model = init();
  UpdateRule rule = SampleWeightedUpdate{};
  Eta running = model.compute_eta_from_model();
  double before = 0.0;
  for (const Index size : {1, 99, 500, 37, 563}) {
    const auto m = static_cast<double>(size);
    const Eta hat = model.e_step(RowView(rows()).slice(static_cast<Index>(before), size)).eta;
    running = rule.accumulate(running, hat, {.step = 0, .weight_before = before, .batch_weight = m});
    before += m;
  }
  running.weight = before;
  EXPECT_TRUE(same_eta(running, model.e_step(rows()).eta, 1e-13));
}

TEST(OnlineEM, KeepsTheGaugeMeanYOneAfterEveryStepOfEveryRule) {
  for (const NamedRule& rule : all_rules()) {
    NigState state(init().rescale_y(0.01), rule.make(init().rescale_y(0.01)));
    for (Index k = 0; k < 6; ++k) {
      (void)state.update(batch(k));
      EXPECT_NEAR(state.eta().E_Y(), 1.0, 4e-16) << rule.name;
      EXPECT_TRUE(is_sound(state.model())) << rule.name;
    }
  }
}

/// Returns how far a model is from the property that defines its gauge of display.
double gauge_violation(Regularization regularization, const NormalInverseGaussian& model, double initial_log_det) {
  if (regularization == Regularization::kDetSigmaOne) return model.log_det_sigma();
  if (regularization == Regularization::kDetSigmaX) return model.log_det_sigma() - initial_log_det;
  const GigParameters gig = model.subordinator().gig();
  return regularization == Regularization::kAEqB ? gig.a / gig.b - 1.0 : model.subordinator().E_Y() - 1.0;
}

TEST(OnlineEM, TheGaugeOfDisplayChangesNothingButTheGauge) {
  const NormalInverseGaussian start = init().rescale_y(3.0);
  NigState plain(start, EWMAUpdate{});
  (void)plain.update(batch(0));
  (void)plain.update(batch(1));
  for (std::size_t k = 0; k < kWords<Regularization>.size(); ++k) {
    const auto name = static_cast<Regularization>(k);
    NigState state(start, EWMAUpdate{}, Key{0}, {.regularization = name});
    (void)state.update(batch(0));
    (void)state.update(batch(1));
    EXPECT_TRUE(plain.model().same_law(state.model(), 1e-12)) << word(name);
    EXPECT_EQ(plain.eta(), state.eta()) << word(name);
    EXPECT_NEAR(gauge_violation(name, state.model(), start.log_det_sigma()), 0.0, 1e-13) << word(name);
  }
}

TEST(OnlineEM, AStateWithStatisticsOfAnotherModelIsRefused) {
  auto state = NigState(init()).state();
  state.running = Eta(mean_variance_layout(2, LogY::kCompute), state.running.origin);
  EXPECT_THAT(error_of([&] { NigState{state}; }), HasSubstr("running must be of the statistics of the initial model"));
}

TEST(OnlineEM, InnerRoundsBlendTheLastEStep) {
  const NormalInverseGaussian start = init();
  NigState state(start, EWMAUpdate{.w = 0.5}, Key{0}, {.inner_iter = 3});
  (void)state.update(batch(2));
  NormalInverseGaussian inner = start;
  for (int round = 1; round < 3; ++round) inner = inner.m_step(inner.e_step(batch(2)).eta);
  const Eta eta = blend(start.compute_eta_from_model(), inner.e_step(batch(2)).eta, 0.5);
  EXPECT_TRUE(start.m_step(eta).same_law(state.model(), 1e-12));
}

TEST(OnlineEM, InnerRoundsStopWhereTheBatchAloneDeterminesNoModel) {
  NigState state(init(), EWMAUpdate{}, Key{0}, {.inner_iter = 4});
  const BatchReport report = state.update(RowView(rows()).slice(0, 1));
  EXPECT_TRUE(report.status.has(StatusCode::kInnerRoundsStopped)) << report.status;
  EXPECT_TRUE(is_sound(state.model()));
}

TEST(OnlineEM, PolyakRuppertTakesPartsAndShowsItsAverage) {
  NigState state(init(), PolyakRuppertUpdate{});
  const BatchReport report = state.update(batch(0));
  EXPECT_EQ(report.parts, 23);  // ceil(200 / 9)
  EXPECT_EQ(state.total_weight(), 100.0);
  EXPECT_EQ(state.step(), 1);
  EXPECT_FALSE(state.model().same_law(state.driving_model(), 1e-6)) << "the average must not drive";
  NigState twin(init(), PolyakRuppertUpdate{});
  const RowView first = batch(0);
  EXPECT_EQ(twin.update(first.slice(0, 3)).parts, 1);
  EXPECT_LE(twin.update(first.slice(3, 97)).parts, 97);
}

TEST(OnlineEM, ACopyGoesItsOwnWay) {
  for (const NamedRule& rule : all_rules()) {
    NigState state(init(), rule.make(init()));
    (void)state.update(batch(0));
    NigState copy = state;
    const NormalInverseGaussian before = state.model();
    (void)copy.update(batch(1));
    EXPECT_EQ(state.model(), before) << rule.name;
    EXPECT_EQ(state.step(), 1) << rule.name;
    (void)state.update(batch(1));
    EXPECT_EQ(state.model(), copy.model()) << rule.name;
    EXPECT_EQ(state.eta(), copy.eta()) << rule.name;
  }
}

TEST(OnlineEM, BadRowsChangeNothing) {
  for (const NamedRule& rule : all_rules()) {
    NigState state(init(), rule.make(init()));
    (void)state.update(batch(0));
    NigState twin = state;
    RowMatrix spoilt = rows().topRows(50);
    spoilt(30, 1) = std::nan("");
    EXPECT_THAT(error_of([&] { (void)state.update(spoilt); }), HasSubstr("row 30, column 1")) << rule.name;
    spoilt(30, 1) = HUGE_VAL;
    EXPECT_THAT(error_of([&] { (void)state.update(spoilt); }), HasSubstr("batch must be finite, got inf")) << rule.name;
    const RowMatrix wide = RowMatrix::Zero(5, 3);
    EXPECT_THAT(error_of([&] { (void)state.update(wide); }), HasSubstr("batch must be rows of 2 columns, got 3"));
    EXPECT_THAT(error_of([&] { (void)state.update(RowMatrix(0, 2)); }), HasSubstr("batch must be"));
    EXPECT_EQ(state.eta(), twin.eta());
    EXPECT_EQ(state.model(), twin.model());
    EXPECT_EQ(state.driving_model(), twin.driving_model());
    EXPECT_EQ(state.step(), twin.step());
    EXPECT_EQ(state.status(), twin.status());
    (void)state.update(batch(1));
    (void)twin.update(batch(1));
    EXPECT_EQ(state.model(), twin.model()) << "nothing hidden has changed either: " << rule.name;
  }
}

TEST(OnlineEM, WrongOptionsAreRefused) {
  EXPECT_THAT(error_of([] { NigState(init(), IdentityUpdate{}, Key{0}, {.inner_iter = 0}); }),
              HasSubstr("inner_iter must be >= 1, got 0"));
}

TEST(OnlineEM, RemembersAboutTheInitialLocation) {
  NigState state(init());
  (void)state.update(batch(0));
  EXPECT_EQ(state.eta().origin, init().mu());
}

TEST(OnlineEM, HoldsWhatIsFixed) {
  NigState state(init(), EWMAUpdate{}, Key{0}, {.symmetric = true, .fixed = {"mu"}});
  for (Index k = 0; k < 4; ++k) (void)state.update(batch(k));
  EXPECT_EQ(state.model().gamma(), Vector::Zero(2));
  EXPECT_EQ(state.model().mu(), init().mu());
  EXPECT_FALSE(state.model().sigma().isApprox(init().sigma(), 1e-3));
}

TEST(OnlineEM, RowsOfAnyWeightAreScored) {
  NigState state(init());
  (void)state.update(rows().topRows(1), {.weights = std::vector<double>{0.25}});
  EXPECT_EQ(state.log_score().weight, 0.25);
  EXPECT_TRUE(is_close(state.log_score().mean(), init().log_prob(rows().topRows(1))(0), 1e-12));
}

TEST(OnlineEM, AFrozenStateShowsItsModelInTheGaugeMeanYOne) {
  NigState state(init().rescale_y(3.0), SampleWeightedUpdate{}, Key{0}, {.frozen = true});
  for (Index k = 0; k < 4; ++k) (void)state.update(batch(k));
  EXPECT_NEAR(state.model().subordinator().E_Y(), 1.0, 1e-13);
}

TEST(OnlineEMStart, FromAModelWithoutAFiniteEtaIsTheEStepOfTheFirstRows) {
  const VarianceGamma spiked(Vector{{0.0, 0.1}}, Vector{{0.2, 0.1}}, some_factor(2, 8), Gamma(0.9, 0.9));
  EXPECT_FALSE(spiked.compute_eta_from_model().is_finite());
  const RowMatrix x = spiked.rvs(500, Seed{5});
  OnlineEM<VarianceGamma> average(spiked, EWMAUpdate{.w = 0.1});
  OnlineEM<VarianceGamma> identity(spiked, IdentityUpdate{});
  average.update(x);
  identity.update(x);
  EXPECT_TRUE(average.model().same_law(identity.model(), 1e-13));
  EXPECT_TRUE(average.eta().is_finite());
}

}  // namespace
}  // namespace varimix::tests
