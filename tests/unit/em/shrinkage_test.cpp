#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/models.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/em/shrinkage_targets.hpp"
#include "varimix/mixture/default_init.hpp"
#include "varimix/stats/gauge.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

using NigState = OnlineEM<NormalInverseGaussian>;

constexpr double kRounding = 1e-13;
constexpr StepInfo kThirdStep{.step = 2, .weight_before = 200.0, .batch_weight = 100.0};

/// Returns the statistics of rows far from 0, about an origin that is neither 0 nor their mean.
Eta some_eta(std::int64_t seed) {
  const NormalInverseGaussian model = some_model(3, 30 + seed, 0.9);
  return with_origin(model.e_step(model.rvs(80, Seed{seed})).eta, Vector{{2.0, -1.0, 0.5}});
}

/// Returns share * target + (1 - share) * eta in every uncentred field, with share = tau / (1 + tau), written out
/// naively.
Eta naive_shrink(const Eta& eta, const Eta& target, const Eta& tau) {
  const auto mix = [](double strength, double to, double from) { return (strength * to + from) / (1.0 + strength); };
  const Vector x = tau.E_X().cwiseProduct(target.E_X()) + eta.E_X();
  const Vector xw = tau.E_X_inv_Y().cwiseProduct(target.E_X_inv_Y()) + eta.E_X_inv_Y();
  const Matrix xx = tau.E_XXT_inv_Y().cwiseProduct(target.E_XXT_inv_Y()) + eta.E_XXT_inv_Y();
  const Matrix mixed = xx.cwiseQuotient((tau.E_XXT_inv_Y().array() + 1.0).matrix());
  return Eta::from_raw(mix(tau.E_inv_Y(), target.E_inv_Y(), eta.E_inv_Y()), mix(tau.E_Y(), target.E_Y(), eta.E_Y()),
                       mix(*tau.E_log_Y(), *target.E_log_Y(), *eta.E_log_Y()),
                       x.cwiseQuotient((tau.E_X().array() + 1.0).matrix()),
                       xw.cwiseQuotient((tau.E_X_inv_Y().array() + 1.0).matrix()), 0.5 * (mixed + mixed.transpose()));
}

/// Expects that the uncentred fields agree.
void expect_same_uncentred(const Eta& actual, const Eta& expected) {
  EXPECT_TRUE(is_close(actual.E_inv_Y(), expected.E_inv_Y(), kRounding));
  EXPECT_TRUE(is_close(actual.E_Y(), expected.E_Y(), kRounding));
  EXPECT_NEAR(actual.E_log_Y().value(), expected.E_log_Y().value(), kRounding);
  EXPECT_TRUE(all_close(actual.E_X(), expected.E_X(), kRounding));
  EXPECT_TRUE(all_close(actual.E_X_inv_Y(), expected.E_X_inv_Y(), kRounding));
  EXPECT_TRUE(all_close(actual.E_XXT_inv_Y(), expected.E_XXT_inv_Y(), kRounding));
}

Eta strengths(double inv_y, double y, double log_y, const Vector& x, const Vector& x_inv_y, const Matrix& xx) {
  return Eta::from_raw(inv_y, y, log_y, x, x_inv_y, xx);
}

TEST(Shrinkage, EmitsTheConvexCombinationAndKeepsTheBasesMemory) {
  const Eta target = some_eta(1);
  UpdateRule rule = Shrinkage{EWMAUpdate{.w = 0.3}, target, 0.5};
  const Eta running = some_eta(2);
  const Eta batch = some_eta(3);
  const Eta next = rule.accumulate(running, batch, kThirdStep);
  EXPECT_EQ(next, UpdateRule(EWMAUpdate{.w = 0.3}).accumulate(running, batch, kThirdStep));
  expect_same_uncentred(rule.emit(next), blend(next, target, 0.5 / 1.5));
  EXPECT_EQ(rule.report(next), rule.emit(next));
}

TEST(Shrinkage, PerFieldStrengthsActInTheUncentredFields) {
  const Eta target = some_eta(1);
  const Eta eta = some_eta(2);
  const Matrix xx{{0.0, 1.0, 0.2}, {1.0, 3.0, 0.7}, {0.2, 0.7, 9.0}};
  const Eta tau = strengths(0.4, 2.0, 0.1, Vector{{0.0, 1.0, 5.0}}, Vector{{2.0, 0.0, 0.3}}, xx);
  expect_same_uncentred(UpdateRule(Shrinkage{IdentityUpdate{}, target, tau}).emit(eta), naive_shrink(eta, target, tau));
  const Eta only_dispersion = strengths(0.0, 0.0, 0.0, Vector::Zero(3), Vector::Zero(3), Matrix::Constant(3, 3, 0.5));
  expect_same_uncentred(UpdateRule(Shrinkage{IdentityUpdate{}, target, only_dispersion}).emit(eta),
                        naive_shrink(eta, target, only_dispersion));
}

