#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/integrate.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Moments {
  double log_normalizer, inv_y, y, log_y;
};

Moments moments(double nu, double u) {
  Moments m{};
  gig_moments(nu, {&u, 1}, {&m.log_normalizer, &m.inv_y, &m.y, &m.log_y});
  return m;
}

const std::vector<double> kU = {1e-12, 1e-6, 1e-2, 0.3, 1.0, 7.0, 100.0, 1e4, 1e8, 1e14};

/// Returns e^x E_1(x), with E_1 the exponential integral.
double scaled_exponential_integral(double x) {
  return integrate_positive([x](double t) { return std::exp(-t) / (t + x); }, -60.0, 6.0);
}

// K_{1/2}(z) = sqrt(pi / (2 z)) e^-z, and d/dnu log K_nu(z) = e^{2 z} E_1(2 z) there (DLMF 10.38.7).
TEST(GigMoments, AreThoseOfTheInverseGaussianAtOrderMinusOneHalf) {
  for (const double u : kU) {
    const double z = std::sqrt(u);
    const Moments m = moments(-0.5, u);
    const double exponent = u < kScaledNormalizerFrom ? -z : 0.0;
    EXPECT_LE(logarithm_error(m.log_normalizer, 0.5 * std::log(2.0 * std::numbers::pi) - std::log(z) + exponent),
              kBesselKRelativeError)
        << u;
    EXPECT_LE(relative_error(m.y, z), kBesselKRelativeError) << u;
    EXPECT_LE(relative_error(m.inv_y, 1.0 / z + 1.0 / u), kBesselKRelativeError) << u;
    EXPECT_LE(logarithm_error(m.log_y, std::log(z) - scaled_exponential_integral(2.0 * z)), 2.0 * kBesselKRelativeError)
        << u;
  }
}

TEST(GigMoments, AreElementaryAtHalfIntegerOrders) {
  for (const double u : kU) {
    const double z = std::sqrt(u);
    EXPECT_LE(relative_error(moments(0.5, u).inv_y, 1.0 / z), kBesselKRelativeError) << u;
    EXPECT_LE(relative_error(moments(0.5, u).y, 1.0 + z), kBesselKRelativeError) << u;
    EXPECT_LE(relative_error(moments(-1.5, u).y, u / (1.0 + z)), kBesselKRelativeError) << u;
    EXPECT_LE(relative_error(moments(1.5, u).inv_y, 1.0 / (1.0 + z)), kBesselKRelativeError) << u;
    EXPECT_LE(relative_error(moments(1.5, u).y, 3.0 + u / (1.0 + z)), kBesselKRelativeError) << u;
  }
}

/// Returns the moments by quadrature of the density y^(nu-1) exp(-(y + u/y) / 2) over log y, about its peak.
Moments quadrature(double nu, double u) {
  const double root = std::hypot(nu, std::sqrt(u));
  const double mode = nu >= 0.0 ? nu + root : u / (root - nu);
  const double log_mode = std::log(mode);
  const double peak = nu * log_mode - 0.5 * (mode + u / mode);
  // At this distance from the mode the integrand is below 2^-53 of its peak. With z = sqrt(u) it falls like a Gaussian
  // for large hypot(nu, z) and exponentially in log y for small.
  const double reach = std::min(40.0, 14.0 / std::sqrt(root) + 60.0 / root);
  const auto mean = [&](auto&& g) {
    return integrate_positive(
        [&](double y) { return g(y) / y * std::exp(nu * std::log(y) - 0.5 * (y + u / y) - peak); }, log_mode - reach,
        log_mode + reach);
  };
  const double mass = mean([](double /*y*/) { return 1.0; });
  const double scaled_by = u < kScaledNormalizerFrom ? 0.0 : std::sqrt(u);
  return {std::log(mass) + peak + scaled_by, mean([](double y) { return 1.0 / y; }) / mass,
          mean([](double y) { return y; }) / mass, mean([](double y) { return std::log(y); }) / mass};
}

