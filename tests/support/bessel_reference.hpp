#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <numbers>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/close.hpp"
#include "support/paths.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix::tests {

/// The regions of tools/make_bessel_reference.py, in the order of their indices there.
inline constexpr std::array kBesselRegions = {
    "wide",        "users",    "small orders", "moderate orders", "half-integers", "integers",    "near integers",
    "tiny orders", "extremes", "seam z",       "seam nu",         "seam w",        "log K near 0"};

/// One point of tests/data/bessel_k_reference.f64; its values are rounded to nearest, or limits.
struct BesselRow {
  const char* region;
  double nu, z, log_scaled, ratio_minus, ratio_plus, dlog_dnu, d2log_dnu2, dratio_minus_dnu, log_k;
};

/// Returns all points of the table, which is read once.
inline const std::vector<BesselRow>& bessel_reference() {
  static const std::vector<BesselRow> rows = [] {
    constexpr std::size_t kColumns = 10;
    std::ifstream file(data_file("bessel_k_reference.f64"), std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    if (bytes.empty() || bytes.size() % (kColumns * sizeof(double)) != 0) throw std::runtime_error("no table");
    std::vector<double> values;
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(double)) {
      std::uint64_t bits = 0;
      for (std::size_t b = sizeof(double); b-- > 0;) bits = bits << 8U | static_cast<unsigned char>(bytes[i + b]);
      values.push_back(std::bit_cast<double>(bits));
    }
    std::vector<BesselRow> out;
    for (std::size_t i = 0; i < values.size(); i += kColumns) {
      const double* v = &values[i];
      out.push_back(
          {kBesselRegions.at(static_cast<std::size_t>(v[0])), v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]});
    }
    return out;
  }();
  return rows;
}

/// Returns a text such as "nu = 0x1p+1 (2), z = ...".
inline std::string bessel_place(double nu, double z, const char* z_name = "z") {
  std::ostringstream text;
  text.precision(17);
  text << "nu = " << std::hexfloat << nu << std::defaultfloat << " (" << nu << "), " << z_name << " = " << std::hexfloat
       << z << std::defaultfloat << " (" << z << ")";
  return text.str();
}

/// The error of one value, in the scale in which `bound` was promised.
struct BesselError {
  const char* quantity;
  double error, actual, expected, bound;
};

inline BesselError relative_to(double scale, const char* quantity, double actual, double expected, double bound) {
  return {quantity, error_in(scale, actual, expected), actual, expected, bound};
}

inline double unit_or(double value) { return std::max(1.0, std::abs(value)); }

inline std::array<BesselError, 5> value_errors(const BesselK& k, const BesselRow& row) {
  constexpr double kBound = kBesselKRelativeError;
  return {relative_to(unit_or(row.log_k), "log_k", k.log_k, row.log_k, kBound),
          relative_to(unit_or(row.log_scaled), "log_scaled", k.log_scaled, row.log_scaled, kBound),
          relative_to(std::abs(row.ratio_minus), "ratio_minus", k.ratio_minus, row.ratio_minus, kBound),
          relative_to(std::abs(row.ratio_plus), "ratio_plus", k.ratio_plus, row.ratio_plus, kBound),
          relative_to(unit_or(row.dlog_dnu), "dlog_dnu", k.dlog_dnu, row.dlog_dnu, kBound)};
}

/// Returns the error of the derivative in z of a ratio R, which is R^2 + linear R / z - 1, in the scale of its largest
/// term.
inline BesselError slope_in_z_error(const char* quantity, double actual, long double ratio, double linear, double z) {
  const long double middle = linear * ratio / z;
  const auto scale = static_cast<double>(std::max({ratio * ratio, std::abs(middle), 1.0L}));
  const auto expected = static_cast<double>(ratio * ratio + middle - 1.0L);
  return relative_to(scale, quantity, actual, expected, kBesselKDerivativeError);
}

/// Returns the ratio or, where the table has its limit, its leading term 2 |nu| / z or z / (2 (|nu| - 1)), of which the
/// error is z^2 or less.
inline long double ratio_without_limit(double ratio, const BesselRow& row) {
  const long double order = std::abs(row.nu);
  if (std::isinf(ratio)) return 2.0L * order / row.z;
  return ratio == 0.0 ? 0.5L * row.z / (order - 1.0L) : ratio;
}

/// Returns the errors of the derivatives. By reflection a ratio's derivative at nu < 0 is that of the other ratio at
/// -nu with its sign changed, so that 2 / z is a term of both there.
inline std::array<BesselError, 5> derivative_errors(const BesselKDerivatives& k, const BesselRow& row) {
  constexpr double kBound = kBesselKDerivativeError;
  const double two_over_z = 2.0 / row.z;
  const double minus_scale = std::max(std::abs(row.dratio_minus_dnu), row.nu < 0.0 ? two_over_z : 0.0);
  const double plus_scale = std::max(std::abs(row.dratio_minus_dnu), two_over_z);
  // Beyond z = 4e307 the table has the limit 0 of dratio_minus_dnu = -1/z, and dratio_plus_dnu has that limit as well.
  const bool is_limit = row.dratio_minus_dnu == 0.0 && two_over_z < 1.0;
  const double plus = is_limit ? 0.0 : row.dratio_minus_dnu + two_over_z;
  return {relative_to(row.d2log_dnu2, "d2log_dnu2", k.d2log_dnu2, row.d2log_dnu2, kBound),
          relative_to(minus_scale, "dratio_minus_dnu", k.dratio_minus_dnu, row.dratio_minus_dnu, kBound),
          relative_to(plus_scale, "dratio_plus_dnu", k.dratio_plus_dnu, plus, kBound),
          slope_in_z_error("dratio_minus_dz", k.dratio_minus_dz, ratio_without_limit(row.ratio_minus, row),
                           2.0 * row.nu - 1.0, row.z),
          slope_in_z_error("dratio_plus_dz", k.dratio_plus_dz, ratio_without_limit(row.ratio_plus, row),
                           -(2.0 * row.nu + 1.0), row.z)};
}