TEST(Shrinkage, PerFieldStrengthsGiveTheSameWhateverTheOrigin) {
  const Eta tau = strengths(0.4, 2.0, 0.1, Vector{{0.0, 1.0, 5.0}}, Vector{{2.0, 0.0, 0.3}},
                            Matrix{{0.0, 1.0, 0.2}, {1.0, 3.0, 0.7}, {0.2, 0.7, 9.0}});
  const UpdateRule rule = Shrinkage{IdentityUpdate{}, some_eta(1), tau};
  const Eta eta = some_eta(2);
  expect_same_uncentred(rule.emit(with_origin(eta, Vector{{-4.0, 7.0, 1.0}})), rule.emit(eta));
}

TEST(Shrinkage, EqualStrengthsInEveryFieldAreOneNumber) {
  const Eta target = some_eta(1);
  const Eta tau =
      strengths(0.7, 0.7, 0.7, Vector::Constant(3, 0.7), Vector::Constant(3, 0.7), Matrix::Constant(3, 3, 0.7));
  const Eta eta = some_eta(2);
  EXPECT_TRUE(same_eta(UpdateRule(Shrinkage{IdentityUpdate{}, target, tau}).emit(eta),
                       UpdateRule(Shrinkage{IdentityUpdate{}, target, 0.7}).emit(eta), kRounding));
}

TEST(Shrinkage, WithTauZeroIsTheBaseRuleStateAndAll) {
  const NormalInverseGaussian truth = tutorial_model();
  const RowMatrix x = truth.rvs(400, Seed{1});
  const auto init = NormalInverseGaussian::default_init(x);
  for (const UpdateRule& base : {UpdateRule(EWMAUpdate{}), UpdateRule(PolyakRuppertUpdate{})}) {
    NigState plain(init, base);
    NigState shrunk(init, Shrinkage{base, eta0_isotropic(init, 9.0), 0.0});
    for (Index first = 0; first < 400; first += 80) {
      const RowView batch = RowView(x).slice(first, 80);
      EXPECT_EQ(plain.update(batch).parts, shrunk.update(batch).parts);
      EXPECT_EQ(plain.eta(), shrunk.eta());
      EXPECT_EQ(plain.model(), shrunk.model());
    }
  }
}

TEST(Shrinkage, FeedbackRemembersWhatItShrank) {
  const Eta target = some_eta(1);
  UpdateRule rule = Shrinkage{RobbinsMonroUpdate{10.0}, target, 0.5, true};
  Eta running = some_eta(2);
  Eta expected = running;
  for (std::int64_t t = 0; t < 4; ++t) {
    const StepInfo info{.step = t, .weight_before = 0.0, .batch_weight = 1.0};
    const Eta batch = some_eta(4 + t);
    running = rule.accumulate(running, batch, info);
    const double c = 1.0 / (10.0 + static_cast<double>(t));
    expected = blend(blend(expected, batch, c), target, 0.5 / 1.5);
    expect_same_uncentred(running, expected);
    EXPECT_EQ(rule.emit(running), running);
    EXPECT_EQ(rule.report(running), running);
  }
}

TEST(Shrinkage, OverIdentityIsTheSameWithAndWithoutFeedback) {
  const RowMatrix x = tutorial_model().rvs(300, Seed{2});
  const auto init = NormalInverseGaussian::default_init(x);
  const Eta target = eta0_isotropic(init, 1.0);
  NigState plain(init, Shrinkage{IdentityUpdate{}, target, 0.3});
  NigState feedback(init, Shrinkage{IdentityUpdate{}, target, 0.3, true});
  for (int k = 0; k < 5; ++k) {
    (void)plain.update(x);
    (void)feedback.update(x);
  }
  EXPECT_TRUE(plain.model().same_law(feedback.model(), 1e-12));
}

TEST(Shrinkage, ItsTargetIsCarriedAlongTheGauge) {
  const Eta eta = some_eta(2);
  UpdateRule rule = Shrinkage{IdentityUpdate{}, some_eta(1), 0.5};
  const Eta before = rule.emit(eta);
  constexpr double s = 40.0;
  rule.rescale_y(s);
  EXPECT_TRUE(same_eta(rule.emit(rescale_y(eta, s)), rescale_y(before, s), kRounding));
}

// Whatever the base's step is, at the stationary value eta is the E-step's at the model of the shrunk eta.
TEST(Shrinkage, StationaryValueDoesNotDependOnTheBasesStep) {
  const RowMatrix x = tutorial_model().rvs(500, Seed{3});
  const auto init = NormalInverseGaussian::default_init(x);
  const Eta target = eta0_isotropic(init, 2.0);
  NigState identity(init, Shrinkage{IdentityUpdate{}, target, 0.5});
  NigState slow(init, Shrinkage{EWMAUpdate{.w = 0.3}, target, 0.5});
  for (int k = 0; k < 120; ++k) (void)identity.update(x);
  for (int k = 0; k < 400; ++k) (void)slow.update(x);
  EXPECT_TRUE(identity.model().same_law(slow.model(), 1e-8));
}

