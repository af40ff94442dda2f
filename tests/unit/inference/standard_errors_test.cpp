#include "varimix/inference/standard_errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "inference/conjugate_gradients.hpp"
#include "inference/information.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"
#include "varimix/em/batch_em_fitter.hpp"

namespace varimix::tests {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <class S>
class StandardErrorsTest : public ::testing::Test {};
TYPED_TEST_SUITE(StandardErrorsTest, Families, FamilyNames);

template <Subordinator S>
MeanVarianceMixture<S> fitted(const RowMatrix& x, BatchEMOptions options = {}) {
  options.tol = 1e-13;
  options.max_iter = 3000;
  return varimix::fit<S>(std::nullopt, x, options).model;
}

template <class M>
StandardErrors errors(const M& model, const RowMatrix& x, const InferenceOptions& options = {},
                      std::span<const double> weights = {}) {
  return standard_errors(model, x, default_functionals(model), options, weights);
}

double error_of(const StandardErrors& found, const std::string& name) {
  for (std::size_t k = 0; found.has_errors() && k < found.names.size(); ++k) {
    if (found.names[k] == name) return found.bse(static_cast<Index>(k));
  }
  ADD_FAILURE() << "no " << name;
  return kNaN;
}

void expect_same(const StandardErrors& found, const StandardErrors& expected, double relative) {
  ASSERT_EQ(found.names, expected.names);
  ASSERT_TRUE(found.has_errors());
  for (Index k = 0; k < found.params.size(); ++k) {
    const std::string& name = found.names[static_cast<std::size_t>(k)];
    EXPECT_NEAR(found.params(k), expected.params(k), relative * std::max(expected.bse(k), std::abs(expected.params(k))))
        << name;
    EXPECT_NEAR(found.bse(k), expected.bse(k), relative * expected.bse(k)) << name;
  }
}

TYPED_TEST(StandardErrorsTest, DoNotDependOnTheGauge) {
  const RowMatrix x = some_model<TypeParam>(2, 3, 0.6).rvs(300, Seed{1});
  const auto model = fitted<TypeParam>(x);
  expect_same(errors(model.rescale_y(9.0), x), errors(model, x), 1e-6);
}

TYPED_TEST(StandardErrorsTest, GrowWithTheUnitsOfTheRows) {
  const RowMatrix x = some_model<TypeParam>(2, 3, 0.6).rvs(300, Seed{1});
  const auto model = fitted<TypeParam>(x);
  const Matrix units = Vector{{1e-4, 1e5}}.asDiagonal();
  const Vector shift{{3.0, -1e6}};
  const StandardErrors plain = errors(model, x);
  const StandardErrors moved = errors(transformed(model, units, shift), transformed(x, units, shift));
  ASSERT_EQ(moved.names, plain.names);
  for (std::size_t k = 0; k < plain.names.size(); ++k) {
    const std::string& name = plain.names[k];
    const bool has_unit = name.starts_with("mean") || name.starts_with("sd") || name.starts_with("EY_gamma");
    const double unit = !has_unit ? 1.0 : name.ends_with("1") ? units(0, 0) : units(1, 1);
    EXPECT_NEAR(moved.bse(static_cast<Index>(k)) / unit / plain.bse(static_cast<Index>(k)), 1.0, 1e-5) << name;
  }
}

TYPED_TEST(StandardErrorsTest, TakeAWeightAsARepeatedRow) {
  const RowMatrix x = some_model<TypeParam>(2, 3, 0.6).rvs(150, Seed{1});
  std::vector<double> weights(150);
  std::vector<Index> repeated;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<double>(i % 3);
    for (std::size_t times = 0; times < i % 3; ++times) repeated.push_back(static_cast<Index>(i));
  }
  const RowMatrix rows = x(repeated, Eigen::all);
  const auto model = fitted<TypeParam>(rows);
  for (const CovType type : {CovType::kNonrobust, CovType::kOpg, CovType::kRobust}) {
    expect_same(errors(model, x, {.cov_type = type}, weights), errors(model, rows, {.cov_type = type}), 1e-6);
  }
}

TYPED_TEST(StandardErrorsTest, HaveTheSameBitsForAnyNumberOfThreads) {
  const RowMatrix x = some_model<TypeParam>(2, 3, 0.6).rvs(3000, Seed{1});
  const auto model = fitted<TypeParam>(x);
  const auto with = [&](int threads) {
    const ThreadLimit limit(threads);
    return errors(model, x).bse;
  };
  const Vector one = with(1);
  EXPECT_EQ(with(2), one);
  EXPECT_EQ(with(7), one);
}

