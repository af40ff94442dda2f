#include "varimix/inference/functional.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/families.hpp"
#include "support/models.hpp"
#include "varimix/mixture/column_moments.hpp"

namespace varimix::tests {
namespace {

template <class S>
class FunctionalTest : public ::testing::Test {};
TYPED_TEST_SUITE(FunctionalTest, Families, FamilyNames);

template <Subordinator S>
std::vector<Functional> all_functionals(const MeanVarianceMixture<S>& model) {
  std::vector<Functional> all = default_functionals(model);
  const Vector w = Vector::LinSpaced(model.d(), 1.0, -0.4);
  all.push_back(value_at_risk_of("var", w, 0.01));
  all.push_back(expected_shortfall_of("es", w, 0.025));
  all.push_back(cdf_of("cdf", w, 0.3));
  return all;
}

/// The differences of the whole model, in the place of those of one column or portfolio.
TYPED_TEST(FunctionalTest, HasTheGradientOfItsValue) {
  const auto model = some_model<TypeParam>(3, 5, 0.15);
  for (const bool symmetric : {false, true}) {
    const auto law = symmetric ? model.replace({.gamma = Vector::Zero(3)}) : model;
    const LocalCoordinates<TypeParam> coordinates(law, fix_parameters(law, {}, symmetric));
    for (const Functional& functional : all_functionals(law)) {
      const Functional of_model = function_of_model(functional.name, [&](const AnyMeanVarianceMixture& there) {
        return std::visit([&](const auto& of) { return value_of(functional, of); }, there);
      });
      const Vector gradient = gradient_of(functional, coordinates);
      const Vector differences = gradient_of(of_model, coordinates);
      ASSERT_TRUE(gradient.allFinite()) << functional.name;
      EXPECT_LT((gradient - differences).norm(), 1e-6 * (1.0 + differences.norm())) << functional.name;
    }
  }
}

TYPED_TEST(FunctionalTest, HasTheValueOfTheModel) {
  const auto model = some_model<TypeParam>(3, 5, 0.15).with_columns(ColumnNames({"oil", "tea", "tin"}));
  const std::vector<Functional> all = default_functionals(model);
  const auto value = [&](const std::string& name) {
    for (const Functional& functional : all) {
      if (functional.name == name) return value_of(functional, model);
    }
    ADD_FAILURE() << "no " << name;
    return 0.0;
  };
  EXPECT_NEAR(value("mean_tea"), model.mean()(1), 1e-14);
  EXPECT_NEAR(value("sd_tin"), column_std(model)(2), 1e-14);
  EXPECT_NEAR(value("corr_tin_oil"), correlation(model)(2, 0), 1e-14);
  EXPECT_NEAR(value("EY_gamma_oil"), model.mean()(0) - model.mu()(0), 1e-13);
  EXPECT_NEAR(value("skewness_tea"), model.skewness()(1), 1e-12);
  EXPECT_NEAR(value("kurtosis_tin"), model.kurtosis()(2), 1e-12);
  EXPECT_NEAR(value("log_tail_weight"), std::log(model.tail_weight()), 1e-14);
}

TYPED_TEST(FunctionalTest, DoesNotDependOnTheGauge) {
  const auto model = some_model<TypeParam>(2, 9, 0.3);
  const auto rescaled = model.rescale_y(7.0);
  for (const Functional& functional : all_functionals(model)) {
    const double value = value_of(functional, model);
    EXPECT_NEAR(value_of(functional, rescaled), value, 1e-11 * std::max(1.0, std::abs(value))) << functional.name;
  }
}

TEST(Functional, OfManyColumnsLeavesPairsOut) {
  const auto model = some_model(30, 1, 1.0);
  EXPECT_EQ(default_functionals(model).size(), 3U * 30U + 2U);
  EXPECT_EQ(default_functionals(some_model(2, 1, 1.0)).size(), 5U * 2U + 1U + 2U);
}

TEST(Functional, IsInfiniteOrNaNWhereTheLawDoesNotHaveIt) {
  const NormalInverseGamma heavy(Vector::Zero(2), Vector{{0.1, 0.0}}, Matrix::Identity(2, 2), InverseGamma(0.9, 0.9));
  for (const Functional& functional : default_functionals(heavy)) {
    const bool exists =
        functional.name == "log_alpha" || functional.name == "EY_gamma_2" || functional.name == "mean_2";
    EXPECT_EQ(std::isfinite(value_of(functional, heavy)), exists) << functional.name;
  }
}

TEST(Functional, RefusesBadArguments) {
  const Vector w = Vector::Ones(2);
  for (const double alpha : {0.0, 1.0, -0.1, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW((void)value_at_risk_of("v", w, alpha), std::invalid_argument);
    EXPECT_THROW((void)expected_shortfall_of("v", w, alpha), std::invalid_argument);
  }
  EXPECT_THROW((void)cdf_of("c", w, std::numeric_limits<double>::infinity()), std::invalid_argument);
  EXPECT_THROW((void)cdf_of("c", Vector::Zero(2), 0.0), std::invalid_argument);
  EXPECT_THROW((void)cdf_of("c", Vector(), 0.0), std::invalid_argument);
  EXPECT_THROW((void)function_of_model("f", {}), std::invalid_argument);
  EXPECT_THROW((void)value_of(cdf_of("c", Vector::Ones(3), 0.0), tutorial_model()), std::invalid_argument);
  Functional column = default_functionals(tutorial_model()).front();
  column.i = 2;
  EXPECT_THROW((void)value_of(column, tutorial_model()), std::invalid_argument);
  Functional pair = column;
  pair.kind = FunctionalKind::kCorrelation;
  pair.i = pair.j = 1;
  EXPECT_THROW((void)value_of(pair, tutorial_model()), std::invalid_argument);
}

}  // namespace
}  // namespace varimix::tests
