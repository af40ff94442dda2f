#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/close.hpp"
#include "support/integrate.hpp"
#include "support/univariate_laws.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/special/log_normal_cdf.hpp"
#include "varimix/univariate/univariate_law.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(ExpectedShortfall, IsTheMeanOfTheLossesBeyondVar) {
  for (const GigParameters& gig :
       {GigParameters{-0.5, 1.0, 1.0}, {1.06, 2.0, 0.0}, {200.0, 400.0, 0.0}, {-1.5, 0.0, 3.0}, {0.3, 0.6, 0.0}}) {
    for (const double gamma : {0.0, 0.7, -2.0}) {
      const UnivariateLaw law{gig, 0.3, gamma, 1.2};
      for (const double level : {0.3, 0.9, 0.99}) {
        const double q = -value_at_risk(law, level);
        // The density of Y up to its constant, which the second integral gives.
        const auto weight = [&](double y) {
          return std::exp((gig.p - 1.0) * std::log(y) - 0.5 * (gig.a * (y - 1.0) + gig.b * (1.0 / y - 1.0)));
        };
        const auto below = [&](double y) {
          const double deviation = law.sigma * std::sqrt(y), mean = law.mu + gamma * y, u = (q - mean) / deviation;
          return mean * std::exp(log_normal_cdf(u)) - deviation * std::exp(-0.5 * (u * u + kLogTwoPi));
        };
        const auto integral = [](auto&& f) {
          constexpr int kFine = 20'000;  // some of these laws are narrow
          return integrate_positive(f, -120.0, 60.0, kFine);
        };
        const double mean = integral([&](double y) { return weight(y) * below(y); }) / integral(weight);
        EXPECT_TRUE(is_close(expected_shortfall(law, level), -mean / cdf(law, q), kShortfallRelativeError))
            << text_of(law, q);
      }
    }
  }
}

TEST(ExpectedShortfall, IsTheMeanOfVarOverTheLevelsBeyond) {
  const UnivariateLaw law{{2.0, 1.5, 0.7}, 0.0, -0.5, 1.0};
  constexpr double kLevel = 0.95;
  // It is the integral of value_at_risk(1 - q) / tail over q from 0 to tail = 1 - kLevel, with q = tail e^{-t}.
  const double mean = integrate_positive(
      [&](double t) { return std::exp(-t) * -ppf(law, (1.0 - kLevel) * std::exp(-t)); }, -30.0, 5.0, 600);
  EXPECT_TRUE(is_close(expected_shortfall(law, kLevel), mean, 1e-9));
}

TEST(ExpectedShortfall, OfGammaYAloneIsThatOfY) {
  // X = gamma Y but for Z's share of 1e-18, with Y exponential of rate 1. Y is memoryless, so that the mean of the loss
  // beyond its quantile is |gamma| more than the quantile.
  const UnivariateLaw law{{1.0, 2.0, 0.0}, 0.0, -1e9, 1.0};
  for (const double level : {0.1, 0.9, 0.999999}) {
    EXPECT_TRUE(is_close(expected_shortfall(law, level), 1e9 * (1.0 - std::log1p(-level)), 1e-11)) << level;
  }
}

TEST(ExpectedShortfall, TendsToMinusTheMeanAsTheLevelFalls) {
  const UnivariateLaw skewed_t{GigParameters{-2.0, 0.0, 4.0}, 0.0, 0.1, 1.0};  // E[X] = 0.1 E[Y] = 0.2
  const UnivariateLaw t_of_three{GigParameters{-1.5, 0.0, 3.0}, 0.5, 0.0, 1.0};
  for (const double level : {1e-12, 1e-14, 1e-30, 1e-50, 1e-100, 1e-300}) {
    EXPECT_NEAR(expected_shortfall(skewed_t, level), -0.2, 1e-6) << level;
    EXPECT_NEAR(expected_shortfall(t_of_three, level), -0.5, 1e-7) << level;
  }
  EXPECT_EQ(expected_shortfall(UnivariateLaw{GigParameters{-0.4, 0.0, 0.8}, 0.0, 0.0, 1.0}, 1e-300), kInfinity);
  for (const UnivariateLaw& law : {skewed_t, t_of_three}) {
    EXPECT_TRUE(is_close(expected_shortfall(law, std::nextafter(0.5, 0.0)), expected_shortfall(law, 0.5), 1e-12));
  }
}

TEST(ExpectedShortfall, IsInfiniteExactlyWhereTheMeanDoesNotExist) {
  const auto shortfall = [](double p, double gamma) {
    return expected_shortfall({{p, 0.0, 1.0}, 0.0, gamma, 1.0}, 0.99);
  };
  EXPECT_EQ(shortfall(-1.0, -0.1), kInfinity);
  EXPECT_EQ(shortfall(-0.5, 0.0), kInfinity);
  EXPECT_LT(shortfall(-1.001, -0.1), kInfinity);
  EXPECT_LT(shortfall(-0.501, 0.0), kInfinity);
  EXPECT_LT(shortfall(-0.3, 0.1), kInfinity);  // the heavy tail is on the other side
}

TEST(ExpectedShortfall, IsFiniteAndBeyondVarForAllLaws) {
  for (const UnivariateLaw& law : some_laws()) {
    for (const double level : {1e-3, 0.5, 0.99, 1.0 - 0x1p-50}) {
      const double shortfall = expected_shortfall(law, level);
      EXPECT_GT(shortfall, value_at_risk(law, level)) << text_of(law, level);
      const bool exists =
          law.gig.a > 0.0 || law.gamma > 0.0 || law.gig.p < -1.0 || (law.gamma == 0.0 && law.gig.p < -0.5);
      EXPECT_EQ(std::isfinite(shortfall), exists) << text_of(law, level);
    }
  }
}

}  // namespace
}  // namespace varimix::tests
