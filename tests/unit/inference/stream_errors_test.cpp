#include "varimix/inference/stream_errors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/models.hpp"
#include "varimix/em/rules/update_rules.hpp"

namespace varimix::tests {
namespace {

/// Returns a state that has learned `batches` batches of rows of its initial model.
template <class M>
OnlineEM<M> learned(const M& truth, const UpdateRule& rule, Index rows, Index batches,
                    const OnlineEMOptions& options = {}) {
  OnlineEM<M> state(truth, rule, Key{0}, options);
  const RowMatrix x = truth.rvs(rows * batches, Seed{3});
  for (Index k = 0; k < batches; ++k) (void)state.update(RowView(x).slice(k * rows, rows));
  return state;
}

template <class M>
StreamErrors errors_of(const OnlineEM<M>& state, std::optional<double> batch_rows = std::nullopt) {
  return ewma_standard_errors(state, default_functionals(state.model()), batch_rows);
}

Index place(const StreamErrors& errors, const std::string& name) {
  return std::find(errors.names.begin(), errors.names.end(), name) - errors.names.begin();
}

double variance_of(const StreamErrors& errors, const std::string& name) {
  return std::pow(errors.bse(place(errors, name)), 2) * errors.known_rows;
}

template <class M>
std::string refusal(const OnlineEM<M>& state, std::optional<double> batch_rows = std::nullopt) {
  try {
    (void)errors_of(state, batch_rows);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

const UpdateRule kEwma = EWMAUpdate{.w = 0.1};

// With Y seen, log z = log lam - log mu_ig, and these two are orthogonal, of information 1/2 and z.
TEST(EwmaErrors, OfTheShapeOfANormalInverseGaussianAreThoseOfItsTwoParameters) {
  const auto state = learned(tutorial_model(), kEwma, 200, 60);
  const double z = state.model().subordinator().lam() / state.model().subordinator().mu_ig();
  EXPECT_NEAR(variance_of(errors_of(state), "log_sqrt_ab"), 2.0 + 1.0 / z, 1e-8);
}

TEST(EwmaErrors, OfTheShapeOfGammaLawsDoNotDependOnTheirScale) {
  const auto expected = [](double alpha) { return 1.0 / (alpha * (alpha * boost::math::trigamma(alpha) - 1.0)); };
  const auto gamma = learned(some_model<Gamma>(2, 5, 0.3), kEwma, 200, 60);
  const double of_gamma = expected(gamma.model().subordinator().alpha());
  EXPECT_NEAR(variance_of(errors_of(gamma), "log_alpha") / of_gamma, 1.0, 1e-8);
  const auto inverse = learned(some_model<InverseGamma>(2, 5, 0.3), kEwma, 200, 60);
  const double of_inverse = expected(inverse.model().subordinator().alpha());
  EXPECT_NEAR(variance_of(errors_of(inverse), "log_alpha") / of_inverse, 1.0, 1e-8);
}

// With gamma = 0 the mean is mu + gamma E[Y], of variance Sigma E[Y]; the sd is L with Y's scale beside it.
TEST(EwmaErrors, OfMeanAndSdHaveTheirClosedFormsWithoutSkewness) {
  const auto state = learned(univariate(0.3, 0.0, 4.0, 1.0, 1.5), kEwma, 400, 60, {.symmetric = true});
  const auto model = state.model();
  const double sigma = model.sigma()(0, 0) * model.subordinator().mu_ig();
  const double z = model.subordinator().lam() / model.subordinator().mu_ig();
  const StreamErrors errors = errors_of(state);
  EXPECT_EQ(errors.free_parameters, 3);
  EXPECT_NEAR(variance_of(errors, "mean_1") / (sigma / (1.0 + 1.0 / z)), 1.0, 1e-8);  // gamma is known: 1 / E[1/Y]
  EXPECT_NEAR(variance_of(errors, "sd_1") / (sigma * (0.5 + 0.25 / z)), 1.0, 1e-8);
}

TEST(EwmaErrors, KnowSoManyRows) {
  const StreamErrors errors = errors_of(learned(tutorial_model(), kEwma, 200, 60));
  EXPECT_DOUBLE_EQ(errors.known_rows, 1.9 / 0.1 * 200.0);
  EXPECT_EQ(errors.options.cov_type, CovType::kEwma);
  EXPECT_TRUE(errors.notes.empty());
  EXPECT_EQ(errors.rows, 12'000);
  const Matrix& cov = *errors.cov_params;
  EXPECT_LT((cov - cov.transpose()).cwiseAbs().maxCoeff(), 1e-300);
  EXPECT_EQ(Vector(cov.diagonal().cwiseSqrt()), errors.bse);
}

TEST(EwmaErrors, OfAHalfLifeAreThoseOfItsShare) {
  const double w = -std::expm1(-std::log(2.0) * 200.0 / 1500.0);
  const StreamErrors by_half_life = errors_of(learned(tutorial_model(), EWMAUpdate{.half_life = 1500.0}, 200, 60));
  const StreamErrors by_share = errors_of(learned(tutorial_model(), EWMAUpdate{.w = w}, 200, 60));
  EXPECT_NEAR((by_half_life.bse - by_share.bse).cwiseQuotient(by_share.bse).cwiseAbs().maxCoeff(), 0.0, 1e-9);
}

TEST(EwmaErrors, DoNotDependOnUnits) {
  const NormalInverseGaussian truth = tutorial_model();
  Matrix units = Matrix::Zero(2, 2);
  units.diagonal() << 1e-6, 1e7;
  const StreamErrors plain = errors_of(learned(truth, kEwma, 200, 60));
  const StreamErrors scaled = errors_of(learned(transformed(truth, units, Vector::Zero(2)), kEwma, 200, 60));
  EXPECT_NEAR(scaled.bse(0) / plain.bse(0) / 1e-6, 1.0, 1e-6);
  EXPECT_NEAR(scaled.bse(place(scaled, "corr_2_1")) / plain.bse(place(plain, "corr_2_1")), 1.0, 1e-6);
}

TEST(EwmaErrors, OfManyColumnsNeedNoMatrixOfTheirParameters) {
  const auto state = learned(some_model(60, 4, 0.5), kEwma, 400, 60);  // 1,951 parameters
  const StreamErrors errors = errors_of(state);
  EXPECT_EQ(errors.free_parameters, 1951);
  ASSERT_TRUE(errors.has_errors());
  EXPECT_TRUE(errors.bse.allFinite());
  EXPECT_GT(errors.bse.minCoeff(), 0.0);
}

TEST(EwmaErrors, SayThatTheInitialModelStillCounts) {
  const StreamErrors early = errors_of(learned(tutorial_model(), kEwma, 200, 10));
  EXPECT_TRUE(early.has(InferenceNote::kStart));
  EXPECT_TRUE(early.has_errors());
}

TEST(EwmaErrors, TakeTheMeanOfUnevenBatchesAndSaySo) {
  auto state = learned(tutorial_model(), kEwma, 200, 60);
  (void)state.update(tutorial_model().rvs(50, Seed{9}));
  const StreamErrors by_mean = errors_of(state);
  EXPECT_TRUE(by_mean.has(InferenceNote::kUnevenBatches));
  const StreamErrors given = errors_of(state, 100.0);
  EXPECT_FALSE(given.has(InferenceNote::kUnevenBatches));
  EXPECT_DOUBLE_EQ(given.known_rows, 1.9 / 0.1 * 100.0);
}

TEST(EwmaErrors, AreThoseOfTheFaceOnWhichALawLies) {
  const auto truth = NormalInverseGamma::from_classical({.mu = Vector{{0.0, 0.0}},
                                                         .gamma = Vector{{0.4, -0.3}},
                                                         .sigma = Matrix{{1.0, 0.3}, {0.3, 1.0}},
                                                         .alpha = 2.0,
                                                         .beta = 1.0});
  const RowMatrix x = truth.rvs(1000, Seed{1});
  OnlineEM<GeneralizedHyperbolic> state(GeneralizedHyperbolic::default_init(x), EWMAUpdate{.w = 1.0});
  for (int k = 0; k < 60; ++k) (void)state.update(x);
  ASSERT_EQ(state.model().subordinator().gig().a, 0.0);
  const StreamErrors errors = errors_of(state);
  EXPECT_TRUE(errors.has(InferenceNote::kFace));
  EXPECT_EQ(errors.family, Family::kNormalInverseGamma);
  EXPECT_EQ(errors.names.back(), "log_alpha");
  const double alpha = -state.model().subordinator().gig().p;
  const double information = alpha * (alpha * boost::math::trigamma(alpha) - 1.0);
  EXPECT_NEAR(variance_of(errors, "log_alpha") * information, 1.0, 1e-8);
}

TEST(EwmaErrors, OfGaussianRowsAreThoseOfMeanAndCovariance) {
  const RowMatrix x = gaussian_rows(20'000, 2, 6);
  OnlineEM<NormalInverseGaussian> state(NormalInverseGaussian::default_init(x), EWMAUpdate{.w = 0.1});
  for (Index k = 0; k < 100; ++k) (void)state.update(RowView(x).slice(200 * k, 200));
  const StreamErrors errors = errors_of(state);
  ASSERT_TRUE(errors.has(InferenceNote::kGaussianLimit));
  EXPECT_EQ(errors.names, (std::vector<std::string>{"mean_1", "mean_2", "sd_1", "sd_2", "corr_2_1"}));
  EXPECT_NEAR(variance_of(errors, "mean_1"), 1.0, 0.1);
  EXPECT_NEAR(variance_of(errors, "sd_1"), 0.5, 0.1);
}

TEST(EwmaErrors, AreRefusedWhereTheFormulaDoesNotHold) {
  const NormalInverseGaussian truth = tutorial_model();
  EXPECT_NE(refusal(learned(truth, NaturalGradientUpdate{}, 200, 2)).find("EWMAUpdate"), std::string::npos);
  EXPECT_NE(refusal(learned(truth, PolyakAverage{.base = kEwma}, 200, 2)).find("EWMAUpdate"), std::string::npos);
  EXPECT_NE(refusal(OnlineEM(truth, kEwma)).find("a new one"), std::string::npos);
  EXPECT_NE(refusal(learned(truth, kEwma, 200, 2, {.inner_iter = 2})).find("inner_iter"), std::string::npos);
  EXPECT_NE(refusal(learned(truth, kEwma, 200, 2, {.fixed = {"mu"}})).find("'mu'"), std::string::npos);
  EXPECT_NE(refusal(learned(truth, kEwma, 200, 2, {.frozen = true})).find("frozen"), std::string::npos);
  for (const double rows : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    EXPECT_NE(refusal(learned(truth, kEwma, 200, 2), rows).find("batch_rows"), std::string::npos);
  }
  OnlineEM timed(truth, EWMAUpdate{.half_life = HalfLife::in_time(10.0)});
  (void)timed.update(truth.rvs(2, Seed{1}), {.times = std::vector<double>{0.0, 1.0}});
  EXPECT_NE(refusal(timed).find("half_life"), std::string::npos);
  EXPECT_THROW((void)ewma_standard_errors(learned(truth, kEwma, 200, 2), {}), std::invalid_argument);
}

TEST(EwmaErrors, AreNoneWhereAColumnIsConstant) {
  RowMatrix x = tutorial_model().rvs(400, Seed{1});
  x.col(1).setConstant(2.0);
  OnlineEM<NormalInverseGaussian> state(tutorial_model(), kEwma);
  for (Index k = 0; k < 4; ++k) (void)state.update(RowView(x).slice(100 * k, 100));
  const StreamErrors errors = errors_of(state);
  EXPECT_TRUE(errors.has(InferenceNote::kDispersionFloor));
  EXPECT_FALSE(errors.has_errors());
}

}  // namespace
}  // namespace varimix::tests
