#include "varimix/risk/simulated_horizon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "support/families.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"
#include "varimix/risk/horizon.hpp"
#include "varimix/univariate/tail_risk.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kErrors = 5.0;  // standard errors: a false alarm in 1.7 million comparisons
const Vector kWeights{{0.5, -0.2, 0.7}};

std::span<const double> span_of(const Vector& values) {
  return {values.data(), static_cast<std::size_t>(values.size())};
}

template <class S>
class SimulatedHorizonOfFamily : public ::testing::Test {
 protected:
  MeanVarianceMixture<S> model_ = some_model<S>(3, 3, 0.6);
};
TYPED_TEST_SUITE(SimulatedHorizonOfFamily, Families, FamilyNames);

TYPED_TEST(SimulatedHorizonOfFamily, OneDayHasTheRiskOfTheLaw) {
  const UnivariateLaw law = this->model_.project(kWeights).univariate_law();
  const Vector sums = draw_sums_of_y(this->model_.subordinator(), 1, 20'000, Seed{1});
  for (const double alpha : {0.5, 0.05, 0.01}) {
    const HorizonRisk risk = horizon_risk(law, 1, span_of(sums), alpha);
    EXPECT_EQ(risk.status, HorizonStatus::kOk);
    EXPECT_NEAR(risk.value_at_risk, tail_value_at_risk(law, alpha), kErrors * risk.value_at_risk_error) << alpha;
    EXPECT_NEAR(risk.expected_shortfall, tail_expected_shortfall(law, alpha), kErrors * risk.expected_shortfall_error);
    EXPECT_GT(risk.expected_shortfall, risk.value_at_risk);
  }
}

TYPED_TEST(SimulatedHorizonOfFamily, RowsHaveTheMeanOfTheDaysAndTheLawOfTheEstimates) {
  constexpr Index kDays = 5;
  constexpr Index kRows = 20'000;
  const UnivariateLaw law = this->model_.project(kWeights).univariate_law();
  const Vector sums = draw_sums_of_y(this->model_.subordinator(), kDays, kRows, Seed{1});
  const Vector returns = draw_horizon_rows(this->model_, kDays, kRows, Seed{2}) * kWeights;
  const std::vector<double> x = {-5.0, -1.0, 0.0, 3.0};
  std::vector<double> cdf(x.size());
  std::vector<double> error(x.size());
  horizon_cdf(law, kDays, span_of(sums), x, cdf, error);
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double share = (returns.array() <= x[k]).cast<double>().mean();
    const double of_share = std::sqrt(share * (1.0 - share) / static_cast<double>(kRows));
    EXPECT_NEAR(cdf[k], share, kErrors * std::hypot(of_share, error[k])) << x[k];
    EXPECT_LT(error[k], of_share) << "less than that of simulated returns";
  }
}

TYPED_TEST(SimulatedHorizonOfFamily, DrawsDependOnSeedAndNumberAlone) {
  const ThreadLimit restored(1);
  const auto& y = this->model_.subordinator();
  const Vector sums = draw_sums_of_y(y, 3, 600, Seed{5});
  const RowMatrix rows = draw_horizon_rows(this->model_, 3, 600, Seed{5});
  set_threads(3);
  EXPECT_EQ(draw_sums_of_y(y, 3, 301, Seed{5}), sums.head(301));
  EXPECT_EQ(draw_horizon_rows(this->model_, 3, 301, Seed{5}), rows.topRows(301));
  EXPECT_NE(draw_sums_of_y(y, 3, 600, Seed{6}), sums);
}

