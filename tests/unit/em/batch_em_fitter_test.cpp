#include "varimix/em/batch_em_fitter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/close.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"
#include "varimix/em/incremental_em_fitter.hpp"
#include "varimix/em/shrinkage_targets.hpp"
#include "varimix/mixture/complete_likelihood.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

template <class S>
class BatchEMFitterOf : public ::testing::Test {
 protected:
  static RowMatrix rows(Index n) { return some_model(2, 17, 0.8).rvs(n, Seed{9}); }
  static MeanVarianceMixture<S> init(const RowMatrix& x) { return MeanVarianceMixture<S>::default_init(x); }
};
using Subordinators = ::testing::Types<InverseGaussian, Gamma, InverseGamma, GeneralizedInverseGaussian>;

struct FamilyNames {
  template <class S>
  static std::string GetName(int /*index*/) {  // NOLINT(readability-identifier-naming): googletest's name
    return kFamilyName<S>;
  }
};
TYPED_TEST_SUITE(BatchEMFitterOf, Subordinators, FamilyNames);

template <Subordinator S>
EMResult<MeanVarianceMixture<S>> fitted(const MeanVarianceMixture<S>& init, const RowView& x,
                                        BatchEMOptions options = {}, std::span<const double> weights = {}) {
  return BatchEMFitter(std::move(options)).fit(init, x, weights);
}

TYPED_TEST(BatchEMFitterOf, TheHistoryNeverFalls) {
  const RowMatrix x = this->rows(400);
  for (const Acceleration acceleration : {Acceleration::kAnderson, Acceleration::kNone}) {
    const auto result = fitted(this->init(x), x, {.max_iter = 60, .tol = 1e-12, .acceleration = acceleration});
    const auto& history = result.log_likelihoods;
    ASSERT_GT(history.size(), 3U);
    for (std::size_t k = 1; k < history.size(); ++k) EXPECT_GE(history[k], history[k - 1] - 1e-13) << k;
    EXPECT_GE(result.model.marginal_log_likelihood(x), history.back() - 1e-13);
  }
}

TYPED_TEST(BatchEMFitterOf, BothWaysReachTheSameMaximum) {
  const RowMatrix x = this->rows(400);
  const auto fast = fitted(this->init(x), x, {.tol = 1e-13});
  const auto plain = fitted(this->init(x), x, {.max_iter = 20000, .tol = 1e-13, .acceleration = Acceleration::kNone});
  EXPECT_TRUE(fast.converged);
  EXPECT_TRUE(plain.converged);
  EXPECT_LT(3 * fast.n_iter, plain.n_iter);
  EXPECT_NEAR(fast.model.marginal_log_likelihood(x), plain.model.marginal_log_likelihood(x), 1e-10);
}

TYPED_TEST(BatchEMFitterOf, WithoutAccelerationItIsIdentityOnAllRows) {
  const RowMatrix x = this->rows(300);
  const auto init = this->init(x);
  const auto batch = fitted(init, x, {.max_iter = 7, .tol = 0.0, .acceleration = Acceleration::kNone});
  const auto incremental =
      IncrementalEMFitter({.batch_size = 300, .max_steps = 7, .eta_update = IdentityUpdate{}}).fit(init, x, Key{1});
  EXPECT_EQ(batch.n_iter, 7);
  EXPECT_TRUE(batch.model.same_law(incremental.model, 1e-10));
  EXPECT_TRUE(batch.status.has(StatusCode::kBudgetSpent));
}

TYPED_TEST(BatchEMFitterOf, TheStopMeansTheSameForAnyNumberOfRows) {
  const RowMatrix x = this->rows(400);
  const RowMatrix ten_times = x.replicate(10, 1);
  const auto once = fitted(this->init(x), x);
  const auto repeated = fitted(this->init(x), ten_times);
  EXPECT_EQ(once.n_iter, repeated.n_iter);
  EXPECT_TRUE(once.model.same_law(repeated.model, 1e-8));
}

