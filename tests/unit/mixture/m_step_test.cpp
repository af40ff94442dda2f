#include "varimix/mixture/m_step.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/complete_likelihood.hpp"
#include "support/eta.hpp"
#include "support/models.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

MStepResult<InverseGaussian> plain_m_step(const Eta& eta) { return m_step<InverseGaussian>(eta); }

TEST(MStep, InvertsTheModelsOwnEta) {
  for (const Index d : {1, 3, 8}) {
    for (const double tail_weight : {1.0001e-7, 1e-5, 0.01, 1.0, 10.0, 1e4}) {
      const NormalInverseGaussian model = some_model(d, 20 + d, tail_weight);
      const NormalInverseGaussian back = model.m_step(model.compute_eta_from_model());
      // mu, gamma and lam are quotients by s1 s2 - 1, whose relative error by rounding is kEpsilon / tail_weight; Sigma
      // is not.
      const double quotient_error = 1e-14 + 10.0 * kEpsilon / tail_weight;
      EXPECT_TRUE(all_close(back.sigma(), model.sigma(), 5e-14)) << d << ", " << tail_weight;
      EXPECT_TRUE(all_close(back.mu(), model.mu(), quotient_error)) << d << ", " << tail_weight;
      EXPECT_TRUE(all_close(back.gamma(), model.gamma(), quotient_error)) << d << ", " << tail_weight;
      EXPECT_TRUE(is_close(back.subordinator().lam(), model.subordinator().lam(), quotient_error)) << tail_weight;
      EXPECT_TRUE(is_close(back.subordinator().mu_ig(), 1.0, 1e-15));
    }
  }
}

TEST(MStep, IsTheTextbooksFormulas) {
  const NormalInverseGaussian model = some_model(3, 11, 1.3);
  const Eta eta = model.e_step(model.rvs(400, Seed{1})).eta;
  const NormalInverseGaussian fitted = NormalInverseGaussian::from_expectation(eta);
  const double determinant = 1.0 - eta.E_inv_Y() * eta.E_Y();
  const Vector mu = (eta.E_X() - eta.E_Y() * eta.E_X_inv_Y()) / determinant;
  const Vector gamma = (eta.E_X_inv_Y() - eta.E_inv_Y() * eta.E_X()) / determinant;
  const Matrix cross = eta.E_X_inv_Y() * mu.transpose();
  const Matrix sigma = eta.E_XXT_inv_Y() - cross - cross.transpose() + eta.E_inv_Y() * mu * mu.transpose() -
                       eta.E_Y() * gamma * gamma.transpose();
  EXPECT_TRUE(all_close(fitted.mu(), mu, 1e-12));
  EXPECT_TRUE(all_close(fitted.gamma(), gamma, 1e-12));
  EXPECT_TRUE(all_close(fitted.sigma(), sigma, 1e-12));
  EXPECT_TRUE(is_close(fitted.subordinator().mu_ig(), eta.E_Y(), 1e-15));
  EXPECT_TRUE(is_close(1.0 / fitted.subordinator().lam(), eta.E_inv_Y() - 1.0 / eta.E_Y(), 1e-13));
}

TEST(MStep, MaximisesTheExpectedCompleteLikelihood) {
  const NormalInverseGaussian truth = some_model(2, 12, 0.8);
  const Eta eta = truth.e_step(truth.rvs(200, Seed{5})).eta;
  const NormalInverseGaussian best = truth.m_step(eta);
  const double maximum = expected_complete_likelihood(best, eta);
  for (int k = 0; k < 60; ++k) {
    const RowMatrix noise = 0.05 * gaussian_rows(4, 2, 100 + k);
    Matrix factor = best.L_Sigma();
    factor.diagonal() += noise.row(2).transpose();
    factor(1, 0) += noise(3, 0);
    const NormalInverseGaussian other(best.mu() + noise.row(0).transpose(), best.gamma() + noise.row(1).transpose(),
                                      factor,
                                      InverseGaussian(best.subordinator().mu_ig() * std::exp(noise(3, 1)),
                                                      best.subordinator().lam() * std::exp(noise(2, 0))));
    EXPECT_LT(expected_complete_likelihood(other, eta), maximum);
  }
}

TEST(MStep, StaysInTheGaugeOfItsEta) {
  const NormalInverseGaussian model = some_model(2, 13, 0.8);
  const Eta eta = model.e_step(model.rvs(200, Seed{5})).eta;
  for (const double s : {1e-8, 3.0, 1e8}) {
    const NormalInverseGaussian scaled = model.m_step(rescale_y(eta, s));
    EXPECT_TRUE(is_close(scaled.subordinator().mu_ig(), s * eta.E_Y(), 1e-14));
    EXPECT_TRUE(model.m_step(eta).same_law(scaled, 1e-12)) << s;
  }
}