TYPED_TEST(SimulatedHorizonOfFamily, WhatCannotBeAHorizonIsRefused) {
  const auto& y = this->model_.subordinator();
  const UnivariateLaw law = this->model_.project(kWeights).univariate_law();
  const Vector sums = Vector::Ones(3);
  EXPECT_THROW((void)draw_sums_of_y(y, 0, 1, Seed{1}), std::invalid_argument);
  EXPECT_THROW((void)draw_sums_of_y(y, kMostSimulatedDays + 1, 1, Seed{1}), std::invalid_argument);
  EXPECT_THROW((void)draw_sums_of_y(y, 1, 0, Seed{1}), std::invalid_argument);
  EXPECT_THROW((void)draw_horizon_rows(this->model_, 0, 1, Seed{1}), std::invalid_argument);
  for (const double alpha : {0.0, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW((void)horizon_risk(law, 1, span_of(sums), alpha), std::invalid_argument);
  }
  EXPECT_THROW((void)horizon_risk(law, 1, {}, 0.1), std::invalid_argument);
  std::vector<double> one(1);
  std::vector<double> two(2);
  EXPECT_THROW(horizon_cdf(law, 1, span_of(sums), one, one, two), std::invalid_argument);
}

TEST(SimulatedHorizon, ManyDaysHaveTheRiskOfTheClosedLaw) {
  const auto model = some_model<InverseGaussian>(3, 3, 0.6);
  const auto exact = std::get<NormalInverseGaussian>(horizon_law(model, 10.0)).project(kWeights).univariate_law();
  const Vector sums = draw_sums_of_y(model.subordinator(), 10, 20'000, Seed{1});
  const HorizonRisk risk = horizon_risk(model.project(kWeights).univariate_law(), 10, span_of(sums), 0.01);
  EXPECT_NEAR(risk.value_at_risk, tail_value_at_risk(exact, 0.01), kErrors * risk.value_at_risk_error);
  EXPECT_NEAR(risk.expected_shortfall, tail_expected_shortfall(exact, 0.01), kErrors * risk.expected_shortfall_error);
}

// The estimates of 200 seeds: their standard deviation is that which they state to 25%, five standard errors of it.
TEST(SimulatedHorizon, StandardErrorsAreThoseOfTheEstimates) {
  const UnivariateLaw law = univariate(0.0, -0.3, 1.0, 1.0, 1.0).univariate_law();
  constexpr int kSeeds = 200;
  Vector var(kSeeds);
  Vector es(kSeeds);
  double var_error = 0.0;
  double es_error = 0.0;
  for (int k = 0; k < kSeeds; ++k) {
    const Vector sums = draw_sums_of_y(InverseGaussian(1.0, 1.0), 3, 500, Seed{k});
    const HorizonRisk risk = horizon_risk(law, 3, span_of(sums), 0.05);
    var(k) = risk.value_at_risk;
    es(k) = risk.expected_shortfall;
    var_error += risk.value_at_risk_error / kSeeds;
    es_error += risk.expected_shortfall_error / kSeeds;
  }
  const auto deviation = [](const Vector& v) {
    return std::sqrt((v.array() - v.mean()).square().sum() / (kSeeds - 1));
  };
  EXPECT_NEAR(var_error / deviation(var), 1.0, 0.25);
  EXPECT_NEAR(es_error / deviation(es), 1.0, 0.25);
}

TEST(SimulatedHorizon, AnInfiniteShortfallAndErrorAreNamed) {
  const auto law = [](double alpha, double gamma) { return UnivariateLaw{{-alpha, 0.0, 2.0}, 0.0, gamma, 1.0}; };
  const Vector sums = draw_sums_of_y(InverseGamma(1.5, 1.0), 2, 1000, Seed{1});
  const auto risk = [&](double alpha, double gamma) { return horizon_risk(law(alpha, gamma), 2, span_of(sums), 0.05); };
  EXPECT_EQ(risk(0.9, -1.0).status, HorizonStatus::kInfiniteExpectedShortfall);
  EXPECT_EQ(risk(0.9, -1.0).expected_shortfall, kInfinity);
  EXPECT_EQ(risk(0.4, 0.0).status, HorizonStatus::kInfiniteExpectedShortfall);
  EXPECT_EQ(risk(0.9, 1.0).status, HorizonStatus::kOk);
  EXPECT_EQ(risk(1.5, -1.0).expected_shortfall_error, kInfinity);
  EXPECT_EQ(risk(0.9, 0.0).expected_shortfall_error, kInfinity);
  EXPECT_TRUE(std::isfinite(risk(1.5, 0.0).expected_shortfall_error));
  EXPECT_TRUE(std::isfinite(risk(0.9, 1.0).expected_shortfall_error));
}

TEST(SimulatedHorizon, FarTailsStayFiniteAndAreNamed) {
  const UnivariateLaw law = univariate(0.0, -0.3, 1.0, 1.0, 1.0).univariate_law();
  const Vector sums = draw_sums_of_y(InverseGaussian(1.0, 1.0), 3, 1000, Seed{1});
  double before = 0.0;
  for (const double alpha : {1e-6, 1e-100, 1e-300}) {
    const HorizonRisk risk = horizon_risk(law, 3, span_of(sums), alpha);
    EXPECT_EQ(risk.status, HorizonStatus::kSmallEffectiveSampleSize);
    EXPECT_GT(risk.value_at_risk, before);
    EXPECT_GT(risk.expected_shortfall, risk.value_at_risk);
    EXPECT_TRUE(std::isfinite(risk.expected_shortfall_error));
    before = risk.expected_shortfall;
  }
}

TEST(SimulatedHorizon, OneDrawHasAnUnknownError) {
  const UnivariateLaw law = univariate(0.0, -0.3, 1.0, 1.0, 1.0).univariate_law();
  const HorizonRisk risk = horizon_risk(law, 3, span_of(Vector::Ones(1)), 0.05);
  EXPECT_EQ(risk.value_at_risk_error, kInfinity);
  EXPECT_NEAR(risk.value_at_risk, 1.6448536269514722 + 0.3, 1e-12);
}

}  // namespace
}  // namespace varimix::tests
