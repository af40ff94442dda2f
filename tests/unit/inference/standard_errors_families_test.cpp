#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "inference/conjugate_gradients.hpp"
#include "inference/information.hpp"
#include "support/families.hpp"
#include "support/fits_with_errors.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/inference/standard_errors.hpp"

namespace varimix::tests {
namespace {

using namespace fits_with_errors;

template <class S>
class StandardErrorsTest : public ::testing::Test {};
TYPED_TEST_SUITE(StandardErrorsTest, Families, FamilyNames);

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

}  // namespace
}  // namespace varimix::tests
