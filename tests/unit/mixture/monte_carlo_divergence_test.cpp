#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "support/close.hpp"
#include "support/mixture_pairs.hpp"
#include "support/threads.hpp"
#include "varimix/mixture/divergence.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

struct Divergences {
  double squared_hellinger;
  double kl;
};

/// Returns H^2 and KL of two one-dimensional laws of X, by quadrature.
template <Subordinator S1, Subordinator S2>
Divergences marginal(const MeanVarianceMixture<S1>& model, const MeanVarianceMixture<S2>& other) {
  constexpr int kIntervals = 8'000;
  constexpr double kEnd = 9.0;  // x = sinh(t): the integrand falls at least exponentially in x
  constexpr double kStep = 2.0 * kEnd / kIntervals;
  const Vector t = Vector::LinSpaced(kIntervals + 1, -kEnd, kEnd);
  const RowMatrix x = t.unaryExpr([](double at) { return std::sinh(at); });
  const Vector f = model.log_prob(x);
  const Vector g = other.log_prob(x);
  Divergences sum{};
  for (Index i = 0; i < t.size(); ++i) {
    const double weight = kStep * std::cosh(t(i));
    sum.squared_hellinger += weight * 0.5 * std::pow(std::exp(0.5 * f(i)) - std::exp(0.5 * g(i)), 2);
    sum.kl += weight * std::exp(f(i)) * (f(i) - g(i));
  }
  return sum;
}

/// A false alarm needs five standard errors, which a random seed exceeds with probability 6e-7 in each comparison.
constexpr double kStandardErrors = 5.0;

template <Subordinator S1, Subordinator S2>
void expect_estimates(const MeanVarianceMixture<S1>& model, const MeanVarianceMixture<S2>& other) {
  constexpr std::int64_t kDraws = 100'000;
  const Divergences expected = marginal(model, other);
  const MonteCarloEstimate h = monte_carlo_squared_hellinger(model, other, kDraws, Seed{3});
  const MonteCarloEstimate kl = monte_carlo_kl_divergence(model, other, kDraws, Seed{4});
  EXPECT_EQ(h.n, kDraws);
  EXPECT_NEAR(h.value, expected.squared_hellinger, kStandardErrors * h.standard_error) << model << other;
  EXPECT_NEAR(kl.value, expected.kl, kStandardErrors * kl.standard_error) << model << other;
  EXPECT_LE(h.standard_error, std::sqrt(0.51 * expected.squared_hellinger / kDraws));
}

TEST(MonteCarloDivergence, IsWithinFiveStandardErrorsOfQuadrature) {
  const auto nig = drawn(1, 1, InverseGaussian(1.0, 1.5));
  const auto t = drawn(1, 30, InverseGamma(2.25, 1.5));
  const auto gh = drawn(1, 60, GeneralizedInverseGaussian(-0.75, 0.5, 1.0));
  const auto vg = drawn(1, 90, Gamma(3.0, 2.0));
  expect_estimates(nig, drawn(1, 7, InverseGaussian(0.5, 3.0)));
  expect_estimates(nig, nig.replace({.lam = 1.6}));
  expect_estimates(nig, t);
  expect_estimates(vg, gh);
  expect_estimates(gh, nig);
  expect_estimates(vg, vg.replace({.alpha = 2.5}));
}

TEST(MonteCarloDivergence, OfXIsAtMostThatOfXAndY) {
  for_every_pair([](const auto& model, const auto& other) {
    const MonteCarloEstimate h = monte_carlo_squared_hellinger(model, other, 2'000, Seed{5});
    EXPECT_LE(h.value, squared_hellinger(model, other) + kStandardErrors * h.standard_error) << model << other;
  });
}

TEST(MonteCarloDivergence, IsZeroForOneLawInTwoGauges) {
  const auto model = drawn(3, 1, InverseGaussian(1.0, 1.5));
  const MonteCarloEstimate same = monte_carlo_squared_hellinger(model, model, 100, Seed{0});
  EXPECT_EQ(same.value, 0.0);
  EXPECT_EQ(same.standard_error, 0.0);
  EXPECT_NEAR(monte_carlo_kl_divergence(model, model.rescale_y(1e6), 100, Seed{0}).value, 0.0, 1e-13);
}

TEST(MonteCarloDivergence, HasTheSameBitsForAnyNumberOfThreadsAndOtherBitsForAnotherSeed) {
  const auto model = drawn(2, 1, Gamma(2.0, 1.0));
  const auto other = drawn(2, 5, InverseGaussian(1.0, 1.0));
  constexpr std::int64_t kDraws = 70'000;  // more than one chunk
  const auto both = [&](std::int64_t seed) {
    return std::vector{monte_carlo_squared_hellinger(model, other, kDraws, Seed{seed}).value,
                       monte_carlo_kl_divergence(model, other, kDraws, Seed{seed}).value};
  };
  const std::vector<double> all = both(1);
  for (const int count : {1, 3}) {
    const ThreadLimit limit(count);
    EXPECT_EQ(both(1), all);
  }
  EXPECT_NE(both(2), all);
}

TEST(MonteCarloDivergence, LeavesOutRowsAtTwoPoles) {
  // sqrt(Y) Z sigma underflows for about half of the rows, which then lie at both laws' poles.
  const VarianceGamma model(Vector{{3.0}}, Vector{{0.0}}, Matrix{{1e-200}}, Gamma(1e-3, 1.0));
  const VarianceGamma other = model.replace({.beta = 2.0});
  for (const auto& estimate : {monte_carlo_squared_hellinger(model, other, 1'000, Seed{0}),
                               monte_carlo_kl_divergence(model, other, 1'000, Seed{0})}) {
    EXPECT_TRUE(estimate.n > 0 && estimate.n < 1'000) << estimate.n;
    EXPECT_TRUE(std::isfinite(estimate.value) && std::isfinite(estimate.standard_error));
  }
}

TEST(MonteCarloDivergence, AsksForModelsOfOneDimensionAndTwoDraws) {
  const auto one = drawn(1, 1, Gamma(2.0, 1.0));
  const auto two = drawn(2, 1, Gamma(2.0, 1.0));
  EXPECT_THAT(error_of([&] { (void)monte_carlo_kl_divergence(two, one, 10, Seed{0}); }),
              HasSubstr("other must be of dimension 2, got 1"));
  EXPECT_THAT(error_of([&] { (void)monte_carlo_squared_hellinger(one, one, 1, Seed{0}); }),
              HasSubstr("n must be >= 2, got 1"));
}

}  // namespace
}  // namespace varimix::tests
