#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/hostile.hpp"
#include "support/models.hpp"
#include "support/sanitizers.hpp"
#include "varimix/mixture/law_difference.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

template <class S>
class HostileData : public ::testing::Test {};
TYPED_TEST_SUITE(HostileData, Families, FamilyNames);

TYPED_TEST(HostileData, AConstantColumnIsNamed) {
  for (const double value : {0.0, 0.1, -1e6}) {
    RowMatrix x = tutorial_model().rvs(400, Seed{1});
    x.col(1).setConstant(value);
    for (const auto& rule : rules_and_worse<TypeParam>()) {
      const auto result = fit(x, rule, {.batch_size = 64, .max_steps = 40});
      expect_sound(result, rule.name);
      EXPECT_TRUE(result.status.has(StatusCode::kConstantColumn)) << rule.name << ": " << result.status;
      EXPECT_THAT(result.status.sentence(), HasSubstr("column 1")) << rule.name;
    }
  }
}

TYPED_TEST(HostileData, EqualRowsGiveAFiniteModelAndNameAllColumns) {
  const RowMatrix x = Vector{{3.0, -0.1}}.transpose().replicate(50, 1);
  for (const auto& rule : rules_and_worse<TypeParam>()) {
    const auto result = fit(x, rule, {.batch_size = 10, .max_steps = 60});
    expect_sound(result, rule.name);
    EXPECT_TRUE(result.status.has(StatusCode::kConstantColumn)) << rule.name;
    EXPECT_THAT(result.status.sentence(), HasSubstr("columns 0, 1")) << rule.name;
    if (rule.name == kSumToTwo) continue;  // the mean of its model is not the data's
    // The mean would be mu + E[Y] gamma, which need not exist.
    const Vector middle =
        result.model.mu() + y_at_mode_of_log_y(result.model.subordinator().gig()) * result.model.gamma();
    EXPECT_TRUE(close_in_scale(middle, x.row(0).transpose(), 1e-6, 1.0)) << rule.name;
  }
}

TYPED_TEST(HostileData, FewerRowsThanDPlusOneAreSaid) {
  for (const Index n : {1, 2, 3, 4}) {
    const RowMatrix x = some_model(4, 5, 1.0).rvs(n, Seed{2});
    for (const auto& rule : rules_and_worse<TypeParam>()) {
      const auto result = fit(x, rule, {.batch_size = 4, .max_steps = 30});
      expect_sound(result, rule.name + ", n = " + std::to_string(n));
      EXPECT_TRUE(result.status.has(StatusCode::kTooFewRows)) << rule.name;
    }
  }
}

TYPED_TEST(HostileData, HugeRowsInTheDataEndInAFiniteModel) {
  for (const double huge : {1e20, 1e80, 1e150, 1e155, 1e200, 1e300, -1.7e308}) {
    RowMatrix x = tutorial_model().rvs(300, Seed{5});
    x(100, 1) = huge;
    for (const auto& rule : rules_and_worse<TypeParam>()) {
      const auto result = fit(x, rule, {.batch_size = 60, .max_steps = 30});
      expect_sound(result, rule.name + ", " + std::to_string(huge));
    }
  }
}

TYPED_TEST(HostileData, ScaleTenToTheMinusEightBesideTenToTheEightChangesNothing) {
  const RowMatrix x = tutorial_model().rvs(2000, Seed{6});
  const Vector scale{{1e-8, 1e8}};
  const RowMatrix scaled = x * scale.asDiagonal();
  for (const auto& rule : all_rules<TypeParam>()) {
    const auto plain = fit(x, rule, {.batch_size = 200, .max_steps = 20});
    const auto result = fit(scaled, rule, {.batch_size = 200, .max_steps = 20});
    expect_sound(result, rule.name);
    EXPECT_EQ(result.status, plain.status) << rule.name;
    const auto expected = transformed(plain.model, Matrix(scale.asDiagonal()), Vector::Zero(2));
    EXPECT_TRUE(expected.same_law(result.model, 1e-9)) << rule.name;
  }
}

TYPED_TEST(HostileData, OffsetsOfAMillionAndTenToTheEightLeaveSigmaAlone) {
  const RowMatrix x = tutorial_model().rvs(2000, Seed{7});
  constexpr int kSteps = 40;
  for (const double offset : {1e6, 1e8}) {
    // Every step stores a location that is rounded by half a unit in its last place.
    const double tolerance = kSteps * 0.5 * (std::nextafter(offset, 2.0 * offset) - offset);
    // `near` are the rows that are left after the offset's rounding, so that the fits are compared and not the
    // rounding.
    const RowMatrix far = x.array() + offset;
    const RowMatrix near = far.array() - offset;
    for (const auto& rule : all_rules<TypeParam>()) {
      const auto plain = fit(near, rule, {.batch_size = 200, .max_steps = kSteps});
      const auto result = fit(far, rule, {.batch_size = 200, .max_steps = kSteps});
      expect_sound(result, rule.name);
      const auto expected = transformed(plain.model, Matrix::Identity(2, 2), Vector::Constant(2, offset));
      EXPECT_LT(law_difference(expected, result.model), tolerance) << rule.name << ", offset " << offset;
    }
  }
}

TYPED_TEST(HostileData, GaussianRowsAreSaidToBeGaussian) {
  const Matrix factor = some_factor(3, 10);
  constexpr Index kRows = kSanitized ? 1000 : 6000;
  const RowMatrix x = gaussian_rows(kRows, 3, 10) * factor.transpose();
  for (const auto& rule : all_rules<TypeParam>()) {
    if (rule.name.starts_with("Shrinkage")) continue;  // it draws the fit to a target that is not Gaussian
    const auto result = fit(x, rule, {.batch_size = kRows, .max_steps = 60});
    expect_sound(result, rule.name);
    EXPECT_TRUE(result.status.has(StatusCode::kGaussianLimit)) << rule.name << ": " << result.status;
    EXPECT_TRUE(all_close(result.model.cov(), sample_covariance(x), 0.05)) << rule.name;
  }
}

TYPED_TEST(HostileData, HeavyTailedRowsAreNotSaidToBeGaussian) {
  const RowMatrix x = tutorial_model().rvs(6000, Seed{11});
  for (const auto& rule : all_rules<TypeParam>()) {
    const auto result = fit(x, rule, {.batch_size = 512, .max_steps = 30});
    EXPECT_FALSE(result.status.has(StatusCode::kGaussianLimit)) << rule.name << ": " << result.status;
  }
}

TYPED_TEST(HostileData, TiesAndDuplicateRowsEndInAFiniteModel) {
  RowMatrix x = tutorial_model().rvs(400, Seed{12});
  x = (2.0 * x).array().round();                // most rows have ties
  x.topRows(300) = x.row(0).replicate(300, 1);  // and one point has three quarters of the weight
  for (const auto& rule : rules_and_worse<TypeParam>()) {
    expect_sound(fit(x, rule, {.batch_size = 50, .max_steps = 200, .verbose = 1}), rule.name);
  }
}

TYPED_TEST(HostileData, SmallestAndLargestScalesEndInAFiniteModel) {
  const RowMatrix x = tutorial_model().rvs(300, Seed{13});
  for (const double scale : {1e-300, 1e-160, 1e-140, 1e-100, 1e100, 1e140, 1e152}) {
    const RowMatrix scaled = scale * x;
    for (const auto& rule : all_rules<TypeParam>()) {
      expect_sound(fit(scaled, rule, {.batch_size = 60, .max_steps = 20}),
                   rule.name + ", " + std::to_string(std::log10(scale)));
    }
  }
}

}  // namespace
}  // namespace varimix::tests
