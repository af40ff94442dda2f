#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "support/close.hpp"
#include "support/e_step_of_gaps.hpp"
#include "support/eta.hpp"
#include "support/families.hpp"
#include "support/gaps.hpp"
#include "support/integrate.hpp"
#include "support/models.hpp"
#include "support/sanitizers.hpp"
#include "support/threads.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/mixture/missing.hpp"

namespace varimix::tests {
namespace {

template <class S>
class EStepMissing : public ::testing::Test {};
TYPED_TEST_SUITE(EStepMissing, Families, FamilyNames);

TYPED_TEST(EStepMissing, IsTheMeanOfTheRowsConditionalStatistics) {
  for (const Index d : {2, 3, 9}) {
    const auto model = some_model<TypeParam>(d, 11 + d, 0.4);
    const RowMatrix x = with_gaps(model.rvs(900, Seed{d}), 0.3, d);
    expect_mean_of_rows(model, x, 1e-12);
  }
}

/// Returns the integral of f(x, y) times the density of (x, y) over y and over all of x in three dimensions but its
/// first element, which is given.
template <class Function>
double integral_over_rest(const NormalInverseGaussian& model, double first, Function&& f) {
  // Given y the rest is Gaussian, so that a product of two Gauss-Hermite rules of five points is exact for these
  // moments.
  constexpr std::array<double, 5> kNodes = {-2.8569700138728056, -1.3556261799742659, 0.0, 1.3556261799742659,
                                            2.8569700138728056};
  constexpr std::array<double, 5> kWeights = {0.011257411327720689, 0.22207592200561264, 8.0 / 15.0,
                                              0.22207592200561264, 0.011257411327720689};
  const Matrix& L = model.L_Sigma();
  return integrate_positive([&](double y) {
    const double root = std::sqrt(y);
    const double z0 = (first - model.mu()(0) - y * model.gamma()(0)) / (root * L(0, 0));
    const double weight = std::exp(-0.5 * z0 * z0 + model.subordinator().log_prob(y)) /
                          (std::sqrt(2.0 * std::numbers::pi) * root * L(0, 0));
    double inner = 0.0;
    for (std::size_t k = 0; k < kNodes.size(); ++k) {
      for (std::size_t l = 0; l < kNodes.size(); ++l) {
        const Vector x = model.mu() + y * model.gamma() + root * (L * Vector{{z0, kNodes[k], kNodes[l]}});
        inner += kWeights[k] * kWeights[l] * f(x, y);
      }
    }
    return weight * inner;
  });
}

TEST(EStepMissingRows, StatisticsAreTheIntegralsThatDefineThem) {
  const NormalInverseGaussian model = some_model(3, 5, 0.6);
  for (const double first : kSanitized ? std::vector{0.1} : std::vector{-2.0, 0.1, 4.0}) {
    const RowMatrix x{{first, kGap, kGap}};
    const EStepResult result = e_step(model, x, Vector::Zero(3), kExact);
    const auto mean_of = [&](auto&& f) { return integral_over_rest(model, first, f); };
    const double density = mean_of([](const Vector&, double) { return 1.0; });
    EXPECT_NEAR(result.log_lik, std::log(density), 1e-11);
    const MixtureStatistics eta = mixture_statistics(result.eta);
    EXPECT_NEAR(eta.inv_y, mean_of([](const Vector&, double y) { return 1.0 / y; }) / density, 1e-10);
    for (Index j = 0; j < 3; ++j) {
      EXPECT_NEAR(eta.x(j), mean_of([&](const Vector& v, double) { return v(j); }) / density, 1e-10);
      EXPECT_NEAR(eta.x_inv_y(j), mean_of([&](const Vector& v, double y) { return v(j) / y; }) / density, 1e-10);
      for (Index k = 0; k <= j; ++k) {
        const double expected = mean_of([&](const Vector& v, double y) { return v(j) * v(k) / y; }) / density;
        EXPECT_NEAR(eta.xx_inv_y(j, k), expected, 1e-9);
      }
    }
  }
}

TYPED_TEST(EStepMissing, LogDensityIsThatOfWhatARowShows) {
  const auto model = some_model<TypeParam>(5, 3, 1.2);
  const RowMatrix x = with_gaps(model.rvs(700, Seed{1}), 0.4, 2);
  const Vector actual = log_density(model, x, Missing::kExact);
  for (Index i = 0; i < x.rows(); ++i) {
    const Vector row = x.row(i).transpose();
    const auto shown = split(row).shown;
    if (shown.empty()) {
      EXPECT_EQ(actual(i), 0.0);
    } else {
      EXPECT_LT(logarithm_error(actual(i), law_of_columns(model, shown).log_prob(RowMatrix(row(shown).transpose()))(0)),
                1e-12);
    }
  }
}

TYPED_TEST(EStepMissing, WithoutGapsItHasTheSameBits) {
  const auto model = some_model<TypeParam>(4, 9, 0.7);
  const RowMatrix x = model.rvs(1300, Seed{4});
  const EStepResult plain = e_step(model, x, model.mu(), {.log_y = LogY::kCompute});
  const EStepResult exact = e_step(model, x, model.mu(), kExact);
  EXPECT_EQ(exact.eta, plain.eta);
  EXPECT_EQ(exact.log_lik, plain.log_lik);
  EXPECT_EQ(exact.observed, Vector(Vector::Constant(4, 1300.0)));
  EXPECT_EQ(plain.observed.size(), 0);
  EXPECT_EQ(log_density(model, x, Missing::kExact), log_density(model, x));
  EXPECT_EQ(mean_log_density(model, x, Missing::kExact), mean_log_density(model, x));
}

TEST(EStepMissingRows, AnyNumberOfThreadsGivesTheSameBits) {
  const NormalInverseGaussian model = some_model(6, 9, 0.7);
  const RowMatrix x = with_gaps(model.rvs(140'000, Seed{4}), 0.2, 3);  // three windows of rows
  const EStepResult expected = e_step(model, x, model.mu(), kExact);
  const double log_lik = mean_log_density(model, x, Missing::kExact);
  for (const int count : {1, 2, 3, 7}) {
    const ThreadLimit limit(count);
    const EStepResult actual = e_step(model, x, model.mu(), kExact);
    EXPECT_EQ(actual.eta, expected.eta) << count;
    EXPECT_EQ(actual.log_lik, expected.log_lik) << count;
    EXPECT_EQ(mean_log_density(model, x, Missing::kExact), log_lik) << count;
  }
}

// Alone a row with a gap has its own factor; among others it shares that of its pattern.
TEST(EStepMissingRows, EachWithAGapHasTheSameBitsWhateverStandsBesideIt) {
  const NormalInverseGaussian model = some_model(4, 9, 0.7);
  const RowMatrix x = with_gaps(model.rvs(900, Seed{4}), 0.3, 3);
  const Vector densities = log_density(model, x, Missing::kExact);
  const RowMatrix completed = impute(model, x);
  for (Index i = 0; i < x.rows(); ++i) {
    if (!x.row(i).array().isNaN().any()) continue;
    const RowView alone = RowView(x).slice(i, 1);
    EXPECT_EQ(log_density(model, alone, Missing::kExact)(0), densities(i));
    EXPECT_EQ(impute(model, alone), RowMatrix(completed.row(i)));
  }
}

TEST(EStepMissingRows, TheirOrderIsRoundingAlone) {
  const NormalInverseGaussian model = some_model(4, 9, 0.7);
  const RowMatrix x = with_gaps(model.rvs(2000, Seed{4}), 0.3, 3);
  const RowMatrix reversed = x.colwise().reverse();
  const EStepResult expected = e_step(model, x, model.mu(), kExact);
  const EStepResult actual = e_step(model, reversed, model.mu(), kExact);
  EXPECT_TRUE(same_eta(actual.eta, expected.eta, 1e-13));
  EXPECT_TRUE(is_close(actual.log_lik, expected.log_lik, 1e-13));
}

TEST(EStepMissingRows, PiecesMergeToTheWhole) {
  const NormalInverseGaussian model = some_model(4, 9, 0.7);
  const RowMatrix x = with_gaps(model.rvs(3000, Seed{4}), 0.3, 3);
  const Eta whole = e_step(model, x, model.mu(), kExact).eta;
  Eta merged = e_step(model, RowView(x).slice(0, 1), model.mu(), kExact).eta;
  for (const auto [first, count] : {std::array<Index, 2>{1, 700}, {701, 300}, {1001, 1999}}) {
    merged = merge(merged, e_step(model, RowView(x).slice(first, count), model.mu(), kExact).eta);
  }
  EXPECT_TRUE(same_eta(merged, whole, 1e-13));
}

TEST(EStepMissingRows, EveryLayoutOfTheSameRowsGivesTheSameBits) {
  const NormalInverseGaussian model = some_model(2, 7, 0.4);
  const RowMatrix x = with_gaps(model.rvs(600, Seed{3}).cast<float>().cast<double>(), 0.3, 1);
  const Matrix column_major = x;
  const Eigen::MatrixXf floats = x.cast<float>();
  const std::array<const float*, 2> columns = {&floats(0, 0), &floats(0, 1)};
  const Eta expected = model.e_step(x, Missing::kExact).eta;
  EXPECT_EQ(model.e_step(column_major, Missing::kExact).eta, expected);
  EXPECT_EQ(model.e_step(RowView::from_columns<float>(columns, 600), Missing::kExact).eta, expected);
  std::vector<std::int64_t> all(600);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
  EXPECT_EQ(model.e_step(RowView(x).select(all), Missing::kExact).eta, expected);
  EXPECT_EQ(model.e_step(RowView(x).select(all).slice(0, 600), Missing::kExact).eta, expected);
}

}  // namespace
}  // namespace varimix::tests
