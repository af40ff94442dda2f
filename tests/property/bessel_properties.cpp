#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <ios>
#include <random>
#include <sstream>
#include <string>

#include "support/close.hpp"
#include "support/properties.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix::tests {
namespace {

constexpr double kLargestOrder = 1e4;
constexpr double kRoundingError = 0x1p-53;
constexpr int kPoints = 100;  // in each case

struct Point {
  double nu;
  double z;
};

/// Draws orders of either sign, half of them uniform and half log-uniform, and arguments log-uniform, half of them over
/// 1e-300 to 1e300 and half over what a fit meets.
class Points {
 public:
  explicit Points(double largest_order = kLargestOrder) : random_(Bits(any_seed())), largest_order_(largest_order) {}

  double uniform(double low, double high) { return std::uniform_real_distribution(low, high)(random_); }
  Point next() { return {order(), uniform(0.0, 1.0) < 0.5 ? argument(-300.0, 300.0) : argument(-6.0, 5.0)}; }
  double order() {
    if (uniform(0.0, 1.0) < 0.5) return uniform(-largest_order_, largest_order_);
    const double size = std::pow(10.0, uniform(-6.0, std::log10(largest_order_)));
    return std::min(size, largest_order_) * (uniform(0.0, 1.0) < 0.5 ? -1.0 : 1.0);
  }
  double argument(double low, double high) { return std::pow(10.0, uniform(low, high)); }

