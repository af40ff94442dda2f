#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "support/bessel_reference.hpp"
#include "support/close.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The range of the table; outside it BesselTable evaluates directly.
constexpr double kFirstInTable = 0x1p-64;
constexpr double kBeyondTable = 0x1p64;

/// Returns the moments of a row of the reference at u, the rounded z^2: those at z^2 are carried over by their
/// derivatives. z^2 - u, which fma gives exactly, is at most 2^-53 of u.
GigMoments reference_at(const BesselRow& row, double u) {
  using Real = long double;
  const Real z = row.z;
  const Real minus = row.ratio_minus;
  const Real plus = row.ratio_plus;
  const Real nu = row.nu;
  const Real step = -static_cast<Real>(std::fma(row.z, row.z, -u)) / (2.0L * z);  // the step of z
  const Real dminus_dz = minus * minus + (2.0L * nu - 1.0L) * minus / z - 1.0L;
  const Real dplus_dz = plus * plus - (2.0L * nu + 1.0L) * plus / z - 1.0L;
  const Real log_scaled = row.log_scaled + (1.0L - 0.5L * (minus + plus)) * step;
  const Real inv_y = minus / z + (dminus_dz / z - minus / (z * z)) * step;
  const Real y = z * plus + (plus + z * dplus_dz) * step;
  const Real log_y = row.dlog_dnu + std::log(z) - row.dratio_minus_dnu * step;  // d/dz of dlog_dnu is -dR-/dnu - 1/z
  const Real log_normalizer = log_scaled + normalizer_less_log_scaled(row.nu, u);
  return {static_cast<double>(log_normalizer), static_cast<double>(inv_y), static_cast<double>(y),
          static_cast<double>(log_y), normalizer_scale(row.nu, u, row.log_scaled)};
}

struct OrderRows {
  std::vector<BesselRow> rows;
  std::vector<double> u;
};

/// Returns the rows of the reference with u = z^2 in [first, beyond) by their orders, each of which has one table.
std::map<double, OrderRows> reference_by_order(double first, double beyond) {
  std::map<double, OrderRows> orders;
  for (const BesselRow& row : bessel_reference()) {
    const double u = row.z * row.z;
    if (!(u >= first && u < beyond)) continue;
    orders[row.nu].rows.push_back(row);
    orders[row.nu].u.push_back(u);
  }
  return orders;
}

/// Expects that the errors over the reference of the results of `evaluate(nu, u)` are within their bounds.
template <class Evaluate, class Errors>
void expect_meets_reference(double first, double beyond, Evaluate&& evaluate, Errors&& errors_of) {
  WorstErrors errors;
  for (const auto& [nu, group] : reference_by_order(first, beyond)) {
    const auto moments = evaluate(nu, group.u);
    for (std::size_t i = 0; i < group.u.size(); ++i) {
      errors.add(group.rows[i].region, errors_of(moments[i], reference_at(group.rows[i], group.u[i])),
                 [order = nu, u = group.u[i]] { return bessel_place(order, u, "u"); });
    }
  }
  errors.expect_within_bounds();
}

TEST(BesselTableAccuracy, MeetsTheReferenceInEveryRegion) {
  expect_meets_reference(kFirstInTable, kBeyondTable, moments_by_table, table_errors);
}

TEST(BesselTableAccuracy, DirectMomentsMeetTheReferenceInEveryRegion) {
  constexpr double kBound = kBesselKRelativeError;
  const auto errors_of = [](const GigMoments& actual, const GigMoments& expected) {
    return std::array{relative_to(expected.normalizer_scale, "log_normalizer", actual.log_normalizer,
                                  expected.log_normalizer, kBound),
                      relative_to(expected.inv_y, "inv_y", actual.inv_y, expected.inv_y, kBound),
                      relative_to(expected.y, "y", actual.y, expected.y, kBound),
                      relative_to(unit_or(expected.log_y), "log_y", actual.log_y, expected.log_y, kBound)};
  };
  expect_meets_reference(1e-290, 1e30, moments_directly, errors_of);
}

constexpr std::array kOrders = {-1e4, -1200.5, -400.0, -50.5, -12.0, -5.5, -1.5, -1.0, -0.5,   -1e-9, 0.0,
                                1e-5, 0.3,     0.5,    1.0,   2.7,   11.9, 12.0, 39.9, 400.25, 1e4};

/// Returns the edges of the 32 segments of each octave, each between its two neighbouring doubles.
std::vector<double> segment_edges(double first, double beyond) {
  constexpr int kSegmentsPerOctave = 32;
  std::vector<double> u;
  for (double octave = first; octave < beyond; octave *= 2.0) {
    for (int s = 0; s < kSegmentsPerOctave; ++s) {
      const double edge = octave + s * octave / kSegmentsPerOctave;
      u.insert(u.end(), {std::nextafter(edge, 0.0), edge, std::nextafter(edge, kInfinity)});
    }
  }
  return u;
}

/// Returns the errors of the table against bessel_k, bounded by the sum of the two promises.
std::array<BesselError, 4> errors_against_direct(const GigMoments& table, const GigMoments& direct) {
  auto errors = table_errors(table, direct);
  for (BesselError& error : errors) error.bound += kBesselKRelativeError;
  return errors;
}

TEST(BesselTableAccuracy, AgreesWithDirectEvaluationOnADenseSweep) {
  constexpr int kPoints = 5000;
  constexpr double kDecades = 36.0;
  std::vector<double> u = segment_edges(0x1p-66, 0x1p66);
  for (int i = 0; i <= kPoints; ++i) u.push_back(std::pow(10.0, kDecades * i / kPoints - 0.5 * kDecades));
  WorstErrors errors;
  for (const double nu : kOrders) {
    const auto table = moments_by_table(nu, u);
    const auto direct = moments_directly(nu, u);
    for (std::size_t i = 0; i < u.size(); ++i) {
      errors.add("table against direct", errors_against_direct(table[i], direct[i]),
                 [&] { return bessel_place(nu, u[i], "u"); });
    }
  }
  errors.expect_within_bounds();
}

// From one double to the next inv_y, y and log_y change by one rounding at most, log_normalizer by that times -u inv_y / 2,
// with z / 2 beside it where it has the factor e^z.
TEST(BesselTableAccuracy, PolynomialsMeetAtEveryEdge) {
  const std::vector<double> u = segment_edges(kFirstInTable, kBeyondTable);
  WorstErrors errors;
  for (const double nu : kOrders) {
    const auto moments = moments_by_table(nu, u);
    for (std::size_t i = 0; i < u.size(); i += 3) {
      const double step = (u[i + 1] - u[i]) / u[i];
      GigMoments carried = moments[i];
      const double z = std::sqrt(u[i + 1]);
      const bool is_scaled = u[i + 1] >= kScaledNormalizerFrom;
      carried.log_normalizer += 0.5 * ((is_scaled ? z : 0.0) - u[i] * moments[i].inv_y) * step;
      if (is_scaled && u[i] < kScaledNormalizerFrom) carried.log_normalizer += z;
      errors.add("across an edge", table_errors(moments[i + 1], carried), [&] { return bessel_place(nu, u[i], "u"); });
    }
  }
  errors.expect_within_bounds(2.0);
}

}  // namespace
}  // namespace varimix::tests
