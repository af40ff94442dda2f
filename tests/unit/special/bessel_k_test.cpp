#include "varimix/special/bessel_k.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "support/close.hpp"
#include "support/integrate.hpp"
#include "varimix/special/log_normal_cdf.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(BesselK, IsElementaryAtHalfIntegerOrders) {
  for (const double z : {1e-9, 1e-4, 0.3, 2.0, 50.0, 1e4, 1e9}) {
    const BesselK half = bessel_k(0.5, z);
    EXPECT_LE(logarithm_error(half.log_scaled, 0.5 * std::log(std::numbers::pi / (2.0 * z))), kBesselKRelativeError);
    EXPECT_LE(relative_error(half.ratio_minus, 1.0), kBesselKRelativeError) << z;
    EXPECT_LE(relative_error(half.ratio_plus, 1.0 + 1.0 / z), kBesselKRelativeError) << z;
    const BesselK three_halves = bessel_k(1.5, z);
    EXPECT_LE(relative_error(three_halves.ratio_minus, z / (1.0 + z)), kBesselKRelativeError) << z;
    EXPECT_LE(relative_error(three_halves.ratio_plus, z / (1.0 + z) + 3.0 / z), kBesselKRelativeError) << z;
  }
}

TEST(BesselK, IsEvenInTheOrder) {
  for (const double nu : {0.2, 1.0, 3.7, 250.0}) {
    for (const double z : {1e-30, 1e-5, 2.0, 700.0, 1e9}) {
      const BesselK plus = bessel_k(nu, z);
      const BesselK minus = bessel_k(-nu, z);
      EXPECT_EQ(plus.log_scaled, minus.log_scaled);
      EXPECT_EQ(plus.dlog_dnu, -minus.dlog_dnu);
      EXPECT_EQ(plus.ratio_plus, minus.ratio_minus);
      EXPECT_EQ(plus.ratio_minus, minus.ratio_plus);
    }
  }
}

TEST(BesselK, DerivativeIsThatOfTheValue) {
  constexpr double kStep = 1e-4;
  constexpr double kTruncation = 1e-6;  // of the central difference: kStep^2 times a third derivative
  for (const double nu : {-2.5, -0.4, 0.0, 0.7, 1.0, 6.0, 80.0}) {
    for (const double z : {1e-20, 1e-6, 0.5, 9.0, 300.0}) {
      const double difference = (log_bessel_k(nu + kStep, z) - log_bessel_k(nu - kStep, z)) / (2.0 * kStep);
      EXPECT_NEAR(bessel_k(nu, z).dlog_dnu, difference, kTruncation * std::max(1.0, std::abs(difference)))
          << nu << ", " << z;
    }
  }
}

TEST(BesselK, DoesNotOverflowWhereKDoes) {
  EXPECT_TRUE(std::isfinite(log_bessel_k(1e4, 1e-300)));
  EXPECT_TRUE(std::isfinite(log_bessel_k(1e4, 1e300)));
  EXPECT_LT(log_bessel_k(0.0, 1e300), -9e299);
  EXPECT_GT(log_bessel_k(1e4, 1e-300), 6.9e6);
}

TEST(BesselK, TakesItsLimitsAtZeroAndInfinity) {
  const BesselK at_zero = bessel_k(1.5, 0.0);
  EXPECT_EQ(at_zero.log_scaled, kInfinity);
  EXPECT_EQ(at_zero.ratio_minus, 0.0);
  EXPECT_EQ(at_zero.ratio_plus, kInfinity);
  EXPECT_EQ(at_zero.dlog_dnu, kInfinity);
  EXPECT_EQ(bessel_k(0.5, 0.0).ratio_minus, 1.0);
  EXPECT_EQ(bessel_k(0.0, 0.0).dlog_dnu, 0.0);
  EXPECT_EQ(bessel_k(-1.5, 0.0).ratio_plus, 0.0);
  EXPECT_EQ(bessel_k(-1.5, 0.0).dlog_dnu, -kInfinity);
  const BesselK at_infinity = bessel_k(3.0, kInfinity);
  EXPECT_EQ(at_infinity.ratio_minus, 1.0);
  EXPECT_EQ(at_infinity.ratio_plus, 1.0);
  EXPECT_EQ(at_infinity.dlog_dnu, 0.0);
  EXPECT_EQ(log_bessel_k(3.0, kInfinity), -kInfinity);
}

TEST(BesselK, NanInGivesNanOutAndNegativeArgumentsGiveNan) {
  for (const BesselK& k : {bessel_k(kNan, 1.0), bessel_k(1.0, kNan), bessel_k(1.0, -1.0)}) {
    EXPECT_TRUE(std::isnan(k.log_scaled));
    EXPECT_TRUE(std::isnan(k.ratio_minus));
    EXPECT_TRUE(std::isnan(k.ratio_plus));
    EXPECT_TRUE(std::isnan(k.dlog_dnu));
  }
  EXPECT_TRUE(std::isnan(log_bessel_k(kNan, 1.0)));
}

TEST(LogNormalCdf, TakesItsLimits) {
  EXPECT_EQ(log_normal_cdf(-kInfinity), -kInfinity);
  EXPECT_EQ(log_normal_cdf(kInfinity), 0.0);
  EXPECT_TRUE(std::isnan(log_normal_cdf(kNan)));
  EXPECT_EQ(log_normal_cdf(0.0), std::log(0.5));
  EXPECT_LT(log_normal_cdf(30.0), 0.0);  // not rounded to certainty
}

TEST(LogNormalCdf, IsMonotoneAcrossItsSeam) {
  double before = log_normal_cdf(-20.01);
  for (double u = -20.01; u < -19.99; u += 1e-5) {
    EXPECT_GE(log_normal_cdf(u), before) << u;
    before = log_normal_cdf(u);
  }
}

}  // namespace
}  // namespace varimix::tests
