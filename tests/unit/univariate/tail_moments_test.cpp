#include "univariate/tail_moments.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "support/close.hpp"
#include "support/univariate_laws.hpp"
#include "univariate/tail_integral.hpp"
#include "varimix/univariate/tail_risk.hpp"

namespace varimix::tests {
namespace {

constexpr double kTolerance = 1e-12;
constexpr double kAlphas[] = {1e-12, 1e-6, 0.01, 0.3, 0.8, 0.999999};

TEST(TailMoments, TheExcessIsThatOfItsOwnIntegral) {
  Worst worst("mean excess");
  for (const UnivariateLaw& law : some_laws()) {
    const PreparedLaw prepared(law);
    for (const double alpha : kAlphas) {
      const double q = ppf(law, alpha);
      const double expected = prepared.mean_excess(q, Tail::kLower);
      const double actual = tail_moments(law, q).excess;
      worst.add(relative_error(actual, expected), actual, expected, [&] { return text_of(law, q); });
    }
  }
  EXPECT_TRUE(worst.within(kTolerance));
}

// E[X | X <= q] = mu + gamma E[Y | X <= q] + sigma E[sqrt(Y) Z | X <= q].
TEST(TailMoments, ThePartsOfTheMeanSumToIt) {
  Worst worst("sum of the parts");
  for (const UnivariateLaw& law : some_laws()) {
    for (const double alpha : kAlphas) {
      const double q = ppf(law, alpha);
      const TailMoments tail = tail_moments(law, q);
      if (!std::isfinite(tail.excess)) continue;
      const double from_y = law.gamma == 0.0 ? 0.0 : law.gamma * tail.y;
      const double from_z = law.sigma * tail.minus_root;
      const double mean = q - law.mu - tail.excess;
      const double scale = std::abs(from_y) + from_z + std::abs(q - law.mu);
      worst.add(error_in(scale, from_y - from_z, mean), from_y - from_z, mean, [&] { return text_of(law, q); });
    }
  }
  EXPECT_TRUE(worst.within(kTolerance));
}

TEST(TailMoments, AreInfiniteExactlyWhereTheyDoNotExist) {
  const auto of_skewed_t = [](double alpha, double gamma) {
    const UnivariateLaw law{{-alpha, 0.0, 2.0}, 0.0, gamma, 1.0};
    return tail_moments(law, ppf(law, 0.05));
  };
  EXPECT_TRUE(std::isinf(of_skewed_t(1.0, -0.5).excess));
  EXPECT_TRUE(std::isfinite(of_skewed_t(1.01, -0.5).excess));
  EXPECT_TRUE(std::isinf(of_skewed_t(0.5, 0.0).excess));
  EXPECT_TRUE(std::isfinite(of_skewed_t(0.51, 0.0).excess));
  EXPECT_TRUE(std::isinf(of_skewed_t(0.51, 0.0).y));
  EXPECT_TRUE(std::isfinite(of_skewed_t(0.1, 0.5).excess));
  EXPECT_TRUE(std::isfinite(of_skewed_t(0.1, 0.5).y));
}

TEST(TailMoments, HeavyTailsCloseGeometrically) {
  const UnivariateLaw law{{-0.55, 0.0, 1.0}, 0.0, 0.0, 1.0};
  EXPECT_LE(tail_moments(law, ppf(law, 1e-6)).nodes, 1000U);
}

TEST(TailRisk, IsThatOfTheLevelWhereOneMinusAlphaIsExact) {
  for (const UnivariateLaw& law : some_laws()) {
    for (const double alpha : {0x1p-40, 0.0625, 0.5, 0.75}) {
      const double scale = std::max(std::abs(tail_value_at_risk(law, alpha) - law.mu), law.sigma);
      EXPECT_LE(error_in(scale, tail_value_at_risk(law, alpha), value_at_risk(law, 1.0 - alpha)), kTolerance);
      const double actual = tail_expected_shortfall(law, alpha);
      const double expected = expected_shortfall(law, 1.0 - alpha);
      EXPECT_LE(error_in(std::max(std::abs(expected), scale), actual, expected), kTolerance)
          << text_of(law, alpha) << " " << actual << " for " << expected;
    }
  }
}

TEST(TailRisk, TakesItsLimitsAndRefusesTheRest) {
  const UnivariateLaw law = some_laws().front();
  EXPECT_EQ(tail_value_at_risk(law, 0.0), std::numeric_limits<double>::infinity());
  EXPECT_EQ(tail_value_at_risk(law, 1.0), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(tail_expected_shortfall(law, 0.0), std::numeric_limits<double>::infinity());
  EXPECT_EQ(error_of([&] { (void)tail_value_at_risk(law, -0.1); }), "alpha must be in [0, 1], got -0.1");
  EXPECT_EQ(error_of([&] { (void)tail_expected_shortfall(law, 1.0); }), "alpha must be in [0, 1), got 1");
}

}  // namespace
}  // namespace varimix::tests
