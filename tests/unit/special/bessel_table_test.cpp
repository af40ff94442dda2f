#include "varimix/special/bessel_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/close.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Moments {
  std::vector<double> log_normalizer, inv_y, y, log_y;

  explicit Moments(std::size_t n) : log_normalizer(n), inv_y(n), y(n), log_y(n) {}
  GigMomentArrays arrays() { return {log_normalizer.data(), inv_y.data(), y.data(), log_y.data()}; }
};

Moments evaluate(BesselTable& table, std::span<const double> u) {
  Moments m(u.size());
  table.evaluate(u, m.arrays());
  return m;
}

Moments directly(double nu, std::span<const double> u) {
  Moments m(u.size());
  gig_moments(nu, u, m.arrays());
  return m;
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// Returns whether row i of `a` has the bits of row j of `b`.
bool same_row(const Moments& a, std::size_t i, const Moments& b, std::size_t j) {
  return same(a.log_normalizer[i], b.log_normalizer[j]) && same(a.inv_y[i], b.inv_y[j]) && same(a.y[i], b.y[j]) &&
         same(a.log_y[i], b.log_y[j]);
}

bool same_rows(const Moments& a, const Moments& b) {
  bool all = a.y.size() == b.y.size();
  for (std::size_t i = 0; all && i < a.y.size(); ++i) all = same_row(a, i, b, i);
  return all;
}

/// Returns arguments from 2^low to 2^high, in no order.
std::vector<double> some_u(std::size_t n, double low, double high, unsigned seed = 1) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> exponent(low, high);
  std::vector<double> u(n);
  for (double& x : u) x = std::exp2(exponent(random));
  return u;
}

TEST(BesselTable, RefusesAnOrderThatBesselKDoesNotPromise) {
  for (const double nu : {kNan, kInfinity, -kInfinity, 10001.0, -1e300, std::nextafter(1e4, 2e4)}) {
    const std::string message = error_of([&] { const BesselTable table(nu); });
    EXPECT_TRUE(message.starts_with("nu") && message.find("got") != std::string::npos) << nu << ": " << message;
  }
  EXPECT_TRUE(error_of([] { const BesselTable table(10001.0); }).ends_with("got 10001"));
  for (const double nu : {-1e4, 0.0, 1e4}) EXPECT_EQ(BesselTable(nu).nu(), nu);
}

