#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/simd_targets.hpp"
#include "support/threads.hpp"
#include "support/univariate_laws.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/special/log_normal_cdf.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Returns points from one tail to the other.
std::vector<double> points_of(const UnivariateLaw& law) {
  std::vector<double> x;
  for (const double q : {1e-200, 1e-9, 1e-3, 0.2}) x.push_back(ppf(law, q));
  for (const double q : {0.4, 1e-2, 1e-6, 1e-150}) x.push_back(isf(law, q));
  return x;
}

TEST(UnivariateLaw, ItsTailsSumToOneAndMirrorEachOther) {
  for (const UnivariateLaw& law : some_laws()) {
    const UnivariateLaw mirrored{law.gig, -law.mu, -law.gamma, law.sigma};
    for (const double x : points_of(law)) {
      EXPECT_LE(std::abs(cdf(law, x) + sf(law, x) - 1.0), kTailRelativeError) << text_of(law, x);
      EXPECT_EQ(cdf(law, x), sf(mirrored, -x)) << text_of(law, x);
      EXPECT_EQ(log_cdf(law, x), log_sf(mirrored, -x)) << text_of(law, x);
    }
  }
}

TEST(UnivariateLaw, IsTheSameInEveryGauge) {
  for (const UnivariateLaw& law : some_laws()) {
    for (const double s : {0x1p-60, 0x1p10}) {  // powers of two with exact roots
      const UnivariateLaw other{
          {law.gig.p, law.gig.a / s, law.gig.b * s}, law.mu, law.gamma / s, law.sigma / std::sqrt(s)};
      for (const double x : points_of(law)) {
        EXPECT_LE(logarithm_error(log_cdf(other, x), log_cdf(law, x)), kTailRelativeError) << text_of(law, x);
      }
    }
  }
}

TEST(UnivariateLaw, TakesItsLimits) {
  for (const UnivariateLaw& law : some_laws()) {
    for (const double end : {kInfinity, -kInfinity}) {
      const bool is_right = end > 0.0;
      EXPECT_EQ(cdf(law, end), is_right ? 1.0 : 0.0);
      EXPECT_EQ(sf(law, end), is_right ? 0.0 : 1.0);
      EXPECT_EQ(log_cdf(law, end), is_right ? 0.0 : -kInfinity);
      EXPECT_EQ(log_sf(law, end), is_right ? -kInfinity : 0.0);
    }
    EXPECT_TRUE(std::isnan(cdf(law, kNan)) && std::isnan(sf(law, kNan)));
    EXPECT_TRUE(std::isnan(log_cdf(law, kNan)) && std::isnan(log_sf(law, kNan)));
    EXPECT_EQ(ppf(law, 0.0), -kInfinity);
    EXPECT_EQ(ppf(law, 1.0), kInfinity);
    EXPECT_EQ(isf(law, 0.0), kInfinity);
    EXPECT_EQ(isf(law, 1.0), -kInfinity);
    EXPECT_EQ(value_at_risk(law, 1.0), kInfinity);
    EXPECT_EQ(value_at_risk(law, 0.0), -kInfinity);
    EXPECT_EQ(expected_shortfall(law, 1.0), kInfinity);
  }
}

TEST(UnivariateLaw, FarTailsFallMonotonouslyAndAreNeverNan) {
  for (const UnivariateLaw& law : some_laws()) {
    double left = 0.0;
    double right = 0.0;
    for (double exponent = -10.0; exponent <= 308.0; exponent += 1.0) {
      const double x = std::pow(10.0, exponent);
      // Where two neighbours are a rounding away from 1 they may differ by that rounding.
      ASSERT_LE(log_cdf(law, law.mu - x), left + kTailRelativeError) << text_of(law, law.mu - x);
      ASSERT_LE(log_sf(law, law.mu + x), right + kTailRelativeError) << text_of(law, law.mu + x);
      left = log_cdf(law, law.mu - x);
      right = log_sf(law, law.mu + x);
    }
  }
}

TEST(UnivariateLaw, ThePowerLawOfAnInverseGammaGoesOnBeyondItsEdge) {
  const UnivariateLaw symmetric{{-0.6, 0.0, 1.2}, 0.0, 0.0, 1.0};
  const UnivariateLaw skewed{{-0.6, 0.0, 1.2}, 0.0, -2.0, 1.0};
  for (const double exponent : {95.0, 99.5, 101.0, 180.0}) {
    const double x = std::pow(10.0, exponent);
    const double decade = std::log(10.0);
    EXPECT_NEAR(log_cdf(symmetric, -10.0 * x) - log_cdf(symmetric, -x), -1.2 * decade, 1e-10) << exponent;
    EXPECT_NEAR(log_cdf(skewed, -10.0 * x) - log_cdf(skewed, -x), -0.6 * decade, 1e-10) << exponent;
    EXPECT_LT(log_sf(skewed, x), -x) << exponent << ": the other tail falls exponentially";
  }
}