TEST(GigMoments, AreIntegralsOverTheDensity) {
  constexpr double kQuadrature = 2e-12;  // the rounding of 20000 terms, each relative to its own exponent
  Worst log_normalizer("log normalizer"), inv_y("E[1/Y]"), y("E[Y]"), log_y("E[log Y]");
  for (const double nu : {-300.0, -20.0, -4.3, -1.0, -0.2, 0.0, 0.5, 0.9, 2.0, 7.7, 30.0, 1000.0}) {
    for (const double u : {1e-3, 0.05, 1.0, 9.0, 144.0, 1e4}) {
      const auto where = [&] { return std::to_string(nu) + ", u = " + std::to_string(u); };
      const Moments m = moments(nu, u);
      const Moments q = quadrature(nu, u);
      const double scale = std::max({1.0, std::abs(q.log_normalizer), std::abs(0.5 * nu * std::log(u))});
      log_normalizer.add(error_in(scale, m.log_normalizer, q.log_normalizer), m.log_normalizer, q.log_normalizer,
                         where);
      inv_y.add(relative_error(m.inv_y, q.inv_y), m.inv_y, q.inv_y, where);
      y.add(relative_error(m.y, q.y), m.y, q.y, where);
      log_y.add(logarithm_error(m.log_y, q.log_y), m.log_y, q.log_y, where);
    }
  }
  EXPECT_TRUE(log_normalizer.within(kQuadrature));
  EXPECT_TRUE(inv_y.within(kQuadrature));
  EXPECT_TRUE(y.within(kQuadrature));
  EXPECT_TRUE(log_y.within(kQuadrature));
}

// If Y ~ GIG(nu, 1, u), then u/Y ~ GIG(-nu, 1, u).
TEST(GigMoments, OfTheReciprocalAreThoseOfTheOppositeOrder) {
  for (const double nu : {0.0, 0.3, 0.5, 1.0, 2.5, 40.0, 3000.0, 1e4}) {
    for (const double u : kU) {
      const Moments plus = moments(nu, u);
      const Moments minus = moments(-nu, u);
      const double power = nu * std::log(u);
      const double size = std::max({1.0, std::abs(power), std::abs(plus.log_normalizer)});
      EXPECT_LE(error_in(size, plus.log_normalizer, minus.log_normalizer + power), 2.0 * kBesselKRelativeError);
      EXPECT_LE(relative_error(plus.inv_y, minus.y / u), 2.0 * kBesselKRelativeError) << nu << ", " << u;
      EXPECT_LE(relative_error(minus.inv_y, plus.y / u), 2.0 * kBesselKRelativeError) << nu << ", " << u;
      const double scale = std::max({1.0, std::abs(minus.log_y), std::abs(std::log(u))});
      EXPECT_LE(error_in(scale, plus.log_y, std::log(u) - minus.log_y), 2.0 * kBesselKRelativeError) << nu << ", " << u;
    }
  }
}

TEST(GigMoments, KeepJensensInequalities) {
  for (const double nu : {-1e4, -30.0, -1.0, -0.1, 0.0, 0.4, 1.0, 6.0, 1e4}) {
    for (const double u : kU) {
      const Moments m = moments(nu, u);
      EXPECT_GE(m.y * m.inv_y, 1.0 - 2.0 * kBesselKRelativeError) << nu << ", " << u;
      const double rounding = 2.0 * kBesselKRelativeError * std::max(1.0, std::abs(m.log_y));
      EXPECT_LE(-std::log(m.inv_y), m.log_y + rounding) << nu << ", " << u;
      EXPECT_LE(m.log_y, std::log(m.y) + rounding) << nu << ", " << u;
    }
  }
  EXPECT_GT(moments(0.0, 1.0).y * moments(0.0, 1.0).inv_y, 1.1);
}

// The law at u = 0 is Gamma(nu, rate 1/2), with E[Y] = 2 nu, E[1/Y] = 1 / (2 (nu - 1)), E[log Y] = digamma(nu) + log 2
// and the normalizer 2^nu Gamma(nu), which is 16 for nu = 3.
TEST(GigMoments, AreThoseOfTheGammaLawAtZero) {
  constexpr double kDigammaOfThree = 1.5 - std::numbers::egamma;
  for (const double u : {0.0, 1e-310, 1e-300, 1e-200}) {
    const Moments three = moments(3.0, u);
    EXPECT_LE(relative_error(three.y, 6.0), kBesselKRelativeError) << u;
    EXPECT_LE(relative_error(three.inv_y, 0.25), kBesselKRelativeError) << u;
    const double scale = std::max(1.0, u > 0.0 ? std::abs(std::log(u)) : 1.0);
    EXPECT_LE(error_in(scale, three.log_y, kDigammaOfThree + std::numbers::ln2), kBesselKRelativeError) << u;
    const double of_power = 3.0 * scale;  // the terms that cancel: log K_3 and 3 log z
    EXPECT_LE(error_in(of_power, three.log_normalizer, std::log(16.0)), kBesselKRelativeError) << u;
  }
  EXPECT_EQ(moments(1.0, 0.0).inv_y, kInfinity);
  EXPECT_LE(relative_error(moments(1.0, 0.0).y, 2.0), kBesselKRelativeError);
  EXPECT_LE(error_in(1.0, moments(1.0, 0.0).log_y, std::numbers::ln2 - std::numbers::egamma), kBesselKRelativeError);
  EXPECT_EQ(moments(0.25, 0.0).inv_y, kInfinity);
  EXPECT_LE(relative_error(moments(0.25, 0.0).y, 0.5), kBesselKRelativeError);
  EXPECT_LE(relative_error(moments(1e4, 0.0).inv_y, 0.5 / 9999.0), kBesselKRelativeError);
}

