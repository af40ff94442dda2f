#include "varimix/risk/scenarios.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"
#include "varimix/core/block_reduce.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kErrors = 5.0;  // standard errors: a false alarm in 1.7 million comparisons
constexpr Index kColumns = 4;
const std::vector<ColumnCondition> kJoint = {{2, -kInfinity, -0.5}, {0, 0.2, 2.0}};

template <class S>
class ScenariosOfFamily : public ::testing::Test {
 protected:
  MeanVarianceMixture<S> model_ = some_model<S>(kColumns, 3, 0.6);
};
TYPED_TEST_SUITE(ScenariosOfFamily, Families, FamilyNames);

/// Returns the rows of x that meet conditions.
RowMatrix kept(const RowMatrix& x, const std::vector<ColumnCondition>& conditions) {
  std::vector<Index> rows;
  for (Index i = 0; i < x.rows(); ++i) {
    bool is_met = true;
    for (const auto& [column, lower, upper] : conditions) is_met &= lower <= x(i, column) && x(i, column) <= upper;
    if (is_met) rows.push_back(i);
  }
  return x(rows, Eigen::all);
}

/// Compares probability, and means of cut-off columns, which exist in every family, with those of rejection.
void expect_same_law(const Scenarios& scenarios, const RowMatrix& all, const std::vector<ColumnCondition>& conditions) {
  const RowMatrix accepted = kept(all, conditions);
  const auto n = static_cast<double>(accepted.rows());
  const double share = n / static_cast<double>(all.rows());
  const double error = std::hypot(std::sqrt((1.0 - share) / n), scenarios.relative_error);
  EXPECT_NEAR(std::exp(scenarios.log_probability) / share, 1.0, kErrors * error);
  for (Index j = 0; j < all.cols(); ++j) {
    constexpr double kCut = 3.0;
    const Vector found = scenarios.x.col(j).cwiseMax(-kCut).cwiseMin(kCut);
    const Vector expected = accepted.col(j).cwiseMax(-kCut).cwiseMin(kCut);
    const double mean = scenarios.weights.dot(found);
    const double of_found = scenarios.weights.cwiseProduct((found.array() - mean).matrix()).norm();
    const double of_expected = std::sqrt((expected.array() - expected.mean()).square().sum()) / n;
    EXPECT_NEAR(mean, expected.mean(), kErrors * std::hypot(of_found, of_expected)) << "column " << j;
  }
}

