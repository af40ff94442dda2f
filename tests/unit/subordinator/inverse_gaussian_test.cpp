#include "varimix/subordinator/inverse_gaussian.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/integrate.hpp"
#include "support/statistics.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/special/log_normal_cdf.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

constexpr double kQuadrature = 1e-12;

/// Returns laws from nearly Gaussian (mu_ig/lam = 0.001) to very heavy-tailed (30), in several gauges.
std::vector<InverseGaussian> laws() { return {{1.0, 1.5}, {0.8, 0.8}, {3.0, 3000.0}, {1.0, 1.0 / 30.0}, {0.01, 0.05}}; }

/// Returns E[f(Y)], from the density.
template <class F>
double expectation(const InverseGaussian& law, F&& f) {
  constexpr int kFine = 20'000;  // one of these laws is nearly a point
  return integrate_positive([&](double y) { return f(y) * std::exp(law.log_prob(y)); }, -40.0, 12.0, kFine);
}

TEST(InverseGaussian, ParametersOutsideTheirDomainAreRefusedByName) {
  for (const double wrong : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    EXPECT_THAT(error_of([&] { (void)InverseGaussian(wrong, 1.0); }), HasSubstr("mu_ig must be finite and > 0, got"));
    EXPECT_THAT(error_of([&] { (void)InverseGaussian(1.0, wrong); }), HasSubstr("lam must be finite and > 0, got"));
  }
  EXPECT_THAT(error_of([] { (void)InverseGaussian(1.0, -2.5); }), HasSubstr("-2.5"));
  for (const double extreme : {1e-200, 1e200}) {
    EXPECT_THAT(error_of([extreme] { (void)InverseGaussian(extreme, 1.0); }), HasSubstr("lam / mu_ig^2 must be"));
  }
}

TEST(InverseGaussian, DensityIntegratesToOneAndToItsMoments) {
  for (const InverseGaussian& law : laws()) {
    EXPECT_TRUE(is_close(expectation(law, [](double) { return 1.0; }), 1.0, kQuadrature));
    EXPECT_TRUE(is_close(expectation(law, [](double y) { return y; }), law.E_Y(), kQuadrature));
    EXPECT_TRUE(is_close(expectation(law, [](double y) { return 1.0 / y; }), law.E_inv_Y(), kQuadrature));
    const double log_y = expectation(law, [](double y) { return std::log(y); });
    EXPECT_NEAR(log_y, law.E_log_Y(), kQuadrature) << law.mu_ig() << ", " << law.lam();
  }
}

TEST(InverseGaussian, CumulantsAreThoseOfTheDensity) {
  for (const InverseGaussian& law : laws()) {
    const Cumulants k = law.cumulants();
    const auto central = [&](int power) {
      return expectation(law, [&](double y) { return std::pow(y - law.E_Y(), power); });
    };
    const double variance = central(2);
    EXPECT_EQ(k.mean, law.E_Y());
    EXPECT_TRUE(is_close(k.second, variance, kQuadrature));
    EXPECT_TRUE(is_close(k.third, central(3), 1e-10));  // its terms cancel where the law is nearly symmetric
    EXPECT_TRUE(is_close(k.fourth, central(4) - 3.0 * variance * variance, 1e-8)) << law.lam();
  }
}

TEST(InverseGaussian, DensityIsZeroOffThePositiveLine) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const InverseGaussian law(1.0, 1.0);
  EXPECT_EQ(law.log_prob(0.0), -kInfinity);
  EXPECT_EQ(law.log_prob(-1.0), -kInfinity);
}

