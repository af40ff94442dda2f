#include "varimix/special/bessel_k.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "support/close.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kSmallestNormal = std::numeric_limits<double>::min();
constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kLargestOrder = 1e150;  // as documented

TEST(BesselK, IsElementaryAtHalfIntegerOrders) {
  for (const double z : {1e-9, 1e-4, 0.3, 2.0, 50.0, 1e4, 1e9}) {
    const double log_scaled = 0.5 * std::log(std::numbers::pi / (2.0 * z));
    const BesselK half = bessel_k(0.5, z);
    EXPECT_LE(logarithm_error(half.log_scaled, log_scaled), kBesselKRelativeError);
    EXPECT_LE(relative_error(half.ratio_minus, 1.0), kBesselKRelativeError) << z;
    EXPECT_LE(relative_error(half.ratio_plus, 1.0 + 1.0 / z), kBesselKRelativeError) << z;
    const BesselK three_halves = bessel_k(1.5, z);
    EXPECT_LE(logarithm_error(three_halves.log_scaled, log_scaled + std::log1p(1.0 / z)), kBesselKRelativeError);
    EXPECT_LE(relative_error(three_halves.ratio_minus, z / (1.0 + z)), kBesselKRelativeError) << z;
    EXPECT_LE(relative_error(three_halves.ratio_plus, z / (1.0 + z) + 3.0 / z), kBesselKRelativeError) << z;
    const BesselK five_halves = bessel_k(2.5, z);
    const double polynomial = 1.0 + 3.0 / z + 3.0 / (z * z);
    EXPECT_LE(logarithm_error(five_halves.log_scaled, log_scaled + std::log(polynomial)), kBesselKRelativeError);
    EXPECT_LE(relative_error(five_halves.ratio_minus, (1.0 + 1.0 / z) / polynomial), kBesselKRelativeError) << z;
  }
}

TEST(BesselK, DerivativeIsThatOfTheValue) {
  constexpr double kStep = 1e-4;
  constexpr double kTruncation = 1e-6;  // the central difference's: kStep^2 times a third derivative
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
  EXPECT_EQ(at_zero.log_k, kInfinity);
  EXPECT_EQ(at_zero.log_scaled, kInfinity);
  EXPECT_EQ(at_zero.ratio_minus, 0.0);
  EXPECT_EQ(at_zero.ratio_plus, kInfinity);
  EXPECT_EQ(at_zero.dlog_dnu, kInfinity);
  EXPECT_EQ(bessel_k(0.5, 0.0).ratio_minus, 1.0);
  EXPECT_EQ(bessel_k(0.4, 0.0).ratio_minus, kInfinity);
  EXPECT_EQ(bessel_k(0.0, 0.0).dlog_dnu, 0.0);
  EXPECT_EQ(bessel_k(0.0, 0.0).ratio_minus, kInfinity);
  EXPECT_EQ(bessel_k(-1.5, 0.0).ratio_plus, 0.0);
  EXPECT_EQ(bessel_k(-1.5, 0.0).dlog_dnu, -kInfinity);
  for (const double nu : {-1e4, -3.0, 0.0, 0.5, 3.0, 1e4}) {
    const BesselK at_infinity = bessel_k(nu, kInfinity);
    EXPECT_EQ(at_infinity.log_k, -kInfinity) << nu;
    EXPECT_EQ(at_infinity.log_scaled, -kInfinity) << nu;
    EXPECT_EQ(at_infinity.ratio_minus, 1.0) << nu;
    EXPECT_EQ(at_infinity.ratio_plus, 1.0) << nu;
    EXPECT_EQ(at_infinity.dlog_dnu, 0.0) << nu;
    EXPECT_EQ(log_bessel_k(nu, kInfinity), -kInfinity) << nu;
  }
}

bool same_bits(const BesselK& a, const BesselK& b) {
  const auto same = [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y) || (std::isnan(x) && std::isnan(y));
  };
  return same(a.log_k, b.log_k) && same(a.log_scaled, b.log_scaled) && same(a.ratio_minus, b.ratio_minus) &&
         same(a.ratio_plus, b.ratio_plus) && same(a.dlog_dnu, b.dlog_dnu);
}

// A subnormal argument counts as 0, because some processors take it for 0 in vectors.
TEST(BesselK, TakesSubnormalAndNegativeZeroArgumentsForZero) {
  for (const double nu : {-1e4, -2.0, -0.5, 0.0, 0.3, 0.5, 1.0, 1e4}) {
    for (const double z : {-0.0, 5e-324, 1e-310, std::nextafter(kSmallestNormal, 0.0)}) {
      EXPECT_TRUE(same_bits(bessel_k(nu, z), bessel_k(nu, 0.0))) << nu << ", " << z;
    }
  }
}