TYPED_TEST(ScenariosOfFamily, OneIntervalHasTheLawOfRejectedDrawsWithEqualWeights) {
  const std::vector<ColumnCondition> conditions = {{1, -0.3, 1.5}};
  const Scenarios scenarios = draw_scenarios(this->model_, conditions, 20'000, Seed{1});
  EXPECT_EQ(scenarios.method, ScenarioMethod::kExact);
  EXPECT_EQ(scenarios.effective_sample_size, 20'000.0);
  EXPECT_EQ(scenarios.relative_error, 0.0);
  const auto law = this->model_.project(Vector::Unit(kColumns, 1));
  EXPECT_NEAR(scenarios.log_probability, std::log(law.cdf(1.5) - law.cdf(-0.3)), 1e-12);
  expect_same_law(scenarios, this->model_.rvs(60'000, Seed{2}), conditions);
}

TYPED_TEST(ScenariosOfFamily, SeveralIntervalsHaveTheLawOfRejectedDraws) {
  const Scenarios scenarios = draw_scenarios(this->model_, kJoint, 20'000, Seed{1});
  EXPECT_EQ(scenarios.method, ScenarioMethod::kImportance);
  EXPECT_GT(scenarios.effective_sample_size, 10'000.0);
  expect_same_law(scenarios, this->model_.rvs(200'000, Seed{2}), kJoint);
}

TYPED_TEST(ScenariosOfFamily, RowsMeetValuesAndBounds) {
  const std::vector<ColumnCondition> conditions = {{3, 0.7, 0.7}, {2, -kInfinity, -3.0}, {0, 0.25, 0.5}};
  const Scenarios scenarios = draw_scenarios(this->model_, conditions, 1000, Seed{4});
  EXPECT_EQ(kept(scenarios.x, conditions).rows(), 1000);
  EXPECT_NEAR(scenarios.weights.sum(), 1.0, 1e-12);
  EXPECT_GE(scenarios.weights.minCoeff(), 0.0);
  EXPECT_TRUE(scenarios.x.allFinite());
}

TYPED_TEST(ScenariosOfFamily, RowsDependOnSeedAndNumberAlone) {
  const ThreadLimit restored(1);
  for (const auto& conditions : {kJoint, {{1, 0.5, kInfinity}}, {{1, 0.5, 0.5}}}) {
    set_threads(1);
    const Scenarios all = draw_scenarios(this->model_, conditions, 700, Seed{5});
    set_threads(3);
    const Scenarios again = draw_scenarios(this->model_, conditions, 700, Seed{5});
    const Scenarios some = draw_scenarios(this->model_, conditions, 301, Seed{5});
    EXPECT_EQ(all.x, again.x);
    EXPECT_EQ(all.weights, again.weights);
    EXPECT_EQ(some.x, all.x.topRows(301));
    EXPECT_TRUE(all_close(some.weights / some.weights(0), all.weights.head(301) / all.weights(0), 1e-12));
    EXPECT_NE(all.x, draw_scenarios(this->model_, conditions, 700, Seed{6}).x);
  }
}

TYPED_TEST(ScenariosOfFamily, ScaledAndShiftedColumnsHaveScaledAndShiftedScenarios) {
  const Vector scales{{2.0, 0.25, 4.0, 8.0}};  // powers of two change no digit
  const Matrix A = scales.asDiagonal();
  const Scenarios plain = draw_scenarios(this->model_, kJoint, 300, Seed{5});
  const MeanVarianceMixture<TypeParam> scaled(A * this->model_.mu(), A * this->model_.gamma(),
                                              A * this->model_.L_Sigma(), this->model_.subordinator());
  const Scenarios found = draw_scenarios(scaled, {{2, -kInfinity, -2.0}, {0, 0.4, 4.0}}, 300, Seed{5});
  EXPECT_TRUE(all_close(found.x, RowMatrix(plain.x * A), 1e-9));
  EXPECT_TRUE(all_close(found.weights, plain.weights, 1e-9));
}

TYPED_TEST(ScenariosOfFamily, TheGaugeDoesNotMatter) {
  const Scenarios plain = draw_scenarios(this->model_, kJoint, 5000, Seed{5});
  const Scenarios found = draw_scenarios(this->model_.rescale_y(7.0), kJoint, 5000, Seed{5});
  const double error = std::hypot(plain.relative_error, found.relative_error);
  EXPECT_NEAR(found.log_probability, plain.log_probability, kErrors * error);
}

TYPED_TEST(ScenariosOfFamily, AConditionWithoutBoundsIsNone) {
  const Scenarios scenarios = draw_scenarios(this->model_, {{1, -kInfinity, kInfinity}}, 1000, Seed{1});
  EXPECT_EQ(scenarios.log_probability, 0.0);
  EXPECT_EQ(scenarios.method, ScenarioMethod::kExact);
}

TYPED_TEST(ScenariosOfFamily, RareEventsKeepMostOfTheRows) {
  const Vector far = this->model_.mu().array() - 40.0 * this->model_.L_Sigma().rowwise().norm().array();
  const std::vector<ColumnCondition> conditions = {{0, -kInfinity, far(0)}, {1, -kInfinity, far(1)}};
  const Scenarios scenarios = draw_scenarios(this->model_, conditions, 2000, Seed{1});
  EXPECT_LT(scenarios.log_probability, -6.0);
  EXPECT_GT(scenarios.effective_sample_size, 1000.0);
  EXPECT_EQ(scenarios.status, ScenarioStatus::kOk);
}

TEST(Scenarios, AnIntervalBeyondTheDoublesOfAProbabilityIsMetByImportance) {
  const NormalInverseGaussian model = tutorial_model();
  const Scenarios scenarios = draw_scenarios(model, {{1, 1500.0, kInfinity}}, 2000, Seed{1});
  EXPECT_EQ(scenarios.method, ScenarioMethod::kImportance);
  EXPECT_NEAR(scenarios.log_probability, model.project(Vector::Unit(2, 1)).log_sf(1500.0),
              kErrors * scenarios.relative_error);
  EXPECT_GT(scenarios.effective_sample_size, 1900.0);
}

TEST(Scenarios, AnUnboundedDensityWithinBoundsIsMetByImportance) {
  const VarianceGamma model(Vector::Zero(2), Vector{{0.1, 0.0}}, Matrix::Identity(2, 2), Gamma(0.05, 0.05));
  const Scenarios scenarios = draw_scenarios(model, {{0, -1.0, 0.5}}, 20'000, Seed{1});
  EXPECT_EQ(scenarios.method, ScenarioMethod::kImportance);
  const auto law = model.project(Vector::Unit(2, 0));
  EXPECT_NEAR(scenarios.log_probability, std::log(law.cdf(0.5) - law.cdf(-1.0)), kErrors * scenarios.relative_error);
}

TEST(Scenarios, NearTheGaussianLimitTheProbabilityIsThatOfTheNormalLaw) {
  for (const double shape : {1e6, 1e9, 1e14}) {
    const VarianceGamma model(Vector::Zero(2), Vector::Zero(2), Matrix::Identity(2, 2), Gamma(shape, shape));
    const Scenarios scenarios = draw_scenarios(model, {{0, 1.0, kInfinity}, {1, -kInfinity, -2.0}}, 2000, Seed{1});
    const double expected = std::log(0.5 * std::erfc(std::sqrt(0.5))) + std::log(0.5 * std::erfc(std::sqrt(2.0)));
    EXPECT_NEAR(scenarios.log_probability, expected, kErrors * scenarios.relative_error + 1e-5) << shape;
  }
}

TEST(Scenarios, ColumnsThatNearlyDetermineOneAnotherAreNamed) {
  constexpr double kCorrelation = 0.9999;
  const Matrix sigma = Matrix::Constant(3, 3, kCorrelation) + (1.0 - kCorrelation) * Matrix::Identity(3, 3);
  const auto model = NormalInverseGaussian::from_classical(
      {.mu = Vector{{-1.0, 0.0, 1.0}}, .gamma = Vector::Zero(3), .sigma = sigma, .mu_ig = 1.0, .lam = 1.0});
  const Scenarios scenarios =
      draw_scenarios(model, {{0, 0.0, kInfinity}, {1, -1.0, 0.5}, {2, -1.0, 0.5}}, 2000, Seed{0});
  EXPECT_LT(scenarios.effective_sample_size, 200.0);
  EXPECT_EQ(scenarios.status, ScenarioStatus::kUncertainProposal);
}

TEST(Scenarios, OneRowHasAllOfTheWeightAndAnUnknownError) {
  const Scenarios scenarios = draw_scenarios(tutorial_model(), {{0, 0.0, 1.0}, {1, 0.0, 1.0}}, 1, Seed{1});
  EXPECT_EQ(scenarios.weights, Vector::Ones(1));
  EXPECT_EQ(scenarios.relative_error, kInfinity);
}

TEST(Scenarios, WhatCannotBeACondition) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  const auto message = [](const std::vector<ColumnCondition>& conditions, Index n = 10) -> std::string {
    try {
      (void)draw_scenarios(tutorial_model(), conditions, n, Seed{1});
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(message({}), HasSubstr("conditions must be on at least one column, got none"));
  EXPECT_THAT(message({{2, 0.0, 1.0}}), HasSubstr("conditions must be on columns from 0 to 1, got 2"));
  EXPECT_THAT(message({{-1, 0.0, 1.0}}), HasSubstr("got -1"));
  EXPECT_THAT(message({{1, 0.0, 1.0}, {1, 2.0, 3.0}}), HasSubstr("conditions must be on different columns, got 1"));
  EXPECT_THAT(message({{1, 1.0, 0.0}}), HasSubstr("conditions on column 1 must be with lower <= upper"));
  EXPECT_THAT(message({{1, kNaN, 0.0}}), HasSubstr("must be numbers, got nan"));
  EXPECT_THAT(message({{1, 0.0, kNaN}}), HasSubstr("must be numbers, got nan"));
  EXPECT_THAT(message({{1, kInfinity, kInfinity}}), HasSubstr("must be met by a finite number"));
  EXPECT_THAT(message({{0, 1.0, 1.0}, {1, 2.0, 2.0}}), HasSubstr("values of fewer than all columns"));
  EXPECT_THAT(message({{0, 0.0, 1.0}}, 0), HasSubstr("n must be >= 1, got 0"));
  EXPECT_THAT(message({{0, 1e200, 1e300}, {1, 1e200, 1e300}}),
              HasSubstr("conditions must be met within 1e150 standard units of mu, got 1e+200"));
}

TEST(Scenarios, AStatusHasASentence) {
  EXPECT_EQ(sentence(ScenarioStatus::kOk), "");
  EXPECT_NE(sentence(ScenarioStatus::kSmallEffectiveSampleSize), "");
  EXPECT_NE(sentence(ScenarioStatus::kUncertainProposal), "");
}

}  // namespace
}  // namespace varimix::tests
