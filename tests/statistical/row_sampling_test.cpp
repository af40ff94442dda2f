#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "support/extreme_laws.hpp"
#include "support/families.hpp"
#include "support/sanitizers.hpp"
#include "support/statistics.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix::tests {
namespace {

constexpr Index kDraws = kSanitized ? 500 : 3000;

/// Y and z as rvs draws them: the first column is Y to the last bit but a few, because its Sigma is next to nothing; the
/// others, over sqrt(Y), are z.
struct Draws {
  template <Subordinator S>
  Draws(const S& law, std::int64_t seed) {
    constexpr Index kColumns = 3;
    constexpr double kNothing = 1e-160;
    const double unit = std::sqrt(law.ppf(0.5));
    Matrix factor = unit * Matrix(Matrix::Identity(kColumns, kColumns));
    factor(0, 0) = kNothing * unit;
    const MeanVarianceMixture<S> model(Vector::Zero(kColumns), Vector::Unit(kColumns, 0), factor, law);
    const RowMatrix x = model.rvs(kDraws, Key{seed});
    for (Index i = 0; i < kDraws; ++i) {
      const double y = x(i, 0);
      probability.push_back(law.cdf(y));
      first.push_back(x(i, 1) / unit / std::sqrt(y));
      second.push_back(x(i, 2) / unit / std::sqrt(y));
    }
  }
  std::vector<double> probability, first, second;
};

double sum_of_products(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Returns the probabilities of numbers as normal ones.
std::vector<double> normal_probabilities(std::vector<double> z) {
  for (double& number : z) number = 0.5 * std::erfc(-number / std::sqrt(2.0));
  return z;
}

template <class S>
class RowSampling : public ::testing::Test {};
TYPED_TEST_SUITE(RowSampling, Families, FamilyNames);

// Each statistic has the false-alarm rate kFalseAlarmRate, and there are nine of each of the 59 laws.
TYPED_TEST(RowSampling, YHasItsLawAndZIsNormalAndIndependentOfIt) {
  std::int64_t seed = 100;
  for (const TypeParam& law : extreme_laws<TypeParam>()) {
    SCOPED_TRACE(::testing::PrintToString(law.parameters()));
    const Draws draws(law, seed++);
    EXPECT_LT(kolmogorov_statistic(draws.probability), kolmogorov_critical());
    EXPECT_LT(kolmogorov_statistic(normal_probabilities(draws.first)), kolmogorov_critical());
    EXPECT_LT(kolmogorov_statistic(normal_probabilities(draws.second)), kolmogorov_critical());
    // U = F(Y) has the mean 1/2 and the variance 1/12; for z the sums of z v and (z^2 - 1) v have known variances.
    std::vector<double> centred = draws.probability;
    std::vector<double> folded = draws.probability;
    for (double& u : centred) u = std::sqrt(12.0) * (u - 0.5);
    for (double& u : folded) u = std::sqrt(180.0) * ((u - 0.5) * (u - 0.5) - 1.0 / 12.0);
    const std::vector<double> ones(centred.size(), 1.0);
    std::vector<double> squares = draws.first;
    for (double& z : squares) z = (z * z - 1.0) / std::sqrt(2.0);
    const double size = std::sqrt(static_cast<double>(kDraws));
    EXPECT_LT(std::abs(sum_of_products(centred, ones)) / size, kNormalCritical);
    EXPECT_LT(std::abs(sum_of_products(folded, ones)) / size, kNormalCritical);
    EXPECT_LT(std::abs(sum_of_products(centred, draws.first)) / size, kNormalCritical);
    EXPECT_LT(std::abs(sum_of_products(centred, draws.second)) / size, kNormalCritical);
    EXPECT_LT(std::abs(sum_of_products(draws.first, draws.second)) / size, kNormalCritical);
    // Squares have heavier tails than the normal law, and such a sum more often exceeds the bound.
    EXPECT_LT(std::abs(sum_of_products(centred, squares)) / size, 1.5 * kNormalCritical);
  }
}

/// Where they exist, the first two moments of Y itself, by the exact ones; the sum of Y has the variance n Var Y, that of
/// (Y - m)^2 the variance n (k4 + 2 k2^2).
TYPED_TEST(RowSampling, TheMomentsOfYAreThoseOfItsLaw) {
  std::int64_t seed = 500;
  for (const TypeParam& law : extreme_laws<TypeParam>()) {
    const Cumulants k = law.cumulants();
    // Far from this skewness and kurtosis the sums are not near enough to normal for the rate.
    constexpr double kMostKurtosis = 20.0;
    if (!(std::isfinite(k.fourth) && k.second > 0.0 && k.fourth < kMostKurtosis * k.second * k.second)) continue;
    SCOPED_TRACE(::testing::PrintToString(law.parameters()));
    const double unit = std::sqrt(k.second);
    const MeanVarianceMixture<TypeParam> model(Vector::Zero(1), Vector::Ones(1), Matrix::Constant(1, 1, 1e-160 * unit),
                                               law);
    const RowMatrix x = model.rvs(kDraws, Key{seed++});
    const Vector standard = (x.col(0).array() - k.mean) / unit;
    const double size = std::sqrt(static_cast<double>(kDraws));
    EXPECT_LT(std::abs(standard.sum()) / size, 1.2 * kNormalCritical);
    const double spread = std::sqrt(k.fourth / k.second / k.second + 2.0);
    EXPECT_LT(std::abs((standard.array().square() - 1.0).sum()) / (size * spread), 1.5 * kNormalCritical);
  }
}

}  // namespace
}  // namespace varimix::tests