TEST(MStepNearTheGaussianLimit, TakesGammaZeroBelowTheThresholdAndKeepsTheMoments) {
  for (const double tail_weight : {-5e-14, 0.0, 1e-12, 1e-8, 0.99e-7}) {
    const Eta own = some_model(3, 14, 1.0).compute_eta_from_model();
    MixtureStatistics eta = mixture_statistics(own);
    eta.inv_y = 1.0 + tail_weight;
    const auto result = plain_m_step(to_eta(eta, own.origin));
    ASSERT_TRUE(result.model.has_value()) << tail_weight;
    EXPECT_EQ(result.shape_limit, ShapeLimit::kGaussian);
    EXPECT_EQ(result.model->gamma(), Vector::Zero(3));
    EXPECT_TRUE(all_close(result.model->mu(), own.origin + eta.x_inv_y / eta.inv_y, 1e-14));
    const Matrix sigma = eta.xx_inv_y - eta.x_inv_y * eta.x_inv_y.transpose() / eta.inv_y;
    EXPECT_TRUE(all_close(result.model->sigma(), sigma, 1e-13));
    EXPECT_TRUE(is_sound(*result.model));
    EXPECT_TRUE(is_close(result.model->tail_weight(), kGaussianTailWeight, 1e-8));
  }
}

TEST(MStepNearTheGaussianLimit, AboveTheThresholdSigmaIsGoodToRounding) {
  const NormalInverseGaussian model = some_model(3, 15, 1.001 * kGaussianTailWeight);
  const auto result = plain_m_step(model.compute_eta_from_model());
  ASSERT_TRUE(result.model.has_value());
  EXPECT_NE(result.shape_limit, ShapeLimit::kGaussian);
  // At a tail weight of 1e-8 the textbook's differences are off by 2e-8, the trailing block by 6e-15.
  EXPECT_TRUE(all_close(result.model->sigma(), model.sigma(), 5e-14));
}

TEST(MStepInfeasible, NamesWhatIsViolated) {
  const Eta good = some_model(2, 16, 1.0).compute_eta_from_model();
  const auto infeasible_with = [&](auto&& change) { return plain_m_step(changed(good, change)).infeasible; };
  EXPECT_EQ(infeasible_with([](auto& s) { s.inv_y = 0.9; }), "E[1/Y] E[Y] > 1");
  EXPECT_EQ(infeasible_with([](auto& s) { s.xx_inv_y(0, 0) = -14.4; }),
            "E[XX'/Y] positive definite beside the other statistics");
  Eta eta = changed(good, [](auto& s) { s.x(1) = std::nan(""); });
  EXPECT_EQ(plain_m_step(eta).infeasible, "E[X]");
  EXPECT_FALSE(plain_m_step(eta).model.has_value());
  EXPECT_THAT(error_of([&] { (void)NormalInverseGaussian::from_expectation(eta); }),
              ::testing::AllOf(HasSubstr("eta must be feasible"), HasSubstr("E[X]")));
  eta = changed(good, [](auto& s) { s.y = -1.0; });
  EXPECT_NE(error_of([&] { (void)NormalInverseGaussian::from_expectation(eta); }), "");
}

TEST(MStepInfeasible, OneRowDeterminesNoModel) {
  const NormalInverseGaussian model = tutorial_model();
  const auto result = plain_m_step(model.e_step(model.rvs(1, Seed{0})).eta);
  EXPECT_FALSE(result.model.has_value());
}

TEST(MStepFloor, RaisesTheConditionalVarianceAndNamesTheColumn) {
  // The statistics of column 2 are all 0, so that Sigma_22 would be 0.
  const Eta eta = changed(some_model(3, 17, 1.0).compute_eta_from_model(), [](auto& s) {
    s.xx_inv_y.row(2).setZero();
    s.xx_inv_y.col(2).setZero();
    s.x(2) = s.x_inv_y(2) = 0.0;
  });
  const Vector floor{{1e-9, 1e-9, 1e-6}};
  EXPECT_FALSE(
      m_step<InverseGaussian>(eta, {.floor = floor, .below_floor = BelowFloor::kInfeasible}).model.has_value());
  const auto raised = m_step<InverseGaussian>(eta, {.floor = floor, .below_floor = BelowFloor::kRaise});
  ASSERT_TRUE(raised.model.has_value());
  EXPECT_THAT(raised.raised_columns, ElementsAre(2));
  EXPECT_TRUE(is_close(raised.model->sigma()(2, 2), 1e-6, 1e-12));
  EXPECT_TRUE(is_sound(*raised.model));
}

TEST(MStepFloor, IsGaugeFreeAndSilentAboveIt) {
  const NormalInverseGaussian model = some_model(2, 18, 1.0);
  const Eta eta = model.compute_eta_from_model();
  const Vector low = 1e-6 * (model.L_Sigma().diagonal().cwiseAbs2());
  const Vector high = 2.0 * (model.L_Sigma().diagonal().cwiseAbs2());
  for (const double s : {1.0, 1e8, 1e-8}) {
    const Eta scaled = rescale_y(eta, s);
    EXPECT_TRUE(
        m_step<InverseGaussian>(scaled, {.floor = low, .below_floor = BelowFloor::kInfeasible}).model.has_value())
        << s;
    EXPECT_FALSE(
        m_step<InverseGaussian>(scaled, {.floor = high, .below_floor = BelowFloor::kInfeasible}).model.has_value())
        << s;
    EXPECT_EQ(m_step<InverseGaussian>(scaled, {.floor = low, .below_floor = BelowFloor::kRaise}).raised_columns,
              std::vector<Index>{});
  }
}

}  // namespace
}  // namespace varimix::tests
