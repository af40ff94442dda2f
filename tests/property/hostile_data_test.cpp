#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "support/close.hpp"
#include "support/hostile.hpp"
#include "support/models.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

TEST(HostileData, AConstantColumnIsNamed) {
  for (const double value : {0.0, 0.1, -1e6}) {
    RowMatrix x = tutorial_model().rvs(400, Seed{1});
    x.col(1).setConstant(value);
    for (const NamedRule& rule : rules_and_worse()) {
      const auto result = fit(x, rule, {.batch_size = 64, .max_steps = 40});
      expect_sound(result, rule.name);
      EXPECT_TRUE(result.status.has(StatusCode::kConstantColumn)) << rule.name << ": " << result.status;
      EXPECT_THAT(result.status.sentence(), HasSubstr("column 1")) << rule.name;
    }
  }
}

TEST(HostileData, EqualRowsGiveAFiniteModelAndNameAllColumns) {
  const RowMatrix x = Vector{{3.0, -0.1}}.transpose().replicate(50, 1);
  for (const NamedRule& rule : rules_and_worse()) {
    const auto result = fit(x, rule, {.batch_size = 10, .max_steps = 60});
    expect_sound(result, rule.name);
    EXPECT_TRUE(result.status.has(StatusCode::kConstantColumn)) << rule.name;
    EXPECT_THAT(result.status.sentence(), HasSubstr("columns 0, 1")) << rule.name;
    if (rule.name == kSumToTwo) continue;  // its mean is not the data's
    EXPECT_TRUE(close_in_scale(result.model.mean(), x.row(0).transpose(), 1e-6, 1.0)) << rule.name;
  }
}

TEST(HostileData, FewerRowsThanDPlusOneAreSaid) {
  for (const Index n : {1, 2, 3, 4}) {
    const RowMatrix x = some_model(4, 5, 1.0).rvs(n, Seed{2});
    for (const NamedRule& rule : rules_and_worse()) {
      const auto result = fit(x, rule, {.batch_size = 4, .max_steps = 30});
      expect_sound(result, rule.name + ", n = " + std::to_string(n));
      EXPECT_TRUE(result.status.has(StatusCode::kTooFewRows)) << rule.name;
    }
  }
}

TEST(HostileData, HugeRowsInTheDataEndInAFiniteModel) {
  for (const double huge : {1e20, 1e80, 1e150, 1e155, 1e200, 1e300, -1.7e308}) {
    RowMatrix x = tutorial_model().rvs(300, Seed{5});
    x(100, 1) = huge;
    for (const NamedRule& rule : rules_and_worse()) {
      const auto result = fit(x, rule, {.batch_size = 60, .max_steps = 30});
      expect_sound(result, rule.name + ", " + std::to_string(huge));
    }
  }
}

TEST(HostileData, ScaleTenToTheMinusEightBesideTenToTheEightChangesNothing) {
  const RowMatrix x = tutorial_model().rvs(2000, Seed{6});
  const Vector scale{{1e-8, 1e8}};
  const RowMatrix scaled = x * scale.asDiagonal();
  for (const NamedRule& rule : all_rules()) {
    const auto plain = fit(x, rule, {.batch_size = 200, .max_steps = 20});
    const auto result = fit(scaled, rule, {.batch_size = 200, .max_steps = 20});
    expect_sound(result, rule.name);
    EXPECT_EQ(result.status, plain.status) << rule.name;
    const Matrix expected = scale.asDiagonal() * plain.model.cov() * scale.asDiagonal();
    const Vector deviation = expected.diagonal().cwiseSqrt().cwiseInverse();
    EXPECT_TRUE(all_close(deviation.asDiagonal() * result.model.cov() * deviation.asDiagonal(),
                          deviation.asDiagonal() * expected * deviation.asDiagonal(), 1e-9))
        << rule.name;
  }
}

TEST(HostileData, AnOffsetOfTenToTheEightLeavesSigmaToTenToTheMinusSeven) {
  const RowMatrix x = tutorial_model().rvs(2000, Seed{7});
  // The rows that are left after the offset's rounding of 1e-8: what is compared is the fit, not the rounding.
  const RowMatrix far = x.array() + 1e8;
  const RowMatrix near = far.array() - 1e8;
  for (const NamedRule& rule : all_rules()) {
    const auto plain = fit(near, rule, {.batch_size = 200, .max_steps = 40});
    const auto result = fit(far, rule, {.batch_size = 200, .max_steps = 40});
    expect_sound(result, rule.name);
    const double gauge = result.model.subordinator().E_Y() / plain.model.subordinator().E_Y();
    EXPECT_TRUE(all_close(gauge * result.model.sigma(), plain.model.sigma(), 1e-7)) << rule.name;
    EXPECT_TRUE(close_in_scale(result.model.mean(), (plain.model.mean().array() + 1e8).matrix(), 1e-7, 1.0))
        << rule.name;
  }
}

TEST(HostileData, GaussianRowsAreSaidToBeGaussian) {
  const Matrix factor = some_factor(3, 10);
  const RowMatrix x = gaussian_rows(6000, 3, 10) * factor.transpose();
  for (const NamedRule& rule : all_rules()) {
    if (rule.name.starts_with("Shrinkage")) continue;  // drawn to a target that is not Gaussian
    const auto result = fit(x, rule, {.batch_size = 6000, .max_steps = 60});
    expect_sound(result, rule.name);
    EXPECT_TRUE(result.status.has(StatusCode::kGaussianLimit)) << rule.name << ": " << result.status;
    EXPECT_TRUE(all_close(result.model.cov(), sample_covariance(x), 0.05)) << rule.name;
  }
}

TEST(HostileData, HeavyTailedRowsAreNotSaidToBeGaussian) {
  const RowMatrix x = tutorial_model().rvs(6000, Seed{11});
  for (const NamedRule& rule : all_rules()) {
    const auto result = fit(x, rule, {.batch_size = 512, .max_steps = 30});
    EXPECT_FALSE(result.status.has(StatusCode::kGaussianLimit)) << rule.name << ": " << result.status;
  }
}

TEST(HostileData, TiesAndDuplicateRowsEndInAFiniteModel) {
  RowMatrix x = tutorial_model().rvs(400, Seed{12});
  x = (2.0 * x).array().round();                // ties in most rows
  x.topRows(300) = x.row(0).replicate(300, 1);  // and one point with three quarters of the weight
  for (const NamedRule& rule : rules_and_worse()) {
    expect_sound(fit(x, rule, {.batch_size = 50, .max_steps = 200, .verbose = 1}), rule.name);
  }
}

TEST(HostileData, SmallestAndLargestScalesEndInAFiniteModel) {
  const RowMatrix x = tutorial_model().rvs(300, Seed{13});
  for (const double scale : {1e-300, 1e-160, 1e-140, 1e-100, 1e100, 1e140, 1e152}) {
    const RowMatrix scaled = scale * x;
    for (const NamedRule& rule : all_rules()) {
      expect_sound(fit(scaled, rule, {.batch_size = 60, .max_steps = 20}),
                   rule.name + ", " + std::to_string(std::log10(scale)));
    }
  }
}

}  // namespace
}  // namespace varimix::tests