// The identity that the concept Subordinator asks for is log f(y) = log_constant + sqrt(ab) + (p-1) log y - (a y +
// b/y)/2.
TEST(InverseGaussian, IsTheGigThatItSays) {
  for (const InverseGaussian& law : laws()) {
    const GigParameters gig = law.gig();
    const double root = std::sqrt(gig.a * gig.b);
    for (const double y : {0.02, 0.7, 1.0, 5.0}) {
      const double by_gig = law.log_constant() + root + (gig.p - 1.0) * std::log(y) - 0.5 * (gig.a * y + gig.b / y);
      // sqrt(ab) and (a y + b/y)/2 cancel, so that the results may differ by the rounding of either.
      EXPECT_NEAR(by_gig, law.log_prob(y), 1e-15 * (root + gig.a * y + gig.b / y) + 1e-14) << law.lam() << ", " << y;
    }
    const double constant = 0.5 * gig.p * std::log(gig.a / gig.b) - std::log(2.0) - log_bessel_k(gig.p, root);
    EXPECT_NEAR(law.log_constant() + root, constant, 1e-14 * (1.0 + root));
  }
}

TEST(InverseGaussian, FromExpectationInvertsItsMoments) {
  for (const InverseGaussian& law : laws()) {
    const InverseGaussian back = InverseGaussian::from_expectation(law.E_inv_Y(), law.E_Y());
    EXPECT_EQ(back.mu_ig(), law.mu_ig());
    // 1/lam is the difference of E[1/Y] and 1/E[Y], so that it has one rounding of either, relative to itself.
    const double cancellation = law.E_inv_Y() * law.lam();
    EXPECT_TRUE(is_close(back.lam(), law.lam(), 4e-16 * cancellation));
    EXPECT_EQ(InverseGaussian::from_expectation(law.E_inv_Y(), law.E_Y(), 123.0), back) << "E[log Y] does not enter";
  }
}

TEST(InverseGaussian, FromInfeasibleExpectationsIsRefused) {
  EXPECT_THAT(error_of([] { (void)InverseGaussian::from_expectation(0.5, 1.0); }),
              HasSubstr("E_inv_Y * E_Y must be finite and > 1, got 0.5"));
  EXPECT_NE(error_of([] { (void)InverseGaussian::from_expectation(1.0, 1.0); }), "");
  EXPECT_THAT(error_of([] { (void)InverseGaussian::from_expectation(2.0, -1.0); }), HasSubstr("E_Y must be"));
}

TEST(InverseGaussian, RescaledIsTheLawOfSTimesY) {
  const double s = 12.5;
  for (const InverseGaussian& law : laws()) {
    const InverseGaussian scaled = law.rescale_y(s);
    for (const double y : {0.1, 1.0, 4.0}) {
      const double expected = law.log_prob(y) - std::log(s);
      EXPECT_NEAR(scaled.log_prob(s * y), expected, 1e-13 * (1.0 + std::abs(expected)));
    }
    EXPECT_TRUE(is_close(scaled.E_Y(), s * law.E_Y(), 1e-15));
  }
  EXPECT_NE(error_of([] { (void)InverseGaussian(1.0, 1.0).rescale_y(0.0); }), "");
}

TEST(InverseGaussian, DrawsHaveItsLaw) {
  for (const InverseGaussian& law : laws()) {
    CounterStream stream(Key{7}, StreamPurpose::kModelRows, 3);
    constexpr int kDraws = 20'000;
    std::vector<double> transformed;
    for (int k = 0; k < kDraws; ++k) {
      const double y = law.sample(stream);
      ASSERT_GT(y, 0.0);
      // Its distribution function is (Shuster 1968) Phi(r (y/mu - 1)) + e^{2 lam/mu} Phi(-r (y/mu + 1)), r =
      // sqrt(lam/y).
      const double r = std::sqrt(law.lam() / y);
      const double v = y / law.mu_ig();
      const double reflected = std::exp(2.0 * law.lam() / law.mu_ig() + log_normal_cdf(-r * (v + 1.0)));
      transformed.push_back(std::exp(log_normal_cdf(r * (v - 1.0))) + reflected);
    }
    EXPECT_LT(kolmogorov_statistic(transformed), kolmogorov_critical()) << law.mu_ig() << ", " << law.lam();
  }
}

}  // namespace
}  // namespace varimix::tests
