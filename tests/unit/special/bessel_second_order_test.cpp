#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <sstream>
#include <string>

#include "support/close.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kLargestOrder = 1e4;

std::string place(double nu, double z) {
  std::ostringstream text;
  text.precision(17);
  text << "nu = " << nu << ", z = " << z;
  return text.str();
}

/// Returns whether two results are the same, with NaN, which has a test of its own, the same as NaN.
bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// Calls visit(nu, z) for orders of either sign, dense near 0, also rounded to halves, and arguments from 10^low to
/// 10^high.
template <class Visit>
void for_each_on_grid(double low, double high, Visit&& visit) {
  constexpr int kOrders = 60;
  constexpr int kArguments = 240;
  const double reach = std::asinh(10.0 * kLargestOrder);
  for (int i = -kOrders; i <= kOrders; ++i) {
    const double spread = 0.1 * std::sinh(reach * i / kOrders);
    const double any = std::clamp(spread, -kLargestOrder, kLargestOrder);
    for (const double nu : {any, std::clamp(std::round(2.0 * any) / 2.0, -kLargestOrder, kLargestOrder)}) {
      for (int j = 0; j <= kArguments; ++j) visit(nu, std::pow(10.0, low + (high - low) * j / kArguments));
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

/// Returns the derivative of f at 0 by central differences, extrapolated twice: the error is of order h^6.
template <class F>
double derivative(double h, F&& f) {
  const auto difference = [&](double step) { return (f(step) - f(-step)) / (2.0 * step); };
  const double d1 = difference(h);
  const double d2 = difference(0.5 * h);
  const double d4 = difference(0.25 * h);
  return (64.0 * d4 - 20.0 * d2 + d1) / 45.0;
}

TEST(BesselKSecondOrder, ValueIsThatOfThePoint) {
  for_each_on_grid(-300.0, 300.0, [](double nu, double z) {
    const BesselK k = bessel_k(nu, z);
    const BesselK value = bessel_k_second_order(nu, z).value;
    ASSERT_LE(logarithm_error(value.log_k, k.log_k), kBesselKRelativeError) << place(nu, z);
    ASSERT_LE(logarithm_error(value.log_scaled, k.log_scaled), kBesselKRelativeError) << place(nu, z);
    ASSERT_LE(relative_error(value.ratio_minus, k.ratio_minus), kBesselKRelativeError) << place(nu, z);
    ASSERT_LE(relative_error(value.ratio_plus, k.ratio_plus), kBesselKRelativeError) << place(nu, z);
    ASSERT_LE(logarithm_error(value.dlog_dnu, k.dlog_dnu), kBesselKRelativeError) << place(nu, z);
  });
}

TEST(BesselKSecondOrder, IsEvenInTheOrderBitForBit) {
  for_each_on_grid(-300.0, 300.0, [](double nu, double z) {
    if (nu == 0.0) return;  // at 0 dR+/dnu and -dR-/dnu are one number, but from two formulas
    const auto [plus, d_plus] = bessel_k_second_order(nu, z);
    const auto [minus, d_minus] = bessel_k_second_order(-nu, z);
    ASSERT_TRUE(same(minus.log_k, plus.log_k)) << place(nu, z);
    ASSERT_TRUE(same(minus.log_scaled, plus.log_scaled)) << place(nu, z);
    ASSERT_TRUE(same(minus.ratio_plus, plus.ratio_minus)) << place(nu, z);
    ASSERT_TRUE(same(minus.ratio_minus, plus.ratio_plus)) << place(nu, z);
    ASSERT_TRUE(same(minus.dlog_dnu, -plus.dlog_dnu)) << place(nu, z);
    ASSERT_TRUE(same(d_minus.d2log_dnu2, d_plus.d2log_dnu2)) << place(nu, z);
    ASSERT_TRUE(same(d_minus.dratio_plus_dnu, -d_plus.dratio_minus_dnu)) << place(nu, z);
    ASSERT_TRUE(same(d_minus.dratio_minus_dnu, -d_plus.dratio_plus_dnu)) << place(nu, z);
    ASSERT_TRUE(same(d_minus.dratio_plus_dz, d_plus.dratio_minus_dz)) << place(nu, z);
    ASSERT_TRUE(same(d_minus.dratio_minus_dz, d_plus.dratio_plus_dz)) << place(nu, z);
  });
}

TEST(BesselKSecondOrder, DerivativesInTheOrderHaveTheirSignsAndTheRecurrence) {
  for_each_on_grid(-290.0, 290.0, [](double nu, double z) {
    const BesselKDerivatives d = bessel_k_second_order(nu, z).derivatives;
    ASSERT_GT(d.d2log_dnu2, 0.0) << place(nu, z);
    ASSERT_LE(d.dratio_minus_dnu, 0.0) << place(nu, z);  // it is 0 where it would be subnormal
    ASSERT_GE(d.dratio_plus_dnu, 0.0) << place(nu, z);
    const double scale = std::max(d.dratio_plus_dnu, -d.dratio_minus_dnu);
    ASSERT_LE(error_in(scale, d.dratio_minus_dnu + 2.0 / z, d.dratio_plus_dnu), 2.0 * kBesselKDerivativeError)
        << place(nu, z);
  });
}

/// Returns about the distance from nu to the nearest zero of K in the complex plane of the order.
double distance_to_zero(double nu, double z) {
  return std::max(std::hypot(nu, z), 1.0 / (1.0 + std::abs(std::log(z))));
}

TEST(BesselKSecondOrder, DerivativesInTheOrderAreThoseOfTheValues) {
  constexpr double kTolerance = 1e-9;  // the truncation of the differences
  Worst slope("d2/dnu2 log K"), minus("d/dnu log R-"), plus("d/dnu log R+");
  for_each_on_grid(-30.0, 8.0, [&](double nu, double z) {
    const double radius =
        std::min({distance_to_zero(nu, z), distance_to_zero(nu - 1.0, z), distance_to_zero(nu + 1.0, z)});
    const double h = 0.05 * radius;
    if (std::abs(nu) + h > kLargestOrder) return;
    const auto where = [&] { return place(nu, z); };
    const auto [value, d] = bessel_k_second_order(nu, z);
    const double d2 = derivative(h, [&](double t) { return bessel_k(nu + t, z).dlog_dnu; });
    const double scale = std::max(1.0, std::abs(value.dlog_dnu));  // in which dlog_dnu's accuracy is promised
    slope.add(error_in(std::max(d2, 1e-4 * scale / radius), d.d2log_dnu2, d2), d.d2log_dnu2, d2, where);
    const double d_minus = derivative(h, [&](double t) { return std::log(bessel_k(nu + t, z).ratio_minus); });
    const double log_minus = d.dratio_minus_dnu / value.ratio_minus;
    minus.add(error_in(std::max(-d_minus, 1e-4 / radius), log_minus, d_minus), log_minus, d_minus, where);
    const double d_plus = derivative(h, [&](double t) { return std::log(bessel_k(nu + t, z).ratio_plus); });
    const double log_plus = d.dratio_plus_dnu / value.ratio_plus;
    plus.add(error_in(std::max(d_plus, 1e-4 / radius), log_plus, d_plus), log_plus, d_plus, where);
  });
  EXPECT_TRUE(slope.within(kTolerance));
  EXPECT_TRUE(minus.within(kTolerance));
  EXPECT_TRUE(plus.within(kTolerance));
}

TEST(BesselKSecondOrder, DerivativesInTheArgumentAreTheRiccatiEquations) {
  Worst minus("d/dz R-"), plus("d/dz R+");
  for_each_on_grid(-140.0, 140.0, [&](double nu, double z) {
    const auto where = [&] { return place(nu, z); };
    const auto [k, d] = bessel_k_second_order(nu, z);
    const double linear_minus = (2.0 * nu - 1.0) * k.ratio_minus / z;
    const double linear_plus = (2.0 * nu + 1.0) * k.ratio_plus / z;
    const double by_minus = k.ratio_minus * k.ratio_minus + linear_minus - 1.0;
    const double by_plus = k.ratio_plus * k.ratio_plus - linear_plus - 1.0;
    const double scale_minus = std::max({k.ratio_minus * k.ratio_minus, std::abs(linear_minus), 1.0});
    const double scale_plus = std::max({k.ratio_plus * k.ratio_plus, std::abs(linear_plus), 1.0});
    minus.add(error_in(scale_minus, d.dratio_minus_dz, by_minus), d.dratio_minus_dz, by_minus, where);
    plus.add(error_in(scale_plus, d.dratio_plus_dz, by_plus), d.dratio_plus_dz, by_plus, where);
  });
  EXPECT_TRUE(minus.within(kBesselKDerivativeError));
  EXPECT_TRUE(plus.within(kBesselKDerivativeError));
}

TEST(BesselKSecondOrder, DerivativesInTheArgumentAreThoseOfTheValues) {
  constexpr double kTolerance = 1e-10;
  Worst minus("d/dz R-"), plus("d/dz R+");
  for_each_on_grid(-10.0, 4.0, [&](double nu, double z) {
    const auto where = [&] { return place(nu, z); };
    const auto [k, d] = bessel_k_second_order(nu, z);
    const double h = 0.02 * z;
    const double d_minus = derivative(h, [&](double t) { return bessel_k(nu, z + t).ratio_minus; });
    const double d_plus = derivative(h, [&](double t) { return bessel_k(nu, z + t).ratio_plus; });
    minus.add(error_in(std::max(1.0, k.ratio_minus / z), d.dratio_minus_dz, d_minus), d.dratio_minus_dz, d_minus,
              where);
    plus.add(error_in(std::max(1.0, k.ratio_plus / z), d.dratio_plus_dz, d_plus), d.dratio_plus_dz, d_plus, where);
  });
  EXPECT_TRUE(minus.within(kTolerance));
  EXPECT_TRUE(plus.within(kTolerance));
}

// K_{1/2}(z) = K_{-1/2}(z): their ratio does not depend on z.
TEST(BesselKSecondOrder, RatiosThatAreConstantHaveNoDerivativeInTheArgument) {
  for (double z = 1e-12; z < 1e12; z *= 1.7) {
    const double terms = std::max(1.0, (1.0 + 1.0 / z) / z);
    EXPECT_NEAR(bessel_k_second_order(0.5, z).derivatives.dratio_minus_dz, 0.0, kBesselKDerivativeError) << z;
    EXPECT_NEAR(bessel_k_second_order(-0.5, z).derivatives.dratio_plus_dz, 0.0, kBesselKDerivativeError) << z;
    EXPECT_LE(error_in(terms, bessel_k_second_order(0.5, z).derivatives.dratio_plus_dz, -1.0 / (z * z)),
              kBesselKDerivativeError)
        << z;
  }
}

TEST(BesselKSecondOrder, TakesItsLimitsFarOut) {
  for (const double nu : {-1e4, -3.0, -0.5, 0.0, 0.5, 2.0, 1e4}) {
    const auto [value, d] = bessel_k_second_order(nu, kInfinity);
    EXPECT_EQ(value.ratio_plus, 1.0) << nu;
    EXPECT_EQ(value.ratio_minus, 1.0) << nu;
    EXPECT_EQ(value.dlog_dnu, 0.0) << nu;
    for (const double at_limit :
         {d.d2log_dnu2, d.dratio_minus_dnu, d.dratio_plus_dnu, d.dratio_minus_dz, d.dratio_plus_dz}) {
      EXPECT_EQ(at_limit, 0.0) << nu;
    }
  }
}

// For nu > 1: K_nu ~ Gamma(nu) (z/2)^-nu / 2, so that d2/dnu2 log K -> trigamma(nu) and R- ~ z / (2 (nu - 1)).
TEST(BesselKSecondOrder, TendsToItsLimitsAtZero) {
  constexpr double kTrigammaOfThree = std::numbers::pi * std::numbers::pi / 6.0 - 1.25;
  for (const double z : {1e-100, 1e-250, 1e-307, 3e-308, 1e-310, 0.0}) {
    const BesselKDerivatives d = bessel_k_second_order(3.0, z).derivatives;
    EXPECT_LE(relative_error(d.d2log_dnu2, kTrigammaOfThree), kBesselKDerivativeError) << z;
    EXPECT_NEAR(d.dratio_minus_dnu, 0.0, z) << z;  // -z / 8
    EXPECT_GE(d.dratio_plus_dnu, 1e100) << z;
    EXPECT_LE(relative_error(d.dratio_minus_dz, 0.25), 10.0 * kBesselKDerivativeError) << z;
    EXPECT_LE(d.dratio_plus_dz, -1e199) << z;
    EXPECT_LE(relative_error(bessel_k_second_order(100.0, z).derivatives.dratio_minus_dz, 0.5 / 99.0),
              kBesselKDerivativeError)
        << z;
  }
}

TEST(BesselKSecondOrder, NanInGivesNanOutAndNegativeArgumentsGiveNan) {
  for (const auto& [value, d] :
       {bessel_k_second_order(kNan, 1.0), bessel_k_second_order(1.0, kNan), bessel_k_second_order(1.0, -1.0),
        bessel_k_second_order(1.0, -kInfinity), bessel_k_second_order(-2.0, -5e-324)}) {
    for (const double result :
         {value.log_k, value.log_scaled, value.ratio_minus, value.ratio_plus, value.dlog_dnu, d.d2log_dnu2,
          d.dratio_minus_dnu, d.dratio_plus_dnu, d.dratio_minus_dz, d.dratio_plus_dz}) {
      EXPECT_TRUE(std::isnan(result));
    }
  }
}

TEST(BesselKSecondOrder, IsANumberAtEveryNormalArgument) {
  for_each_on_grid(-307.6, 308.2, [](double nu, double z) {
    const auto [value, d] = bessel_k_second_order(nu, z);
    for (const double result :
         {value.log_k, value.log_scaled, value.ratio_minus, value.ratio_plus, value.dlog_dnu, d.d2log_dnu2,
          d.dratio_minus_dnu, d.dratio_plus_dnu, d.dratio_minus_dz, d.dratio_plus_dz}) {
      ASSERT_FALSE(std::isnan(result)) << place(nu, z);
    }
  });
}

}  // namespace
}  // namespace varimix::tests