TYPED_TEST(BatchEMFitterOf, WeightsAreRowsToTheLastBitWhereTheyCanBe) {
  const RowMatrix x = this->rows(600);
  const auto init = this->init(x);
  const auto plain = fitted(init, x);
  EXPECT_EQ(fitted(init, x, {}, std::vector<double>(600, 1.0)).model, plain.model);
  EXPECT_TRUE(fitted(init, x, {}, std::vector<double>(600, 2.5)).model.same_law(plain.model, 1e-10));

  std::vector<double> half(600, 1.0);
  std::fill(half.begin() + 300, half.end(), 0.0);
  EXPECT_EQ(fitted(init, x, {}, half).model, fitted(init, RowView(x).slice(0, 300)).model);
}

TYPED_TEST(BatchEMFitterOf, AnyNumberOfThreadsGivesTheSameBits) {
  const RowMatrix x = this->rows(5000);
  const auto init = this->init(x);
  const auto all = fitted(init, x);
  for (const int threads : {1, 2, 7}) {
    const ThreadLimit limit(threads);
    EXPECT_EQ(fitted(init, x).model, all.model) << threads;
  }
}

TYPED_TEST(BatchEMFitterOf, TheFitOfTransformedRowsIsTheTransformedFit) {
  const RowMatrix x = this->rows(500);
  const Matrix A{{3e-5, 0.0}, {0.0, 200.0}};
  const RowMatrix moved = (x * A.transpose()).rowwise() + Vector{{5.0, -1000.0}}.transpose();
  const auto plain = fitted(this->init(x), x, {.tol = 1e-13}).model;
  const auto scaled = fitted(this->init(moved), moved, {.tol = 1e-13}).model;
  const MeanVarianceMixture<TypeParam> expected(A * plain.mu() + Vector{{5.0, -1000.0}}, A * plain.gamma(),
                                                A * plain.L_Sigma(), plain.subordinator());
  EXPECT_TRUE(expected.same_law(scaled, 1e-5));
  EXPECT_NEAR(expected.marginal_log_likelihood(moved), scaled.marginal_log_likelihood(moved), 1e-10);
}

TYPED_TEST(BatchEMFitterOf, APriorMakesThePenalisedLikelihoodRise) {
  const RowMatrix x = this->rows(60);
  const auto init = this->init(x);
  if (!init.compute_eta_from_model().is_finite()) GTEST_SKIP() << "a prior needs finite moments";
  const double tau = 0.5;
  const Shrinkage prior{IdentityUpdate{}, eta0_isotropic(init, 2.0), tau};
  const auto result = fitted(init, x, {.tol = 1e-12, .eta_update = prior});
  EXPECT_TRUE(result.converged) << result.status;
  const auto& history = result.log_likelihoods;
  for (std::size_t k = 1; k < history.size(); ++k) EXPECT_GE(history[k], history[k - 1] - 1e-13) << k;
  const auto penalised = [&](const MeanVarianceMixture<TypeParam>& model) {
    return model.marginal_log_likelihood(x) + tau * complete_log_likelihood(model, prior.eta0);
  };
  EXPECT_GT(penalised(result.model), penalised(init));

  // Its fixed point is that of the incremental fitter, which shrinks on its own.
  const auto slow =
      IncrementalEMFitter({.batch_size = 60, .max_steps = 3000, .eta_update = prior}).fit(init, x, Key{0});
  EXPECT_TRUE(result.model.same_law(slow.model, 1e-4));
}

TYPED_TEST(BatchEMFitterOf, FixedParametersStayAndTheOthersAreBest) {
  const RowMatrix x = this->rows(400);
  const auto init = this->init(x);
  for (const std::string& name :
       {std::string("mu"), std::string("gamma"), std::string("sigma"), std::string(TypeParam::kParameterNames[0])}) {
    const auto result = fitted(init, x, {.fixed = {name}});
    EXPECT_TRUE(result.converged) << name << ": " << result.status;
    EXPECT_EQ(result.model, with_fixed(result.model, fix_parameters(init, {name}, false))) << name;
    const auto free = fitted(init, x);
    EXPECT_LE(result.log_likelihoods.back(), free.log_likelihoods.back() + 1e-9) << name;
  }
  EXPECT_TRUE(fitted(init, x, {.symmetric = true}).model.gamma().isZero(0.0));
}