TEST(GigMoments, AreThoseOfAPointAtZeroWhereTheOrderIsNotPositive) {
  for (const double nu : {0.0, -0.25, -0.5, -1.0, -3.0, -1e4}) {
    const Moments m = moments(nu, 0.0);
    EXPECT_EQ(m.log_normalizer, kInfinity) << nu;
    EXPECT_EQ(m.y, 0.0) << nu;
    EXPECT_EQ(m.inv_y, kInfinity) << nu;
    EXPECT_EQ(m.log_y, -kInfinity) << nu;
  }
}

TEST(GigMoments, TakeTheirLimitsAtInfinity) {
  for (const double nu : {-1e4, -0.5, 0.0, 2.0, 1e4}) {
    const Moments m = moments(nu, kInfinity);
    EXPECT_EQ(m.log_normalizer, nu < 0.5 ? -kInfinity : kInfinity) << nu;
    EXPECT_EQ(m.y, kInfinity) << nu;
    EXPECT_EQ(m.inv_y, 0.0) << nu;
    EXPECT_EQ(m.log_y, kInfinity) << nu;
  }
}

// e^z K_{1/2}(z) = sqrt(pi / (2 z))
TEST(GigMoments, TheNormalizerOfOrderOneHalfIsConstantWhereItHasTheExponential) {
  const double expected = 0.5 * std::log(2.0 * std::numbers::pi);
  for (const double u : {kScaledNormalizerFrom, 1e10, 1e200, kInfinity}) {
    EXPECT_LE(error_in(std::max(1.0, std::log(u)), moments(0.5, u).log_normalizer, expected), kBesselKRelativeError)
        << u;
  }
}

TEST(GigMoments, NanInGivesNanOutAndNegativeArgumentsGiveNan) {
  for (const Moments& m : {moments(kNan, 1.0), moments(1.0, kNan), moments(1.0, -1.0), moments(-2.0, -kInfinity)}) {
    for (const double value : {m.log_normalizer, m.inv_y, m.y, m.log_y}) EXPECT_TRUE(std::isnan(value));
  }
}

TEST(GigMoments, AreNumbersAtEveryArgument) {
  for (const double nu : {-1e4, -300.0, -2.0, -1.0, -0.5, -1e-9, 0.0, 1e-9, 0.5, 1.0, 2.0, 300.0, 1e4}) {
    for (int exponent = -1080; exponent < 1024; ++exponent) {
      const Moments m = moments(nu, std::ldexp(1.3, exponent));
      for (const double value : {m.log_normalizer, m.inv_y, m.y, m.log_y}) {
        ASSERT_FALSE(std::isnan(value)) << nu << ", 1.3 2^" << exponent;
      }
      ASSERT_TRUE(m.y >= 0.0 && m.inv_y >= 0.0) << nu << ", 1.3 2^" << exponent;
    }
  }
}

TEST(GigMoments, AreTheSameBitsAloneInARowOfAnyLengthAndWithOthersLeftOut) {
  for (const std::size_t n : {0U, 1U, 255U, 256U, 257U, 1000U}) {
    std::vector<double> u(n), log_normalizer(n), inv_y(n), y(n), log_y(n), alone(n);
    for (std::size_t i = 0; i < n; ++i) u[i] = std::exp2(static_cast<double>(i % 97) - 40.5);
    gig_moments(1.7, u, {log_normalizer.data(), inv_y.data(), y.data(), log_y.data()});
    gig_moments(1.7, u, {.inv_y = alone.data()});
    EXPECT_EQ(alone, inv_y);
    gig_moments(1.7, u, {.log_y = alone.data()});
    EXPECT_EQ(alone, log_y);
    gig_moments(1.7, u, {});
    for (std::size_t i = 0; i < n; ++i) {
      const Moments m = moments(1.7, u[i]);
      ASSERT_TRUE(m.log_normalizer == log_normalizer[i] && m.inv_y == inv_y[i] && m.y == y[i] && m.log_y == log_y[i])
          << u[i];
    }
  }
}

}  // namespace
}  // namespace varimix::tests
