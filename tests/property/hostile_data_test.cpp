#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/close.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"
#include "varimix/em/incremental_em_fitter.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

using NigState = OnlineEM<InverseGaussian>;

constexpr const char* kSumToTwo = "Affine, b + c = 2";

/// Every rule, and the affine one whose weights sum to two.
std::vector<NamedRule> rules_and_worse() {
  auto rules = all_rules();
  rules.push_back({kSumToTwo, [](const NormalInverseGaussian&) { return AffineUpdate{.b = 1.0, .c = 1.0}; }});
  return rules;
}

/// Nothing that a fit gives back is NaN; of a row beyond 1e154 standard deviations the log-likelihood is -inf.
void expect_sound(const EMResult<InverseGaussian>& result, const std::string& what) {
  EXPECT_TRUE(is_sound(result.model)) << what << ": " << result.model << "\n" << result.status;
  for (const double change : result.param_changes) ASSERT_TRUE(std::isfinite(change)) << what;
  for (const double value : result.log_likelihoods) ASSERT_FALSE(std::isnan(value)) << what;
  EXPECT_EQ(result.diverged, result.status.has(StatusCode::kStepReverted)) << what;
}

EMResult<InverseGaussian> fit(const RowMatrix& x, const NamedRule& rule, IncrementalEMOptions options) {
  const auto init = NormalInverseGaussian::default_init(x);
  options.eta_update = rule.make(init);
  return IncrementalEMFitter(std::move(options)).fit(init, x, Key{3});
}

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

TEST(HostileData, OneRowOfTenToTheThreeHundredInALaterBatchIsRevertedByName) {
  const RowMatrix good = tutorial_model().rvs(400, Seed{4});
  const auto init = NormalInverseGaussian::default_init(good);
  RowMatrix bad = good.topRows(50);
  bad(20, 0) = 1e300;
  for (const NamedRule& rule : rules_and_worse()) {
    NigState state(init, rule.make(init));
    (void)state.update(RowView(good).slice(50, 50));
    (void)state.update(RowView(good).slice(100, 50));
    const NormalInverseGaussian before = state.model();
    const BatchReport report = state.update(bad);
    EXPECT_TRUE(report.status.has(StatusCode::kStepReverted)) << rule.name;
    EXPECT_TRUE(std::isfinite(report.parameter_change)) << rule.name;
    const std::string text = state.status().sentence();
    EXPECT_THAT(text, HasSubstr("E[Y]")) << rule.name;
    EXPECT_THAT(text, HasSubstr("first in step 2")) << rule.name;
    EXPECT_TRUE(is_sound(state.model())) << rule.name;
    EXPECT_TRUE(report.parts > 1 || state.model() == before) << rule.name;
    EXPECT_EQ(state.step(), 3) << rule.name;
    EXPECT_LT(state.total_weight(), 150.0) << rule.name << ": rows that were not learned do not count";
    EXPECT_TRUE(state.update(RowView(good).slice(150, 50)).status.empty()) << rule.name << ": it goes on";
    EXPECT_TRUE(is_sound(state.model())) << rule.name;
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

TEST(HostileData, BatchesOfOneRowEndInAFiniteModel) {
  const RowMatrix x = tutorial_model().rvs(300, Seed{8});
  for (const NamedRule& rule : rules_and_worse()) {
    const auto result = fit(x, rule, {.batch_size = 1, .max_steps = 300, .verbose = 1});
    expect_sound(result, rule.name);
    EXPECT_EQ(result.n_iter, 300);
  }
  const auto identity = fit(x, all_rules().front(), {.batch_size = 1, .max_steps = 300});
  EXPECT_TRUE(identity.status.has(StatusCode::kStepHalved)) << "one row alone determines no model: " << identity.status;
}

TEST(HostileData, AffineWeightsThatDoNotSumToOneEndInAFiniteModel) {
  for (const double offset : {0.0, 5.0, -1000.0, 1e8}) {
    const RowMatrix x = tutorial_model().rvs(1000, Seed{9}).array() + offset;
    for (const std::int64_t steps : {60, 600}) {
      for (const auto& [b, c] : {std::pair{1.0, 1.0}, {1.9, 0.1}, {0.1, 1.9}, {3.0, -1.0}, {2.0, 0.0}, {0.5, 0.0}}) {
        const NamedRule named{"Affine", [weights = std::pair(b, c)](const NormalInverseGaussian&) {
                                return AffineUpdate{.b = weights.first, .c = weights.second};
                              }};
        const std::string what = "b = " + std::to_string(b) + ", offset " + std::to_string(offset);
        EMResult<InverseGaussian> result{.model = tutorial_model()};
        ASSERT_NO_THROW(result = fit(x, named, {.batch_size = 50, .max_steps = steps, .verbose = 1})) << what;
        expect_sound(result, what);
      }
    }
  }
}

TEST(HostileData, AffineWeightsThatDoNotSumToOneAreNamed) {
  const RowMatrix x = tutorial_model().rvs(1000, Seed{9});
  const auto said = [&](const UpdateRule& rule) {
    const NamedRule named{"", [&](const NormalInverseGaussian&) { return rule; }};
    return fit(x, named, {.batch_size = 50, .max_steps = 3}).status.has(StatusCode::kWeightsNotOne);
  };
  const Expectations eta0 = tutorial_model().compute_eta_from_model();
  EXPECT_TRUE(said(AffineUpdate{.b = 1.0, .c = 1.0}));
  EXPECT_TRUE(said(Shrinkage(AffineUpdate{.b = 0.5, .c = 0.4}, eta0, 0.5)));
  EXPECT_FALSE(said(AffineUpdate{.b = 0.9, .c = 0.1}));
  EXPECT_FALSE(said(AffineUpdate{.a = eta0, .b = 0.2, .c = 0.3})) << "a constant may make up for the rest";
  for (const NamedRule& rule : all_rules()) EXPECT_FALSE(said(rule.make(tutorial_model()))) << rule.name;
}

TEST(HostileData, AnInfeasibleAffineStepIsNamed) {
  const RowMatrix x = tutorial_model().rvs(1000, Seed{9}).array() + 5.0;
  const NamedRule rule{kSumToTwo, [](const NormalInverseGaussian&) { return AffineUpdate{.b = 1.0, .c = 1.0}; }};
  const auto result = fit(x, rule, {.batch_size = 50, .max_steps = 2});
  EXPECT_TRUE(result.status.has(StatusCode::kStepHalved)) << result.status;
  EXPECT_THAT(result.status.sentence(), HasSubstr("first in step 0"));
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