TEST(BesselK, HasTheLeadingTermsAtTheSmallestAndTheLargestArgument) {
  const double log_half = std::log(0.5 * kSmallestNormal);
  EXPECT_LE(logarithm_error(log_bessel_k(1.0, kSmallestNormal), -log_half - std::numbers::ln2), kBesselKRelativeError);
  EXPECT_LE(logarithm_error(log_bessel_k(1e4, kSmallestNormal), std::lgamma(1e4) - 1e4 * log_half - std::numbers::ln2),
            kBesselKRelativeError);
  const BesselK zeroth = bessel_k(0.0, kSmallestNormal);
  EXPECT_LE(logarithm_error(zeroth.log_k, std::log(-log_half - std::numbers::egamma)), kBesselKRelativeError);
  EXPECT_EQ(zeroth.ratio_minus, zeroth.ratio_plus);
  for (const double nu : {0.0, 1.0, -1e4}) {
    const BesselK far = bessel_k(nu, kLargest);
    EXPECT_EQ(far.log_k, -kLargest) << nu;
    EXPECT_LE(relative_error(far.log_scaled, 0.5 * (std::log(0.5 * std::numbers::pi) - std::log(kLargest))),
              kBesselKRelativeError);
    EXPECT_EQ(far.ratio_minus, 1.0) << nu;
    EXPECT_EQ(far.ratio_plus, 1.0) << nu;
  }
}

TEST(BesselK, NanInGivesNanOutAndNegativeArgumentsGiveNan) {
  for (const BesselK& k : {bessel_k(kNan, 1.0), bessel_k(1.0, kNan), bessel_k(kNan, 0.0), bessel_k(kNan, kInfinity),
                           bessel_k(1.0, -1.0), bessel_k(0.0, -kInfinity), bessel_k(1.0, -kSmallestNormal)}) {
    EXPECT_TRUE(std::isnan(k.log_k));
    EXPECT_TRUE(std::isnan(k.log_scaled));
    EXPECT_TRUE(std::isnan(k.ratio_minus));
    EXPECT_TRUE(std::isnan(k.ratio_plus));
    EXPECT_TRUE(std::isnan(k.dlog_dnu));
  }
  EXPECT_TRUE(std::isnan(log_bessel_k(kNan, 1.0)));
  EXPECT_TRUE(std::isnan(log_bessel_k(2.0, -1.0)));
}

/// Returns corner cases, 0 and infinity among them, and finite positive numbers of any bit pattern.
std::vector<double> hostile_sizes(std::size_t n, std::uint64_t seed) {
  std::vector<double> all = {0.0,  5e-324, kSmallestNormal, 0.5,      1.0,      1.5, 2.0, 39.9,
                             40.0, 1e4,    1e150,           kLargest, kInfinity};
  std::mt19937_64 random(seed);
  while (all.size() < n) {
    const double x = std::abs(std::bit_cast<double>(random()));
    if (std::isfinite(x)) all.push_back(x);
  }
  return all;
}

TEST(BesselK, IsANumberAtEveryHostilePointAndSoInArrays) {
  const std::vector<double> z = hostile_sizes(400, 1);
  const std::size_t n = z.size();
  for (const double size : hostile_sizes(300, 2)) {
    if (size > kLargestOrder && std::isfinite(size)) continue;
    for (const double nu : {size, -size}) {
      std::vector<double> log_k(n), log_scaled(n), minus(n), plus(n), slope(n);
      bessel_k(nu, z, {log_k.data(), log_scaled.data(), minus.data(), plus.data(), slope.data()});
      for (std::size_t i = 0; i < n; ++i) {
        const BesselK k = bessel_k(nu, z[i]);
        for (const double value : {k.log_k, k.log_scaled, k.ratio_minus, k.ratio_plus, k.dlog_dnu}) {
          ASSERT_FALSE(std::isnan(value)) << nu << ", " << z[i];
        }
        ASSERT_TRUE(k.ratio_minus >= 0.0 && k.ratio_plus >= 0.0) << nu << ", " << z[i];
        ASSERT_TRUE(same_bits(k, {log_k[i], log_scaled[i], minus[i], plus[i], slope[i]})) << nu << ", " << z[i];
      }
    }
  }
}

