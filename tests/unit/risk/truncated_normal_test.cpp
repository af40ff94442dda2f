#include "risk/truncated_normal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "support/close.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/special/log_normal_cdf.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

const std::vector<std::pair<double, double>> kIntervals = {
    {-1.0, 2.0}, {0.3, 0.9},   {0.7, kInfinity}, {5.0, kInfinity},  {-kInfinity, -3.0}, {-kInfinity, kInfinity},
    {8.0, 8.01}, {-0.5, -0.4}, {-30.0, -29.0},   {2.0, 2.0 + 1e-9}, {0.5, 4.0},         {-kInfinity, 0.2}};

/// Returns E[Z^r | lower <= Z <= upper] about `origin` by quadrature, for intervals of finite length in effect.
double moment(double lower, double upper, double origin, int power) {
  constexpr double kFar = 12.0;  // beyond the nearer end, in units: nothing is left
  const double low = std::max(lower, upper < 0.0 ? upper - kFar : -kFar);
  const double high = std::min(upper, lower > 0.0 ? lower + kFar : kFar);
  const double log_p = log_normal_interval(lower, upper);
  constexpr int kPanels = 200;
  double sum = 0.0;
  for (int k = 0; k < kPanels; ++k) {
    const double a = low + (high - low) * k / kPanels;
    const double b = low + (high - low) * (k + 1) / kPanels;
    sum += boost::math::quadrature::gauss<double, 15>::integrate(
        [&](double x) { return std::pow(x - origin, power) * std::exp(-0.5 * (x * x + kLogTwoPi) - log_p); }, a, b);
  }
  return sum;
}

TEST(TruncatedNormal, TheProbabilityOfAnIntervalIsTheIntegralOfTheDensity) {
  for (const auto& [lower, upper] : kIntervals) {
    EXPECT_NEAR(moment(lower, upper, 0.0, 0), 1.0, 1e-12) << lower << " " << upper;
  }
}

TEST(TruncatedNormal, AnIntervalWithoutRoomHasNoProbability) {
  EXPECT_EQ(log_normal_interval(kInfinity, kInfinity), -kInfinity);
  EXPECT_EQ(log_normal_interval(-kInfinity, -kInfinity), -kInfinity);
  EXPECT_EQ(log_normal_interval(1.0, 1.0), -kInfinity);
  EXPECT_EQ(log_normal_interval(-kInfinity, 1e300), 0.0);
}

TEST(TruncatedNormal, FarTailsAreThoseOfTheNormalLaw) {
  for (const double x : {10.0, 40.0, 1e4}) {
    EXPECT_DOUBLE_EQ(log_normal_interval(x, kInfinity), log_normal_cdf(-x));
    EXPECT_DOUBLE_EQ(log_normal_interval(-kInfinity, -x), log_normal_cdf(-x));
  }
}

TEST(TruncatedNormal, MeanAndVarianceAreThoseOfTheDensity) {
  constexpr double kSolver = 1e-6;
  for (const auto& [lower, upper] : kIntervals) {
    const NormalInterval found = normal_interval(lower, upper);
    const double mean = moment(lower, upper, 0.0, 1);
    EXPECT_NEAR(found.mean, mean, kSolver * std::max(1.0, std::abs(mean))) << lower << " " << upper;
    EXPECT_NEAR(found.variance_less_one, moment(lower, upper, mean, 2) - 1.0, 1e-4) << lower << " " << upper;
  }
}

// Means of 20,000 draws lie within five standard errors: a false alarm in 100,000 for the 12 intervals together.
TEST(TruncatedNormal, DrawsLieWithinAndHaveTheMeanAndTheVariance) {
  constexpr int kDraws = 20'000;
  constexpr double kErrors = 5.0;
  for (const auto& [lower, upper] : kIntervals) {
    CounterStream stream(Key{3}, StreamPurpose::kScenarioRows, 0);
    const double mean = moment(lower, upper, 0.0, 1);
    const double variance = moment(lower, upper, mean, 2);
    const double fourth = moment(lower, upper, mean, 4);
    double sum = 0.0;
    double squares = 0.0;
    for (int i = 0; i < kDraws; ++i) {
      const double z = draw_normal_within(stream, lower, upper);
      ASSERT_GE(z, lower);
      ASSERT_LE(z, upper);
      sum += z - mean;
      squares += (z - mean) * (z - mean);
    }
    EXPECT_LE(std::abs(sum / kDraws), kErrors * std::sqrt(variance / kDraws)) << lower << " " << upper;
    EXPECT_LE(std::abs(squares / kDraws - variance), kErrors * std::sqrt((fourth - variance * variance) / kDraws))
        << lower << " " << upper;
  }
}

}  // namespace
}  // namespace varimix::tests