NormalInverseGaussian some_init() { return some_model(2, 17, 0.8); }

template <class Change>
std::string error_after(Change&& change) {
  BatchEMOptions options;
  change(options);
  const RowMatrix x = some_init().rvs(50, Seed{1});
  return error_of([&] { (void)BatchEMFitter(options).fit(some_init(), x); });
}

TEST(BatchEMFitterInput, OptionsOutsideTheirDomainAreNamed) {
  EXPECT_THAT(error_after([](auto& o) { o.max_iter = -1; }), HasSubstr("max_iter must be >= 0, got -1"));
  EXPECT_THAT(error_after([](auto& o) { o.tol = -1e-9; }), HasSubstr("tol must be finite and >= 0"));
  EXPECT_THAT(error_after([](auto& o) { o.tol = std::numeric_limits<double>::quiet_NaN(); }), HasSubstr("tol must be"));
  EXPECT_THAT(error_after([](auto& o) { o.fixed = {"nu"}; }), HasSubstr("fixed must be one of"));
  EXPECT_THAT(error_after([](auto& o) { o.alpha_min = AlphaMin::kDensity; }),
              HasSubstr("alpha_min must be 'none' for"));
  const Eta eta0 = some_init().compute_eta_from_model();
  const char* prior_text = "eta_update must be Shrinkage(IdentityUpdate(), eta0, tau)";
  EXPECT_THAT(error_after([&](auto& o) { o.eta_update = Shrinkage{EWMAUpdate{}, eta0}; }), HasSubstr(prior_text));
  EXPECT_THAT(error_after([&](auto& o) {
                o.eta_update = Shrinkage{IdentityUpdate{}, eta0, 0.5, true};
              }),
              HasSubstr(prior_text));
  const Eta by_field = Eta::from_raw(0.0, 0.0, 0.0, Vector::Zero(2), Vector::Zero(2), Matrix::Identity(2, 2));
  EXPECT_THAT(error_after([&](auto& o) {
                o.eta_update = Shrinkage{IdentityUpdate{}, eta0, by_field};
              }),
              HasSubstr(prior_text));
}