/// The moments of GIG(nu, 1, u), with the largest term of log_normalizer.
struct GigMoments {
  double log_normalizer, inv_y, y, log_y;
  double normalizer_scale = 1.0;
};

/// Returns what log_normalizer has beside log(e^z K_nu(z)), z = sqrt(u): log 2 + nu log z, less z for small u.
inline long double normalizer_less_log_scaled(double nu, double u) {
  const long double z = std::sqrt(static_cast<long double>(u));
  return std::numbers::ln2_v<long double> + nu * std::log(z) - (u < kScaledNormalizerFrom ? z : 0.0L);
}

/// Returns the largest of 1 and the terms of log_normalizer in absolute value.
inline double normalizer_scale(double nu, double u, double log_scaled) {
  const double z = std::sqrt(u);
  return std::max({1.0, std::abs(log_scaled), std::abs(nu * std::log(z)), u < kScaledNormalizerFrom ? z : 0.0});
}

inline std::array<BesselError, 4> table_errors(const GigMoments& actual, const GigMoments& expected) {
  constexpr double kAbsoluteUpTo = 16.0;
  const double log_y_scale = std::max(1.0, std::abs(expected.log_y) / kAbsoluteUpTo);
  return {relative_to(expected.normalizer_scale, "log_normalizer", actual.log_normalizer, expected.log_normalizer,
                      10.0 * kBesselTableError),
          relative_to(std::abs(expected.inv_y), "inv_y", actual.inv_y, expected.inv_y, kBesselTableError),
          relative_to(std::abs(expected.y), "y", actual.y, expected.y, kBesselTableError),
          relative_to(log_y_scale, "log_y", actual.log_y, expected.log_y, kBesselTableError)};
}

/// The worst error of each quantity, in each group of points.
class WorstErrors {
 public:
  template <class Where>
  void add(const std::string& group, std::span<const BesselError> errors, Where&& where) {
    for (const BesselError& error : errors) {
      const auto key = std::make_pair(group, std::string(error.quantity));
      auto found = worst_.find(key);
      if (found == worst_.end()) {
        found = worst_.emplace(key, Entry{Worst(key.second + ", " + key.first), error.bound}).first;
      }
      found->second.worst.add(error.error, error.actual, error.expected, where);
    }
  }

  /// Fails for every quantity and group whose worst error is above `times` what was promised.
  void expect_within_bounds(double times = 1.0) const {
    EXPECT_FALSE(worst_.empty());
    for (const auto& [key, entry] : worst_) EXPECT_TRUE(entry.worst.within(times * entry.bound));
  }

 private:
  struct Entry {
    Worst worst;
    double bound;
  };
  std::map<std::pair<std::string, std::string>, Entry> worst_;
};

/// Returns bessel_k at many points, by its array form.
inline std::vector<BesselK> bessel_array(std::span<const double> nu, std::span<const double> z) {
  std::array<std::vector<double>, 5> columns;
  for (auto& column : columns) column.resize(z.size());
  bessel_k(nu, z, {columns[0].data(), columns[1].data(), columns[2].data(), columns[3].data(), columns[4].data()});
  std::vector<BesselK> out;
  for (std::size_t i = 0; i < z.size(); ++i) {
    out.push_back({columns[0][i], columns[1][i], columns[2][i], columns[3][i], columns[4][i]});
  }
  return out;
}

/// Returns bessel_k at every point of the table, by its array form.
inline std::vector<BesselK> bessel_at_reference() {
  std::vector<double> nu;
  std::vector<double> z;
  for (const BesselRow& row : bessel_reference()) {
    nu.push_back(row.nu);
    z.push_back(row.z);
  }
  return bessel_array(nu, z);
}

/// Returns the moments at many u that `evaluate(u, arrays)` computes.
template <class Evaluate>
std::vector<GigMoments> moments_by(Evaluate&& evaluate, double nu, std::span<const double> u) {
  std::array<std::vector<double>, 4> columns;
  for (auto& column : columns) column.resize(u.size());
  evaluate(u, GigMomentArrays{columns[0].data(), columns[1].data(), columns[2].data(), columns[3].data()});
  std::vector<GigMoments> out;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const auto log_scaled = static_cast<double>(columns[0][i] - normalizer_less_log_scaled(nu, u[i]));
    out.push_back({columns[0][i], columns[1][i], columns[2][i], columns[3][i], normalizer_scale(nu, u[i], log_scaled)});
  }
  return out;
}

inline std::vector<GigMoments> moments_by_table(double nu, std::span<const double> u) {
  BesselTable table(nu);
  return moments_by([&](auto points, const GigMomentArrays& out) { table.evaluate(points, out); }, nu, u);
}

inline std::vector<GigMoments> moments_directly(double nu, std::span<const double> u) {
  return moments_by([&](auto points, const GigMomentArrays& out) { gig_moments(nu, points, out); }, nu, u);
}

}  // namespace varimix::tests
