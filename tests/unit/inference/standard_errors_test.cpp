#include "varimix/inference/standard_errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include "support/fits_with_errors.hpp"
#include "support/models.hpp"

namespace varimix::tests {
namespace {

using namespace fits_with_errors;

TEST(StandardErrors, OnAFaceAreThoseOfItsFamily) {
  const RowMatrix x = some_model<InverseGamma>(2, 3, 0.6).rvs(400, Seed{1});
  const auto skewed_t = fitted<InverseGamma>(x);
  const GigParameters gig = skewed_t.subordinator().gig();
  const GeneralizedHyperbolic face(skewed_t.mu(), skewed_t.gamma(), skewed_t.L_Sigma(),
                                   GeneralizedInverseGaussian(gig.p, 0.0, gig.b));
  const StandardErrors found = errors(face, x);
  EXPECT_TRUE(found.has(InferenceNote::kFace));
  EXPECT_EQ(found.family, Family::kNormalInverseGamma);
  expect_same(found, errors(skewed_t, x), 1e-9);
  EXPECT_THAT(found.names, ::testing::Not(::testing::Contains("p")));
}

TEST(StandardErrors, OfGaussianRowsAreThoseOfMeanAndCovariance) {
  const RowMatrix x = gaussian_rows(1000, 2, 8);
  const auto model = fitted<InverseGaussian>(x);
  const StandardErrors found = errors(model, x, {.cov_type = CovType::kNonrobust});
  ASSERT_TRUE(found.has(InferenceNote::kGaussianLimit));
  EXPECT_THAT(found.names, ::testing::ElementsAre("mean_1", "mean_2", "sd_1", "sd_2", "corr_2_1"));
  EXPECT_NEAR(error_of(found, "mean_1"), std::sqrt(sample_covariance(x)(0, 0) / 1000.0), 1e-3);
  EXPECT_NEAR(error_of(found, "sd_2"), std::sqrt(sample_covariance(x)(1, 1) / 2000.0), 1e-3);
}

TEST(StandardErrors, OfACuspAreNotPromised) {
  const auto with_alpha = [](double alpha) {
    return VarianceGamma(Vector::Zero(2), Vector::Constant(2, 0.2), Matrix::Identity(2, 2), Gamma(alpha, alpha));
  };
  const RowMatrix x = with_alpha(1.3).rvs(500, Seed{4});
  EXPECT_TRUE(errors(with_alpha(1.3), x).has(InferenceNote::kIrregular));
  EXPECT_FALSE(errors(with_alpha(1.6), x).has(InferenceNote::kIrregular));
  const StandardErrors sharp = errors(with_alpha(0.8), x);
  EXPECT_TRUE(sharp.has(InferenceNote::kIrregular));
  EXPECT_FALSE(sharp.has_errors());
  EXPECT_GT(sharp.params.size(), 0);
  EXPECT_THROW((void)sharp.conf_int(), std::invalid_argument);
}

TEST(StandardErrors, LeaveOutWhatDoesNotExist) {
  const NormalInverseGamma heavy(Vector::Zero(1), Vector::Constant(1, 0.3), Matrix::Identity(1, 1),
                                 InverseGamma(1.6, 1.6));
  const RowMatrix x = heavy.rvs(2000, Seed{4});
  const StandardErrors found = errors(fitted<InverseGamma>(x), x);
  ASSERT_TRUE(found.has_errors());
  EXPECT_TRUE(found.has(InferenceNote::kNotDefined));
  EXPECT_THAT(found.names, ::testing::ElementsAre("mean_1", "EY_gamma_1", "log_tail_weight", "log_alpha"));
  EXPECT_TRUE(found.bse.allFinite());
}

TEST(StandardErrors, AreNoneOfCollinearColumns) {
  RowMatrix x = some_model(2, 3, 0.6).rvs(100, Seed{1});
  x.col(1) = 2.0 * x.col(0);
  const StandardErrors found = errors(fitted<InverseGaussian>(x), x);
  EXPECT_TRUE(found.has(InferenceNote::kNotDefinite) || found.has(InferenceNote::kDispersionFloor));
  EXPECT_FALSE(found.has_errors());
  const NormalInverseGaussian flat(Vector::Zero(2), Vector::Zero(2), Matrix{{1.0, 0.0}, {2.0, 1e-10}},
                                   InverseGaussian(1.0, 1.0));
  EXPECT_TRUE(errors(flat, x).has(InferenceNote::kDispersionFloor));
}

TEST(StandardErrors, HaveIntervalsOnTheirScales) {
  StandardErrors found;
  found.params = Vector{{2.0, 0.5, -1.0, 0.01}};
  found.bse = Vector{{0.2, 0.1, 0.3, 0.01}};
  found.scales = {IntervalScale::kLog, IntervalScale::kAtanh, IntervalScale::kPlain, IntervalScale::kLogit};
  found.rows = 100;
  const Matrix ends = found.conf_int(0.05);
  const double z = 1.959963984540054;
  EXPECT_NEAR(ends(0, 0), 2.0 * std::exp(-z * 0.1), 1e-12);
  EXPECT_NEAR(ends(1, 1), std::tanh(std::atanh(0.5) + z * 0.1 / 0.75), 1e-12);
  EXPECT_NEAR(ends(2, 0), -1.0 - z * 0.3, 1e-12);
  const auto logit = [](double p) { return std::log(p / (1.0 - p)); };
  EXPECT_NEAR(logit(ends(3, 0)), logit(0.01) - z / 0.99, 1e-12);
  EXPECT_NEAR(logit(ends(3, 1)), logit(0.01) + z / 0.99, 1e-12);
  found.options.cov_type = CovType::kHac;
  EXPECT_NEAR(found.critical_value(0.05), 2.306004135, 1e-8);
  found.options.lags = 9;
  EXPECT_NEAR(found.critical_value(0.05), 2.24, 0.03);
  EXPECT_THROW((void)found.conf_int(0.0), std::invalid_argument);
  EXPECT_THROW((void)found.conf_int(kNaN), std::invalid_argument);
}

TEST(StandardErrors, HaveTheirDiagonalInCovParams) {
  const RowMatrix x = tutorial_model().rvs(500, Seed{1});
  const StandardErrors found = errors(fitted<InverseGaussian>(x), x);
  ASSERT_TRUE(found.cov_params.has_value());
  EXPECT_LT((found.cov_params->diagonal().cwiseSqrt() - found.bse).norm(), 1e-15);
  EXPECT_EQ(*found.cov_params, found.cov_params->transpose());
}

TEST(StandardErrors, RefuseBadArguments) {
  const auto model = tutorial_model();
  const RowMatrix x = model.rvs(50, Seed{1});
  const std::vector<Functional> some = default_functionals(model);
  const auto refuses = [&](const RowMatrix& rows, const std::vector<Functional>& functionals,
                           const InferenceOptions& options, const std::vector<double>& weights = {}) {
    EXPECT_THROW((void)standard_errors(model, rows, functionals, options, weights), std::invalid_argument);
  };
  RowMatrix bad = x;
  bad(3, 1) = kNaN;
  refuses(bad, some, {});
  refuses(x.leftCols(1), some, {});
  refuses(x.topRows(1), some, {});
  refuses(x.topRows(0), some, {});
  refuses(x, {}, {});
  refuses(x, {some[0], some[0]}, {});
  Functional nameless = some[0];
  nameless.name = "";
  refuses(x, {nameless}, {});
  refuses(x, some, {}, std::vector<double>(49, 1.0));
  refuses(x, some, {}, std::vector<double>(50, -1.0));
  refuses(x, some, {.cov_type = CovType::kHac}, std::vector<double>(50, 1.0));
  refuses(x, some, {.cov_type = CovType::kHac, .cosines = 0});
  refuses(x, some, {.cov_type = CovType::kHac, .cosines = 50});
  refuses(x, some, {.cov_type = CovType::kHac, .cosines = 8, .lags = -1});
  refuses(x, some, {.cov_type = CovType::kHac, .cosines = 8, .lags = 50});
  refuses(x.topRows(5), some, {.cov_type = CovType::kOpg});
  refuses(x, some, {.fixed = {"nu"}});
  refuses(x, {cdf_of("c", Vector::Ones(3), 0.0)}, {});
}

TEST(StandardErrors, HaveASentenceForEveryNote) {
  for (std::size_t k = 0; k < kWords<InferenceNote>.size(); ++k) {
    EXPECT_FALSE(sentence(static_cast<InferenceNote>(k)).empty()) << kWords<InferenceNote>[k];
  }
}

}  // namespace
}  // namespace varimix::tests
