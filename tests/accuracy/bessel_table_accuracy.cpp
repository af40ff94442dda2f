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

// What the table covers; outside, it evaluates directly.
constexpr double kFirstInTable = 0x1p-64;
constexpr double kBeyondTable = 0x1p64;

/// The moments of a row of the reference at u, the rounded z^2. Theirs at z^2 are carried over by their derivatives:
/// z^2 - u, which fma gives exactly, is at most 2^-53 of u.
GigMoments reference_at(const BesselRow& row, double u) {
  using Real = long double;
  const Real z = row.z;
  const Real minus = row.ratio_minus;
  const Real plus = row.ratio_plus;
  const Real nu = row.nu;
  const Real step = -static_cast<Real>(std::fma(row.z, row.z, -u)) / (2.0L * z);  // of z
  const Real dminus_dz = minus * minus + (2.0L * nu - 1.0L) * minus / z - 1.0L;
  const Real dplus_dz = plus * plus - (2.0L * nu + 1.0L) * plus / z - 1.0L;
  const Real log_scaled = row.log_scaled + (1.0L - 0.5L * (minus + plus)) * step;
  const Real inv_y = minus / z + (dminus_dz / z - minus / (z * z)) * step;
  const Real y = z * plus + (plus + z * dplus_dz) * step;
  const Real log_y = row.dlog_dnu + std::log(z) - row.dratio_minus_dnu * step;  // dD/dz = -dR-/dnu - 1/z
  return {static_cast<double>(log_scaled), static_cast<double>(inv_y), static_cast<double>(y),
          static_cast<double>(log_y)};
}

TEST(BesselTableAccuracy, MeetsTheReferenceInEveryRegion) {
  struct Group {
    std::vector<BesselRow> rows;
    std::vector<double> u;
  };
  std::map<double, Group> orders;  // one table each
  for (const BesselRow& row : bessel_reference()) {
    const double u = row.z * row.z;
    if (!(u >= kFirstInTable && u < kBeyondTable)) continue;
    orders[row.nu].rows.push_back(row);
    orders[row.nu].u.push_back(u);
  }
  WorstErrors errors;
  for (const auto& [nu, group] : orders) {
    const auto moments = moments_by_table(nu, group.u);
    for (std::size_t i = 0; i < group.u.size(); ++i) {
      const auto where = [&] { return bessel_place(nu, group.u[i], "u"); };
      errors.add(group.rows[i].region, table_errors(moments[i], reference_at(group.rows[i], group.u[i])), where);
    }
  }
  errors.expect_within_bounds();
}

constexpr std::array kOrders = {-1e4, -1200.5, -400.0, -50.5, -12.0, -5.5, -1.5, -1.0, -0.5,   -1e-9, 0.0,
                                1e-5, 0.3,     0.5,    1.0,   2.7,   11.9, 12.0, 39.9, 400.25, 1e4};

/// The 16 segments of each octave: both neighbours of every edge, and the edge.
std::vector<double> segment_edges(double first, double beyond) {
  constexpr int kSegmentsPerOctave = 16;
  std::vector<double> u;
  for (double octave = first; octave < beyond; octave *= 2.0) {
    for (int s = 0; s < kSegmentsPerOctave; ++s) {
      const double edge = octave + s * octave / kSegmentsPerOctave;
      u.insert(u.end(), {std::nextafter(edge, 0.0), edge, std::nextafter(edge, kInfinity)});
    }
  }
  return u;
}

/// What table and bessel_k promise together.
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

// One double apart inv_y, y and log_y change by one rounding at most, log_scaled by (z - u inv_y - nu) / 2 of that.
TEST(BesselTableAccuracy, PolynomialsMeetAtEveryEdge) {
  const std::vector<double> u = segment_edges(kFirstInTable, kBeyondTable);
  WorstErrors errors;
  for (const double nu : kOrders) {
    const auto moments = moments_by_table(nu, u);
    for (std::size_t i = 0; i < u.size(); i += 3) {
      const double step = (u[i + 1] - u[i]) / u[i];
      GigMoments carried = moments[i];
      carried.log_scaled += 0.5 * (std::sqrt(u[i]) - u[i] * moments[i].inv_y - nu) * step;
      errors.add("across an edge", table_errors(moments[i + 1], carried), [&] { return bessel_place(nu, u[i], "u"); });
    }
  }
  errors.expect_within_bounds(2.0);
}

/// log(e^z K_nu(z)) at z = sqrt(u), whatever the rounding of that root: at large orders it is worth up to nu 2^-53.
double log_scaled_at(double nu, double u) {
  const double z = std::sqrt(u);
  const BesselK k = bessel_k(nu, z);
  const double step = -std::fma(z, z, -u) / (2.0 * z);
  return k.log_scaled + (1.0 - 0.5 * (k.ratio_minus + k.ratio_plus)) * step;
}

// Where log_scaled passes 0 its error is promised absolutely, while its slope grows with the order.
TEST(BesselTableAccuracy, LogScaledKeepsItsDigitsNearItsZero) {
  constexpr int kPoints = 2000;
  WorstErrors errors;
  for (const double nu : {-1e4, -3000.0, -300.5, -30.0, 3.0, 30.0, 400.5, 3000.0, 1e4}) {
    double low = 1e-3;  // by bisection
    double high = 1e10;
    for (int i = 0; i < 100; ++i) {
      const double middle = std::sqrt(low * high);
      (log_scaled_at(nu, middle) > 0.0 ? low : high) = middle;
    }
    std::vector<double> u;
    for (int i = 0; i < kPoints; ++i) u.push_back(low * (1.0 + 1e-4 / std::abs(nu) * (i - 0.5 * kPoints)));
    const auto table = moments_by_table(nu, u);
    const auto direct = moments_directly(nu, u);
    for (std::size_t i = 0; i < u.size(); ++i) {
      const double expected = log_scaled_at(nu, u[i]);
      const auto where = [&] { return bessel_place(nu, u[i], "u"); };
      const double bound = 10.0 * kBesselTableError;
      const std::array by_table = {
          relative_to(unit_or(expected), "log_scaled", table[i].log_scaled, expected, bound + kBesselKRelativeError)};
      const std::array directly = {
          relative_to(unit_or(expected), "log_scaled", direct[i].log_scaled, expected, 2.0 * kBesselKRelativeError)};
      errors.add("table", by_table, where);
      errors.add("gig_moments", directly, where);
    }
  }
  errors.expect_within_bounds();
}

}  // namespace
}  // namespace varimix::tests