 private:
  using Bits = std::uint64_t;
  std::mt19937_64 random_;
  double largest_order_;
};

/// Fails, with the point and the two numbers, unless `actual` is within `tolerance` of `expected`.
void near(const Point& at, double actual, double expected, double tolerance) {
  if (actual == expected || std::abs(actual - expected) <= tolerance) return;
  std::ostringstream text;
  text.precision(17);
  text << "nu = " << at.nu << ", z = " << at.z << std::hexfloat << " (" << at.nu << ", " << at.z << ")"
       << std::defaultfloat << ": " << actual << " for " << expected << ", by " << actual - expected << ", above "
       << tolerance;
  RC_FAIL(text.str());
}

/// Fails unless actual >= bound - tolerance; NaN fails.
void at_least(const Point& at, double actual, double bound, double tolerance) {
  if (!(actual >= bound)) near(at, actual, bound, tolerance);
}

/// Returns the promised error of a logarithm or of dlog_dnu.
double log_error(double value) { return kBesselKRelativeError * std::max(1.0, std::abs(value)); }

RC_GTEST_PROP(BesselKProperty, RatiosKeepTheRecurrence, ()) {
  Points points;
  for (int i = 0; i < kPoints; ++i) {
    const Point p = points.next();
    const BesselK k = bessel_k(p.nu, p.z);
    const double difference = 2.0 * p.nu / p.z;
    near(p, k.ratio_minus + difference, k.ratio_plus,
         2.0 * kBesselKRelativeError * std::max(k.ratio_plus, k.ratio_minus));
  }
}

RC_GTEST_PROP(BesselKProperty, RatiosOfNeighbouringOrdersAreReciprocal, ()) {
  Points points(kLargestOrder - 1.0);
  for (int i = 0; i < kPoints; ++i) {
    const Point p = points.next();
    const double next = p.nu + 1.0;
    // The rounding of nu + 1 moves log R- by the rounding times its slope.
    const double slope =
        bessel_k_second_order(next, p.z).derivatives.dratio_minus_dnu / bessel_k(next, p.z).ratio_minus;
    const double rounding = kRoundingError * std::max(1.0, std::abs(next)) * std::abs(slope);
    near(p, bessel_k(p.nu, p.z).ratio_plus * bessel_k(next, p.z).ratio_minus, 1.0,
         2.0 * kBesselKRelativeError + rounding);
  }
}

RC_GTEST_PROP(BesselKProperty, LogarithmsOfNeighbouringOrdersDifferByTheRatio, ()) {
  Points points(kLargestOrder - 1.0);
  for (int i = 0; i < kPoints; ++i) {
    const Point p = points.next();
    const BesselK k = bessel_k(p.nu, p.z);
    const BesselK next = bessel_k(p.nu + 1.0, p.z);
    const double rounding = kRoundingError * std::max(1.0, std::abs(p.nu)) * std::abs(next.dlog_dnu);
    near(p, next.log_scaled - k.log_scaled, std::log(k.ratio_plus),
         log_error(next.log_scaled) + log_error(k.log_scaled) + kBesselKRelativeError + rounding);
  }
}

RC_GTEST_PROP(BesselKProperty, TheScaledLogarithmIsTheOtherPlusTheArgument, ()) {
  Points points;
  for (int i = 0; i < kPoints; ++i) {
    const Point p = points.next();
    const BesselK k = bessel_k(p.nu, p.z);
    near(p, k.log_k + p.z, k.log_scaled, log_error(k.log_k) + log_error(k.log_scaled) + kRoundingError * p.z);
  }
}

/// Returns z (I_nu K_{nu+1} + I_{nu+1} K_nu), which is 1, with the modified Bessel function I_nu from its power series
/// (DLMF 10.25.2), all of whose terms are positive.
double scaled_wronskian(double nu, double z) {
  const double x = 0.25 * z * z;
  const auto series = [x](double order) {
    double term = 1.0;
    double sum = 1.0;
    for (int k = 1; term > kRoundingError * sum; ++k) {
      term *= x / (k * (k + order));
      sum += term;
    }
    return sum;
  };
  const BesselK k = bessel_k(nu, z);
  const double log_prefactor = nu * std::log(0.5 * z) - std::lgamma(nu + 1.0) + k.log_k;
  const double next = 0.5 * z / (nu + 1.0) * series(nu + 1.0);
  return z * std::exp(log_prefactor) * (series(nu) * k.ratio_plus + next);
}

RC_GTEST_PROP(BesselKProperty, TheWronskianWithIIsTheReciprocalOfTheArgument, ()) {
  Points points(50.0);
  for (int i = 0; i < kPoints; ++i) {
    const Point p{std::abs(points.order()), points.argument(-6.0, 2.0)};
    const double largest_log = (p.nu + 1.0) * (1.0 + std::abs(std::log(p.z))) + p.z;
    near(p, scaled_wronskian(p.nu, p.z), 1.0, 2.0 * kBesselKRelativeError * std::max(1.0, largest_log));
  }
}

RC_GTEST_PROP(BesselKProperty, IsEvenInTheOrderBitForBit, ()) {
  Points points;
  for (int i = 0; i < kPoints; ++i) {
    const Point p = points.next();
    const BesselK plus = bessel_k(p.nu, p.z);
    const BesselK minus = bessel_k(-p.nu, p.z);
    near(p, minus.log_k, plus.log_k, 0.0);
    near(p, minus.log_scaled, plus.log_scaled, 0.0);
    near(p, minus.ratio_minus, plus.ratio_plus, 0.0);
    near(p, minus.ratio_plus, plus.ratio_minus, 0.0);
    near(p, minus.dlog_dnu, -plus.dlog_dnu, 0.0);
    near(p, log_bessel_k(p.nu, p.z), plus.log_k, 0.0);
  }
}

RC_GTEST_PROP(BesselKProperty, GrowsWithTheSizeOfTheOrder, ()) {
  Points points;
  for (int i = 0; i < kPoints; ++i) {
    const Point p = points.next();
    const BesselK k = bessel_k(p.nu, p.z);
    at_least(p, p.nu > 0.0 ? k.dlog_dnu : -k.dlog_dnu, 0.0, 0.0);
    const Point inner{points.uniform(-1.0, 1.0) * p.nu, p.z};
    const double below = bessel_k(inner.nu, p.z).log_scaled;
    // By convexity the growth is at least the slope at the inner order times the distance.
    const double growth = (std::abs(p.nu) - std::abs(inner.nu)) * std::abs(bessel_k(inner.nu, p.z).dlog_dnu);
    at_least(inner, k.log_scaled - below, growth, log_error(k.log_scaled) + log_error(below) + log_error(growth));
  }
}

RC_GTEST_PROP(BesselKProperty, LogarithmIsConvexInTheOrder, ()) {
  Points points;
  for (int i = 0; i < kPoints; ++i) {
    const Point p = points.next();
    const double step = points.uniform(0.0, 1.0) * std::min(std::abs(p.nu), kLargestOrder - std::abs(p.nu));
    const double left = bessel_k(p.nu - step, p.z).log_scaled;
    const double right = bessel_k(p.nu + step, p.z).log_scaled;
    const double centre = bessel_k(p.nu, p.z).log_scaled;
    at_least(p, left + right, 2.0 * centre, log_error(left) + log_error(right) + 2.0 * log_error(centre));
  }
}

RC_GTEST_PROP(BesselKProperty, SlopeLiesBetweenTheLogarithmsOfTheRatios, ()) {
  Points points;
  for (int i = 0; i < kPoints; ++i) {
    const Point p = points.next();
    const BesselK k = bessel_k(p.nu, p.z);
    const double low = -std::log(k.ratio_minus);
    const double high = std::log(k.ratio_plus);
    at_least(p, k.dlog_dnu, low, 2.0 * log_error(low));
    at_least(p, high, k.dlog_dnu, 2.0 * log_error(high));
  }
}

// d log(e^z K)/dz = 1 - (R- + R+) / 2 < 0 since R- R+ > 1.
RC_GTEST_PROP(BesselKProperty, FallsWithTheArgumentFasterThanTheExponential, ()) {
  Points points;
  for (int i = 0; i < kPoints; ++i) {
    const Point p = points.next();
    const BesselK k = bessel_k(p.nu, p.z);
    const double further = std::min(1e300, p.z * points.argument(-12.0, 2.0) + p.z);
    const BesselK next = bessel_k(p.nu, further);
    at_least(p, k.log_scaled, next.log_scaled, log_error(k.log_scaled) + log_error(next.log_scaled));
    at_least(p, k.log_k, next.log_k, log_error(k.log_k) + log_error(next.log_k));
  }
}

/// Returns (a + hypot(a, z)) / z without cancellation.
double quadratic_root(double a, double z) {
  return a >= 0.0 ? a / z + std::hypot(a, z) / z : 1.0 / (std::hypot(a, z) / z - a / z);
}

// Turan's inequality R- R+ > 1 is R+ > (nu + sqrt(nu^2 + z^2)) / z. For nu > -1/2 R+ falls with z, so that by its
// Riccati equation R+ < (a + sqrt(a^2 + z^2)) / z with a = nu + 1/2; for nu < -1/2 it rises and the bound is from below
// (Segura, J. Math. Anal. Appl. 374 (2011) 516).
RC_GTEST_PROP(BesselKProperty, RatiosKeepTuransInequalityAndSegurasBounds, ()) {
  Points points;
  for (int i = 0; i < kPoints; ++i) {
    const Point p = points.next();
    const BesselK k = bessel_k(p.nu, p.z);
    constexpr double kTolerance = 2.0 * kBesselKRelativeError;
    at_least(p, k.ratio_minus * k.ratio_plus, 1.0, kTolerance);
    at_least(p, k.ratio_plus / quadratic_root(p.nu, p.z), 1.0, kTolerance);
    const double a = p.nu + 0.5;
    const double quotient = quadratic_root(a, p.z) / k.ratio_plus;
    at_least(p, a > 0.0 ? quotient : 2.0 - quotient, 1.0, kTolerance);
  }
}

RC_GTEST_PROP(BesselKProperty, TendsToItsLimitsAtSmallAndLargeArguments, ()) {
  Points points;
  for (int i = 0; i < kPoints; ++i) {
    const double nu = std::max(0.1, std::abs(points.order()));
    const Point near_zero{nu, points.argument(-300.0, -100.0)};  // z R+ - 2 nu is of order z^(2 nu), at most 1e-20
    near(near_zero, near_zero.z * bessel_k(nu, near_zero.z).ratio_plus, 2.0 * nu, 2.0 * kBesselKRelativeError * nu);
    const Point far{points.order(), points.argument(20.0, 300.0)};  // the ratios differ from 1 by (|nu| + 1/2) / z
    const BesselK k = bessel_k(far.nu, far.z);
    near(far, k.ratio_minus, 1.0, kBesselKRelativeError);
    near(far, k.ratio_plus, 1.0, kBesselKRelativeError);
    near(far, k.dlog_dnu, far.nu / far.z, kBesselKRelativeError);
  }
}

}  // namespace
}  // namespace varimix::tests