TEST(BatchEMFitterInput, RowsAndWeightsAreChecked) {
  RowMatrix x = some_init().rvs(50, Seed{1});
  const auto error = [&](std::vector<double> weights) {
    return error_of([&] { (void)BatchEMFitter().fit(some_init(), x, weights); });
  };
  EXPECT_THAT(error(std::vector<double>(49, 1.0)), HasSubstr("weights must be one a row, 50, got 49"));
  EXPECT_THAT(error(std::vector<double>(50, 0.0)), HasSubstr("the sum of weights must be finite and > 0"));
  std::vector<double> bad(50, 1.0);
  for (const double value : {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    bad[7] = value;
    EXPECT_THAT(error(bad), HasSubstr("weights[7] must be finite and >= 0")) << value;
  }
  x(3, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(error({}), HasSubstr("X must be"));
}

TEST(BatchEMFitter, StopsWhereItIsAskedTo) {
  const RowMatrix x = some_init().rvs(500, Seed{1});
  const auto result =
      BatchEMFitter().fit(some_init(), x, {}, [](const BatchReport& report) { return report.step < 3; });
  EXPECT_EQ(result.n_iter, 3);
  EXPECT_FALSE(result.converged);
  EXPECT_TRUE(result.status.has(StatusCode::kInterrupted));
}

TYPED_TEST(BatchEMFitterOf, TheShortFormStartsFromTheDataWhereThereIsNoInitialModel) {
  const RowMatrix x = this->rows(200);
  const std::optional<MeanVarianceMixture<TypeParam>> none;
  const std::optional<MeanVarianceMixture<TypeParam>> given = this->init(x).rescale_y(3.0);
  EXPECT_EQ(fit(none, x).model, fitted(this->init(x), x).model);
  EXPECT_EQ(fit(given, x, {.max_iter = 3}).model, fitted(*given, x, {.max_iter = 3}).model);
  RowMatrix constant = x;
  constant.col(1).setConstant(2.0);
  EXPECT_EQ(fit(none, constant).status.count(StatusCode::kConstantColumn), 1);
}

TEST(BatchEMFitter, AStartBelowTheLeastAlphaIsMovedWithinIt) {
  const VarianceGamma init(Vector{{0.0}}, Vector{{0.1}}, Matrix{{1.0}}, Gamma(0.3, 0.3));
  const RowMatrix x = VarianceGamma(init.mu(), init.gamma(), init.L_Sigma(), Gamma(1.0, 1.0)).rvs(600, Seed{4});
  const auto result = BatchEMFitter({.alpha_min = AlphaMin::kDensity}).fit(init, x);
  EXPECT_TRUE(result.converged) << result.status;
  EXPECT_GT(result.n_iter, 3);
  EXPECT_GE(result.model.subordinator().alpha(), 0.6);
}

TEST(BatchEMFitter, WithoutPassesReturnsTheInitialModel) {
  const RowMatrix x = some_init().rvs(50, Seed{1});
  const auto result = BatchEMFitter({.max_iter = 0}).fit(some_init(), x);
  EXPECT_EQ(result.model, some_init());
  EXPECT_TRUE(result.status.has(StatusCode::kNotStarted));
}

TEST(BatchEMFitter, ShowsItsModelInTheGaugeAskedFor) {
  const RowMatrix x = some_init().rvs(500, Seed{1});
  const auto plain = fitted(some_init(), x).model;
  const auto det_one = fitted(some_init(), x, {.regularization = Regularization::kDetSigmaOne}).model;
  EXPECT_NEAR(det_one.log_det_sigma(), 0.0, 1e-12);
  EXPECT_TRUE(det_one.same_law(plain, 1e-13));
  EXPECT_NEAR(plain.subordinator().E_Y(), 1.0, 1e-13);
}

TEST(BatchEMFitter, EveryPassIsInItsHistoryAndReport) {
  const RowMatrix x = some_init().rvs(40, Seed{1});
  std::vector<double> weights(40, 0.5);
  weights[3] = 0.0;
  std::vector<BatchReport> reports;
  const auto result = BatchEMFitter({.max_iter = 4, .tol = 0.0, .acceleration = Acceleration::kNone})
                          .fit(some_init(), x, weights, [&](const BatchReport& report) {
                            reports.push_back(report);
                            return true;
                          });
  ASSERT_EQ(result.n_iter, 4);
  ASSERT_EQ(result.param_changes.size(), 4U);
  ASSERT_EQ(reports.size(), 4U);
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(reports[k].step, static_cast<std::int64_t>(k) + 1);
    EXPECT_EQ(reports[k].weight, 19.5);
    EXPECT_EQ(reports[k].rows, 39);
    EXPECT_EQ(reports[k].parameter_change, result.param_changes[k]);
    EXPECT_EQ(reports[k].log_likelihood, result.log_likelihoods[k]);
  }
}

TEST(BatchEMFitter, SaysWhichColumnsHaveNoVarianceOfTheirOwn) {
  RowMatrix x = some_init().rvs(100, Seed{1});
  x.col(1) = 2.0 * x.col(0);
  const auto result = BatchEMFitter({.max_iter = 20}).fit(some_init(), x);
  EXPECT_TRUE(result.status.has(StatusCode::kDispersionFloor)) << result.status;
}

TEST(BatchEMFitter, NamesTheStepThatWasNotFinite) {
  RowMatrix x = some_init().rvs(50, Seed{1});
  x(3, 0) = 1e300;
  const auto result = BatchEMFitter().fit(some_init(), x);
  ASSERT_TRUE(result.diverged);
  EXPECT_THAT(result.summary(), HasSubstr("first in step 0. Look for an outlier"));
}

}  // namespace
}  // namespace varimix::tests