TEST(UnivariateLaw, TailsOfAPowerLawSumToOneFarOut) {
  for (const double p : {-0.05, -0.6}) {
    for (const double gamma : {0.0, 0.5}) {
      const UnivariateLaw law{{p, 0.0, 1.0}, 0.0, gamma, 1.0};
      for (const double x : {1e3, 1e9, 1e20, 1e50}) {
        EXPECT_LE(std::abs(cdf(law, x) + sf(law, x) - 1.0), kTailRelativeError) << text_of(law, x);
        EXPECT_LE(std::abs(cdf(law, -x) + sf(law, -x) - 1.0), kTailRelativeError) << text_of(law, -x);
      }
    }
  }
}

/// Returns the results of all functions of spans, on the same points.
std::vector<double> everything_at(const UnivariateLaw& law, std::span<const double> x, std::span<const double> levels) {
  std::vector<double> all(4 * x.size() + 4 * levels.size());
  std::span<double> rest(all);
  const auto next = [&](std::size_t size) {
    const std::span<double> part = rest.first(size);
    rest = rest.subspan(size);
    return part;
  };
  cdf(law, x, next(x.size()));
  sf(law, x, next(x.size()));
  log_cdf(law, x, next(x.size()));
  log_sf(law, x, next(x.size()));
  ppf(law, levels, next(levels.size()));
  isf(law, levels, next(levels.size()));
  value_at_risk(law, levels, next(levels.size()));
  expected_shortfall(law, levels, next(levels.size()));
  return all;
}

TEST(UnivariateLaw, ResultsDoNotDependOnTheirSpanOnAnyTarget) {
  const UnivariateLaw law{{-0.5, 1.0, 1.0}, 0.5, 0.4, 1.5};
  std::vector<double> x, levels;
  for (int i = 0; i < 150; ++i) {
    x.push_back(0.3 * i - 20.0);
    levels.push_back((i + 0.5) / 150.0);
  }
  x[7] = kNan;
  x[9] = kInfinity;
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    std::vector<double> out(x.size()), reversed(x.rbegin(), x.rend()), tail(x.begin() + 3, x.end()),
        quantiles(x.size());
    cdf(law, x, out);
    ppf(law, levels, quantiles);
    cdf(law, reversed, reversed);  // in place
    cdf(law, tail, tail);
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (std::isnan(x[i])) continue;
      EXPECT_EQ(out[i], cdf(law, x[i]));
      EXPECT_EQ(out[i], reversed[x.size() - 1 - i]);
      if (i >= 3) {
        EXPECT_EQ(out[i], tail[i - 3]);
      }
      EXPECT_EQ(quantiles[i], ppf(law, levels[i]));
    }
  }
}

TEST(UnivariateLaw, ResultsDoNotDependOnThreads) {
  const UnivariateLaw law{{1.06, 2.0, 0.0}, 0.5, -0.4, 1.5};
  std::vector<double> x, levels;
  for (int i = 0; i < 1000; ++i) {
    x.push_back(0.05 * i - 25.0);
    levels.push_back((i + 0.5) / 1000.0);
  }
  const std::vector<double> all = everything_at(law, x, levels);
  const ThreadLimit one(1);
  EXPECT_EQ(all, everything_at(law, x, levels));
}

TEST(UnivariateLaw, AnEmptySpanIsNothing) {
  EXPECT_TRUE(everything_at({{-0.5, 1.0, 1.0}, 0.0, 0.0, 1.0}, {}, {}).empty());
}

TEST(UnivariateLaw, TendsToTheGaussian) {
  // With sqrt(ab) = 1e8 log f differs from the Gaussian's by the excess kurtosis 3e-8 times z^4/24.
  const UnivariateLaw law{{-0.5, 1e8, 1e8}, 2.0, 0.0, 3.0};
  for (const double z : {-5.0, -1.0, 0.0, 0.7, 3.0}) {
    EXPECT_NEAR(log_cdf(law, 2.0 + 3.0 * z), log_normal_cdf(z), 1e-6) << z;
  }
}