TYPED_TEST(StandardErrorsTest, AreTheSameWithAndWithoutMatrices) {
  const RowMatrix x = some_model<TypeParam>(3, 3, 0.6).rvs(400, Seed{1});
  const auto model = fitted<TypeParam>(x);
  const typename MeanVarianceMixture<TypeParam>::Fit fit(model, {});
  const RowView rows(x);
  const Information<MeanVarianceMixture<TypeParam>> information(fit, model, rows, {});
  const auto precondition = [&](const Vector& v) { return information.precondition(v); };
  for (const bool outer : {false, true}) {
    const StandardErrors dense = errors(model, x, {.cov_type = outer ? CovType::kOpg : CovType::kNonrobust});
    for (const Functional& functional : default_functionals(model)) {
      if (std::find(dense.names.begin(), dense.names.end(), functional.name) == dense.names.end()) continue;
      const Vector gradient = gradient_of(functional, information.coordinates());
      const Solution found = conjugate_gradients(
          [&](const Vector& v) { return outer ? information.outer_product(v) : information.product(v); }, precondition,
          gradient);
      ASSERT_TRUE(found.converged);
      EXPECT_NEAR(std::sqrt(gradient.dot(found.x)) / error_of(dense, functional.name), 1.0, 1e-5) << functional.name;
    }
  }
}

// Below, all but mu is known, so that its error is the inverse root of a second derivative.
TYPED_TEST(StandardErrorsTest, OfOneFreeNumberAreThoseOfItsSecondDerivative) {
  const auto truth = some_model<TypeParam>(1, 3, 0.6);
  const RowMatrix x = truth.rvs(400, Seed{1});
  BatchEMOptions options{.tol = 1e-14};
  options.fixed = {"gamma", "sigma"};
  for (const char* name : TypeParam::kParameterNames) options.fixed.emplace_back(name);
  const auto model = varimix::fit<TypeParam>(truth, x, options).model;
  const double h = 1e-3 * model.L_Sigma()(0, 0);
  const auto at = [&](double mu) {
    return 400.0 * model.replace({.mu = Vector::Constant(1, mu)}).marginal_log_likelihood(x);
  };
  const double mu = model.mu()(0);
  const double curvature = (2.0 * at(mu) - at(mu + h) - at(mu - h)) / (h * h);
  const StandardErrors found = errors(model, x, {.cov_type = CovType::kNonrobust, .fixed = options.fixed});
  EXPECT_EQ(found.free_parameters, 1);
  EXPECT_NEAR(error_of(found, "mean_1") * std::sqrt(curvature), 1.0, 1e-4);
  EXPECT_EQ(error_of(found, "log_tail_weight"), 0.0);
}

TYPED_TEST(StandardErrorsTest, OfASymmetricFitHoldGamma) {
  const RowMatrix x = some_model<TypeParam>(2, 3, 0.6).rvs(400, Seed{1});
  const auto model = fitted<TypeParam>(x, {.symmetric = true});
  const StandardErrors held = errors(model, x, {.symmetric = true});
  ASSERT_TRUE(held.has_errors());
  EXPECT_EQ(held.free_parameters, errors(model, x).free_parameters - 2);
  EXPECT_EQ(error_of(held, "EY_gamma_1"), 0.0);
  EXPECT_LT(held.distance_to_maximum.value(), 1e-4);
}

TYPED_TEST(StandardErrorsTest, OfRowsWithGapsAreLarger) {
  RowMatrix x = some_model<TypeParam>(2, 3, 0.6).rvs(400, Seed{1});
  const StandardErrors complete = errors(fitted<TypeParam>(x), x, {.cov_type = CovType::kNonrobust});
  for (Index i = 0; i < x.rows(); i += 2) x(i, 0) = kNaN;
  const auto model = fitted<TypeParam>(x, {.missing = Missing::kExact});
  const StandardErrors gaps = errors(model, x, {.cov_type = CovType::kNonrobust, .missing = Missing::kExact});
  EXPECT_LT(gaps.distance_to_maximum.value(), 1e-3);
  EXPECT_GT(error_of(gaps, "mean_1"), 1.1 * error_of(complete, "mean_1"));
  EXPECT_LT(error_of(gaps, "mean_1"), 1.7 * error_of(complete, "mean_1"));  // half of the values are there
  EXPECT_NEAR(error_of(gaps, "mean_2") / error_of(complete, "mean_2"), 1.0, 0.1);
}

TYPED_TEST(StandardErrorsTest, TellOfAModelThatIsNoMaximum) {
  const auto truth = some_model<TypeParam>(2, 3, 0.6);
  const StandardErrors found = errors(truth, truth.rvs(5000, Seed{1}));
  if (found.has(InferenceNote::kNotDefinite)) return;  // off its maximum the likelihood need not be concave
  EXPECT_TRUE(found.has(InferenceNote::kNotAMaximum));
  EXPECT_GT(found.distance_to_maximum.value(), 0.5);  // the root of a chi-squared variable of some ten degrees
  EXPECT_LT(found.distance_to_maximum.value(), 10.0);
}

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