TEST(BesselK, IsNaNBeyondTheLargestOrder) {
  for (const double nu : {1.1 * kLargestOrder, -kLargest}) {
    EXPECT_TRUE(std::isnan(bessel_k(nu, 1.0).log_k)) << nu;
    EXPECT_TRUE(std::isnan(bessel_k_second_order(nu, 1.0).derivatives.d2log_dnu2)) << nu;
  }
  EXPECT_FALSE(std::isnan(bessel_k(kLargestOrder, 1.0).log_k));
}

/// Orders and arguments in such an order that the methods alternate.
struct Rows {
  std::vector<double> nu, z;

  explicit Rows(std::size_t n) {
    std::mt19937_64 random(n + 1);
    std::uniform_real_distribution<double> exponent(-4.0, 4.0);
    std::uniform_real_distribution<double> order(-50.0, 50.0);
    for (std::size_t i = 0; i < n; ++i) {
      nu.push_back(i % 3 == 0 ? order(random) : 0.1 * order(random));
      z.push_back(i % 50 == 49 ? -1.0 : std::pow(10.0, exponent(random)));
    }
  }
};

TEST(BesselK, ArraysOfEverySizeHaveTheBitsOfThePoint) {
  for (const std::size_t n : {0U, 1U, 2U, 3U, 7U, 8U, 9U, 255U, 256U, 257U, 1000U}) {
    const Rows rows(n);
    std::vector<double> log_k(n), log_scaled(n), minus(n), plus(n), slope(n);
    const BesselKArrays out{log_k.data(), log_scaled.data(), minus.data(), plus.data(), slope.data()};
    const auto row = [&](std::size_t i) { return BesselK{log_k[i], log_scaled[i], minus[i], plus[i], slope[i]}; };
    bessel_k(rows.nu, rows.z, out);
    for (std::size_t i = 0; i < n; ++i) EXPECT_TRUE(same_bits(row(i), bessel_k(rows.nu[i], rows.z[i]))) << i;
    bessel_k(0.7, rows.z, out);
    for (std::size_t i = 0; i < n; ++i) EXPECT_TRUE(same_bits(row(i), bessel_k(0.7, rows.z[i]))) << i;
  }
}

TEST(BesselK, ArraysLeaveOutWhatIsNotWanted) {
  const Rows rows(300);
  const std::size_t n = rows.z.size();
  std::vector<double> result(n);
  for (double* BesselKArrays::*wanted : {&BesselKArrays::log_k, &BesselKArrays::log_scaled, &BesselKArrays::ratio_minus,
                                         &BesselKArrays::ratio_plus, &BesselKArrays::dlog_dnu}) {
    std::vector<double> all(5 * n);
    BesselKArrays out{&all[0], &all[n], &all[2 * n], &all[3 * n], &all[4 * n]};
    bessel_k(rows.nu, rows.z, out);
    const double* full = out.*wanted;
    BesselKArrays alone;
    alone.*wanted = result.data();
    bessel_k(rows.nu, rows.z, alone);
    for (std::size_t i = 0; i < n; ++i) ASSERT_TRUE(result[i] == full[i] || std::isnan(full[i])) << i;
  }
  EXPECT_NO_THROW(bessel_k(rows.nu, rows.z, {}));
}

TEST(BesselK, ResultsMayOverwriteTheArguments) {
  const Rows rows(700);
  Rows both = rows;
  bessel_k(both.nu, both.z, {.ratio_plus = both.nu.data(), .dlog_dnu = both.z.data()});
  Rows one = rows;
  bessel_k(-0.5, one.z, {.log_k = one.z.data()});
  for (std::size_t i = 0; i < rows.z.size(); ++i) {
    const BesselK k = bessel_k(rows.nu[i], rows.z[i]);
    if (std::isnan(k.log_k)) continue;
    ASSERT_EQ(both.nu[i], k.ratio_plus) << i;
    ASSERT_EQ(both.z[i], k.dlog_dnu) << i;
    ASSERT_EQ(one.z[i], log_bessel_k(-0.5, rows.z[i])) << i;
  }
}

TEST(BesselK, ArraysOfUnequalSizesAreNamedAndNothingIsWritten) {
  const std::vector<double> nu(3, 1.0), z(4, 1.0);
  std::vector<double> result(4, -7.0);
  const std::string message = error_of([&] { bessel_k(nu, z, {.log_k = result.data()}); });
  EXPECT_TRUE(message.starts_with("nu must be") && message.ends_with("got 3")) << message;
  EXPECT_EQ(result, std::vector<double>(4, -7.0));
}

}  // namespace
}  // namespace varimix::tests