TEST(BesselTable, AgreesWithGigMoments) {
  constexpr double kBoth = kBesselKRelativeError + kBesselTableError;
  const std::vector<double> u = some_u(20'000, -64.0, 64.0);
  for (const double nu : {-1e4, -700.0, -42.0, -9.5, -2.0, -1.0, -0.5, -1e-3, 0.0, 0.2, 0.5, 1.0, 3.3, 55.0, 1e4}) {
    BesselTable table(nu);
    const Moments m = evaluate(table, u);
    const Moments k = directly(nu, u);
    for (std::size_t i = 0; i < u.size(); ++i) {
      const double scale = std::max({1.0, std::abs(k.log_normalizer[i]), std::abs(0.5 * nu * std::log(u[i]))});
      ASSERT_LE(error_in(scale, m.log_normalizer[i], k.log_normalizer[i]), 2.0 * kBoth) << nu << ", " << u[i];
      ASSERT_LE(relative_error(m.inv_y[i], k.inv_y[i]), kBoth) << nu << ", " << u[i];
      ASSERT_LE(relative_error(m.y[i], k.y[i]), kBoth) << nu << ", " << u[i];
      ASSERT_LE(logarithm_error(m.log_y[i], k.log_y[i]), kBoth) << nu << ", " << u[i];
    }
  }
}

TEST(BesselTable, MeetsTheInverseGaussianAtItsOwnAccuracy) {
  BesselTable table(-0.5);
  const std::vector<double> u = some_u(100'000, -64.0, 64.0);
  const Moments m = evaluate(table, u);
  for (std::size_t i = 0; i < u.size(); ++i) {
    ASSERT_LE(relative_error(m.y[i], std::sqrt(u[i])), kBesselTableError) << u[i];
    ASSERT_LE(relative_error(m.inv_y[i], (1.0 + std::sqrt(u[i])) / u[i]), kBesselTableError) << u[i];
  }
}

// For nu = -3 and small u, u/Y has the law Gamma(3, rate 1/2): E[log Y] = log u - digamma(3) - log 2 but for about u /
// 16.
TEST(BesselTable, MeetsTheReciprocalGammaLawAtItsOwnAccuracy) {
  constexpr double kRest = std::numbers::egamma - 1.5 - std::numbers::ln2;
  BesselTable table(-3.0);
  const std::vector<double> u = some_u(100'000, -64.0, -46.0);
  const Moments m = evaluate(table, u);
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double log_y = std::log(u[i]) + kRest;
    const double rounding = 0x1p-52 * std::abs(log_y);  // the sum's and the logarithm's
    ASSERT_LE(std::abs(m.log_y[i] - log_y), kBesselTableError / 16.0 * std::abs(log_y) + rounding) << u[i];
  }
}

/// Arguments outside the table's range.
const std::vector<double> kOutside = {0.0, kInfinity, kNan, -1.0, -kInfinity, -5e-324, 5e-324, 1e-300, 5.4e-20, 0x1p64};

TEST(BesselTable, IsGigMomentsOutsideItsRange) {
  for (const double nu : {-1e4, -3.0, -0.5, 0.0, 0.5, 1.0, 2.0, 1e4}) {
    BesselTable table(nu);
    EXPECT_TRUE(same_rows(evaluate(table, kOutside), directly(nu, kOutside))) << nu;
  }
}

TEST(BesselTable, ResultsDoNotDependOnTheRowsBesideThem) {
  std::vector<double> u = some_u(1500, -70.0, 70.0);
  for (std::size_t i = 0; i < u.size(); i += 11) u[i] = kOutside[i % kOutside.size()];
  BesselTable table(-1.25);
  const Moments together = evaluate(table, u);
  for (std::size_t i = 0; i < u.size(); ++i) {
    ASSERT_TRUE(same_row(evaluate(table, {&u[i], 1}), 0, together, i)) << u[i];
  }
  for (const std::size_t n : {0U, 1U, 2U, 7U, 8U, 9U, 255U, 256U, 257U, 1000U}) {
    const Moments part = evaluate(table, std::span(u).subspan(3, n));
    for (std::size_t i = 0; i < n; ++i) ASSERT_TRUE(same_row(part, i, together, i + 3)) << n << ": " << u[i + 3];
  }
}

TEST(BesselTable, ResultsDoNotDependOnWhatWasAskedBefore) {
  const std::vector<double> u = some_u(4000, -63.0, 63.0);
  for (const double nu : {-3.5, 0.0, 17.0}) {
    BesselTable fresh(nu);
    const Moments expected = evaluate(fresh, u);
    BesselTable extended(nu);
    extended.extend(1e-3, 1e5);
    extended.extend(0x1p-64, 1e-10);
    EXPECT_TRUE(same_rows(evaluate(extended, u), expected)) << nu;
    BesselTable backwards(nu);
    for (std::size_t i = u.size(); i-- > 0;) {
      ASSERT_TRUE(same_row(evaluate(backwards, {&u[i], 1}), 0, expected, i)) << nu << ", " << u[i];
    }
    EXPECT_TRUE(same_rows(evaluate(fresh, u), expected)) << nu;
  }
}

TEST(BesselTable, LeavesOutWhatIsNotWanted) {
  std::vector<double> u = some_u(700, -10.0, 10.0);
  u[400] = 1e-100;
  BesselTable table(0.3);
  Moments expected = evaluate(table, u);
  for (double* GigMomentArrays::*wanted :
       {&GigMomentArrays::log_normalizer, &GigMomentArrays::inv_y, &GigMomentArrays::y, &GigMomentArrays::log_y}) {
    std::vector<double> result(u.size());
    GigMomentArrays alone;
    alone.*wanted = result.data();
    BesselTable another(0.3);
    another.evaluate(u, alone);
    EXPECT_TRUE(std::equal(result.begin(), result.end(), expected.arrays().*wanted));
  }
  EXPECT_NO_THROW(table.evaluate(u, {}));
}

TEST(BesselTable, CountsTheOctavesMade) {
  BesselTable table(1.5);
  EXPECT_EQ(table.octaves(), 0);
  evaluate(table, std::vector{1.0, 1.5, std::nextafter(2.0, 0.0)});
  EXPECT_EQ(table.octaves(), 1);
  evaluate(table, std::vector{2.0, 1e30, 0.0});
  EXPECT_EQ(table.octaves(), 2);
  table.extend(1.0, 4.0);
  EXPECT_EQ(table.octaves(), 3);
  table.extend(1e-300, 1e300);
  EXPECT_EQ(table.octaves(), 128);
}

TEST(BesselTable, MakesNoOctavesOutsideItsRange) {
  BesselTable outside(-2.0);
  outside.extend(1e-300, 1e-200);
  outside.extend(0x1p64, 1e300);
  EXPECT_EQ(outside.octaves(), 0);
  evaluate(outside, kOutside);
  EXPECT_EQ(outside.octaves(), 0);
}

TEST(BesselTable, ThreeDecadesOfZAreTwentyOctaves) {
  for (double z = 1e-4; z < 10.0; z *= 1.3) {
    BesselTable table(-0.5);
    table.extend(z * z, 1e6 * z * z);
    EXPECT_TRUE(table.octaves() == 20 || table.octaves() == 21) << z << ": " << table.octaves();
  }
}

TEST(BesselTable, RefusesToExtendToNoIntervalAndStaysAsItWas) {
  BesselTable table(0.5);
  table.extend(1.0, 1.0);
  for (const auto& [low, high] : {std::pair(0.0, 1.0), std::pair(-1.0, 1.0), std::pair(2.0, 1.0),
                                  std::pair(1.0, kInfinity), std::pair(kNan, 1.0), std::pair(1.0, kNan)}) {
    const std::string message = error_of([&, from = low, to = high] { table.extend(from, to); });
    EXPECT_TRUE(message.starts_with("u_m") && message.find("got") != std::string::npos) << low << ": " << message;
  }
  EXPECT_EQ(table.octaves(), 1);
}

TEST(BesselTable, ThreadsThatShareOneGetTheSameBits) {
  const std::vector<double> u = some_u(5000, -66.0, 66.0);
  for (const std::size_t count : {2U, 7U}) {
    for (int round = 0; round < 20; ++round) {
      BesselTable alone(0.1 * round);
      const Moments expected = evaluate(alone, u);
      BesselTable shared(0.1 * round);
      std::vector<Moments> results(count, Moments(u.size()));
      std::vector<std::thread> threads;
      threads.reserve(count);
      for (Moments& result : results) {
        threads.emplace_back([&shared, &u, out = result.arrays()] { shared.evaluate(u, out); });
      }
      for (std::thread& thread : threads) thread.join();
      for (const Moments& result : results) ASSERT_TRUE(same_rows(result, expected)) << count << " threads";
    }
  }
}

TEST(BesselTable, KeepsItsOrderAndItsOctavesWhenMoved) {
  const std::vector<double> u = some_u(500, -20.0, 20.0);
  BesselTable first(-0.75);
  const Moments expected = evaluate(first, u);
  BesselTable second(std::move(first));
  EXPECT_EQ(second.nu(), -0.75);
  EXPECT_GT(second.octaves(), 0);
  EXPECT_TRUE(same_rows(evaluate(second, u), expected));
  BesselTable third(5.0);
  third = std::move(second);
  EXPECT_EQ(third.nu(), -0.75);
  EXPECT_TRUE(same_rows(evaluate(third, u), expected));
}

TEST(BesselTables, HoldTheTablesOfTheirOrdersAndNoOthers) {
  for (const double p : {-0.5, 0.1, -3.7}) {
    constexpr Index kColumns = 7;
    BesselTables tables(p - 0.5 * static_cast<double>(kColumns), kColumns - 1);
    EXPECT_EQ(tables.steps(), kColumns - 1);
    for (Index shown = 1; shown <= kColumns; ++shown) {
      const double order = p - 0.5 * static_cast<double>(shown);
      BesselTable* table = tables.of(order);
      ASSERT_NE(table, nullptr) << p << ", " << shown;
      EXPECT_EQ(table->nu(), order);
      EXPECT_EQ(tables.of(order), table);
    }
    EXPECT_EQ(tables.of(p), nullptr);
    EXPECT_EQ(tables.of(p - 0.5 * static_cast<double>(kColumns + 1)), nullptr);
    EXPECT_EQ(tables.of(p - 0.75), nullptr);
    EXPECT_EQ(tables.of(kNan), nullptr);
  }
  BesselTables high(1e4, 3);
  EXPECT_NE(high.of(1e4), nullptr);
  EXPECT_EQ(high.of(1e4 + 0.5), nullptr);
}

TEST(BesselTables, RefuseAnOrderThatNoTableHas) {
  EXPECT_TRUE(error_of([] { const BesselTables tables(kNan, 1); }).starts_with("nu"));
  EXPECT_TRUE(error_of([] { const BesselTables tables(-10001.0, 1); }).starts_with("nu"));
  for (const Index steps : {Index{-1}, Index{40'001}, std::numeric_limits<Index>::max()}) {
    EXPECT_TRUE(error_of([&] { const BesselTables tables(0.0, steps); }).starts_with("steps")) << steps;
  }
}

}  // namespace
}  // namespace varimix::tests