TEST(Shrinkage, BadStrengthsAndTargetsAreRefused) {
  const Eta target = some_eta(1);
  EXPECT_THAT(error_of([&] {
                (void)UpdateRule(Shrinkage{IdentityUpdate{}, target, -0.1});
              }),
              HasSubstr("tau must be finite and >= 0, got -0.1"));
  EXPECT_THAT(error_of([&] {
                (void)UpdateRule(Shrinkage{IdentityUpdate{}, target, std::nan("")});
              }),
              HasSubstr("tau must be finite"));
  const Eta wrong = changed(target, [](MixtureStatistics& s) { s.y = HUGE_VAL; });
  EXPECT_THAT(error_of([&] {
                (void)UpdateRule(Shrinkage{IdentityUpdate{}, wrong, 0.5});
              }),
              ::testing::AllOf(HasSubstr("eta0 must be finite"), HasSubstr("E[Y]")));
  EXPECT_THAT(error_of([&] {
                NigState(tutorial_model(), Shrinkage{IdentityUpdate{}, target, 0.5});
              }),
              HasSubstr("eta0 must be of dimension 2, got 3"));
  const Eta negative = strengths(0.0, 0.0, 0.0, Vector{{0.0, -1.0, 0.0}}, Vector::Zero(3), Matrix::Zero(3, 3));
  EXPECT_THAT(error_of([&] {
                (void)UpdateRule(Shrinkage{IdentityUpdate{}, target, negative});
              }),
              HasSubstr("tau must be"));
  const Eta small = strengths(0, 0, 0, Vector::Zero(1), Vector::Zero(1), Matrix::Zero(1, 1));
  EXPECT_THAT(error_of([&] {
                (void)UpdateRule(Shrinkage{IdentityUpdate{}, target, small});
              }),
              HasSubstr("tau must be of eta0's dimension"));
  EXPECT_THAT(error_of([&] {
                (void)UpdateRule(Shrinkage{RobbinsMonroUpdate{-1.0}, target, 0.5});
              }),
              HasSubstr("tau0 must be"));
  const UpdateRule of_two = Shrinkage{AffineUpdate{.a = eta0_isotropic(tutorial_model(), 1.0)}, target, 0.5};
  EXPECT_THAT(error_of([&] { NigState(some_model(3, 1, 0.5), of_two); }), HasSubstr("a must be of dimension 3, got 2"));
}

TEST(ShrinkageTargets, KeepTheModelAndReplaceItsDispersion) {
  const NormalInverseGaussian model = some_model(3, 50, 0.8).rescale_y(2.5);
  const double s1 = model.subordinator().E_inv_Y();
  const double s2 = model.subordinator().E_Y();
  const Matrix sigma0{{2.0, 0.1, 0.0}, {0.1, 1.0, -0.3}, {0.0, -0.3, 4.0}};
  const Eta eta0 = eta0_with_sigma(model, sigma0);
  const Matrix cross = model.mu() * model.gamma().transpose();
  const Matrix expected = sigma0 + s1 * model.mu() * model.mu().transpose() +
                          s2 * model.gamma() * model.gamma().transpose() + cross + cross.transpose();
  EXPECT_TRUE(all_close(eta0.E_XXT_inv_Y(), expected, 1e-14));
  EXPECT_TRUE(all_close(eta0.E_X(), model.mu() + s2 * model.gamma(), 1e-14));
  EXPECT_TRUE(all_close(eta0.E_X_inv_Y(), s1 * model.mu() + model.gamma(), 1e-14));
  EXPECT_EQ(eta0_from_model(model), model.compute_eta_from_model());
  EXPECT_TRUE(all_close(model.m_step(eta0).sigma(), sigma0, kRounding));
  EXPECT_TRUE(all_close(model.m_step(eta0).mu(), model.mu(), kRounding));
  EXPECT_TRUE(all_close(model.m_step(eta0_isotropic(model, 1.7)).sigma(), 1.7 * Matrix::Identity(3, 3), kRounding));
  const Vector diagonal{{1.0, 2.0, 0.5}};
  EXPECT_TRUE(
      all_close(model.m_step(eta0_diagonal(model, diagonal)).sigma(), Matrix(diagonal.asDiagonal()), kRounding));
}

TEST(ShrinkageTargets, DispersionsThatAreNoneAreRefused) {
  const NormalInverseGaussian model = tutorial_model();
  EXPECT_THAT(error_of([&] { (void)eta0_isotropic(model, 0.0); }), HasSubstr("sigma2 must be finite and > 0, got 0"));
  EXPECT_THAT(error_of([&] {
                (void)eta0_diagonal(model, Vector{{1.0, -2.0}});
              }),
              HasSubstr("diag[1] must be finite and > 0, got -2"));
  EXPECT_THAT(error_of([&] { (void)eta0_diagonal(model, Vector::Ones(3)); }),
              HasSubstr("diag must be of dimension 2, got 3"));
  EXPECT_THAT(error_of([&] { (void)eta0_with_sigma(model, Matrix::Ones(2, 2)); }),
              HasSubstr("Sigma0 must be positive definite"));
  EXPECT_THAT(error_of([&] { (void)eta0_with_sigma(model, Matrix::Identity(3, 3)); }),
              HasSubstr("Sigma0 must be a d x d"));
}

}  // namespace
}  // namespace varimix::tests