// From shapes of 1e30 on doubles do not resolve the spread of Y about its mode, which here is 1/3.
TEST(UnivariateLaw, IsTheGaussianWhereYSpreadsOverLessThanDoublesResolve) {
  constexpr double kY = 1.0 / 3.0;
  for (double shape = 1e28; shape < 1e300; shape *= 1e7) {
    for (const GigParameters& gig : {GigParameters{-0.5, shape / kY, shape * kY},
                                     {shape, 2.0 * shape / kY, 0.0},
                                     {-shape, 0.0, 2.0 * shape * kY},
                                     {0.5 * shape, 2.0 * shape / kY, shape * kY}}) {
      const UnivariateLaw law{gig, 2.0, 0.5, 3.0};
      const double y = gig.p > 0.0 && gig.b > 0.0 ? kY * (0.5 + std::sqrt(0.25 + 2.0)) / 2.0 : kY;
      for (const double z : {-30.0, -5.0, -1.0, 0.0, 0.7, 3.0}) {
        const double x = 2.0 + 0.5 * y + 3.0 * std::sqrt(y) * z;
        EXPECT_LE(logarithm_error(log_cdf(law, x), log_normal_cdf(z)), 1e-12) << text_of(law, x);
        EXPECT_NEAR(ppf(law, std::exp(log_normal_cdf(z))), x, 1e-12) << text_of(law, x);
      }
      constexpr double kShortfallOfHalf = 0.79788456080286535588;  // sqrt(2/pi)
      EXPECT_NEAR(expected_shortfall(law, 0.5), 3.0 * std::sqrt(y) * kShortfallOfHalf - 2.0 - 0.5 * y, 1e-12);
      const UnivariateLaw sharp{gig, 2.0, 1e40, 3.0};
      for (const double q : {1e-9, 0.5, 0.99}) EXPECT_LE(relative_error(ppf(sharp, q), 1e40 * y), 1e-12);
      EXPECT_LE(relative_error(expected_shortfall(sharp, 0.99), -1e40 * y), 1e-12);
    }
  }
}

TEST(UnivariateLaw, TendsToTheLawOfGammaYAsTheNormalPartShrinks) {
  // Y is exponential of rate 1, so that P(X <= x) = 1 - e^{-x/gamma} but for Z's share, of relative size
  // (sigma/gamma)^2.
  const UnivariateLaw law{{1.0, 2.0, 0.0}, 0.0, 1e9, 1.0};
  for (const double y : {1e-3, 0.1, 1.0, 5.0, 40.0, 600.0}) {
    EXPECT_LE(relative_error(cdf(law, 1e9 * y), -std::expm1(-y)), 1e-12) << y;
    EXPECT_LE(relative_error(sf(law, 1e9 * y), std::exp(-y)), 1e-11) << y;
  }
}

TEST(UnivariateLaw, VarIsTheQuantileOfTheLoss) {
  for (const UnivariateLaw& law : some_laws()) {
    for (const double level : {0.5, 0.9, 0.99, 0.999999}) EXPECT_EQ(value_at_risk(law, level), -ppf(law, 1.0 - level));
    EXPECT_EQ(value_at_risk(law, 0.1), -isf(law, 0.1));
  }
  EXPECT_GT(value_at_risk({{-0.5, 1.0, 1.0}, 0.0, 0.0, 1.0}, 0.99), 0.0);  // a loss is positive
}

TEST(UnivariateLaw, RefusesWhatIsNoLawAndNoProbability) {
  const UnivariateLaw good{{-0.5, 1.0, 1.0}, 0.0, 0.0, 1.0};
  const auto refusal = [](const UnivariateLaw& law) { return error_of([&] { (void)cdf(law, 0.0); }); };
  EXPECT_EQ(refusal({{-0.5, 1.0, 1.0}, 0.0, 0.0, 0.0}), "sigma must be finite and > 0, got 0");
  EXPECT_EQ(refusal({{-0.5, 1.0, 1.0}, kNan, 0.0, 1.0}), "mu must be finite, got nan");
  EXPECT_EQ(refusal({{-0.5, 1.0, 1.0}, 0.0, kInfinity, 1.0}), "gamma must be finite, got inf");
  EXPECT_EQ(refusal({{0.5, 0.0, 1.0}, 0.0, 0.0, 1.0}), "a must be finite and > 0, or 0 with p < 0, got 0");
  EXPECT_EQ(refusal({{-0.5, 1.0, 0.0}, 0.0, 0.0, 1.0}), "b must be finite and > 0, or 0 with p > 0, got 0");
  EXPECT_EQ(refusal({{kNan, 1.0, 1.0}, 0.0, 0.0, 1.0}), "p must be finite, got nan");
  for (const double q : {-0.1, 1.5, kNan}) {
    EXPECT_NE(error_of([&] { (void)ppf(good, q); }).find("q must be in [0, 1], got"), std::string::npos);
    EXPECT_NE(error_of([&] { (void)isf(good, q); }).find("q must be in [0, 1], got"), std::string::npos);
    EXPECT_NE(error_of([&] { (void)value_at_risk(good, q); }).find("level must be in [0, 1], got"), std::string::npos);
  }
  EXPECT_EQ(error_of([&] { (void)expected_shortfall(good, 0.0); }), "level must be in (0, 1], got 0");
  std::vector<double> x(3), out(2, 7.0);
  EXPECT_EQ(error_of([&] { cdf(good, x, out); }), "the size of out must be that of the arguments, got 2");
  EXPECT_EQ(out, std::vector<double>(2, 7.0));
}

}  // namespace
}  // namespace varimix::tests
