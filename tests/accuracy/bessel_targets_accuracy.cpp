#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "support/bessel_reference.hpp"
#include "support/sanitizers.hpp"
#include "support/simd_targets.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix::tests {
namespace {

constexpr std::array kTableOrders = {-1e4, -50.5, -1.5, -0.5, 0.0, 0.3, 1.0, 12.0, 400.25};

std::vector<double> table_points() {
  constexpr int kPoints = 1501;
  std::vector<double> u;
  u.reserve(kPoints);
  for (int i = 0; i < kPoints; ++i) u.push_back(std::pow(10.0, -18.0 + 36.0 * i / (kPoints - 1)));
  return u;
}

/// The results of one target for everything that is compared.
struct TargetResults {
  std::string name;
  std::vector<BesselK> values;
  std::vector<BesselKSecondOrder> second_order;
  std::vector<std::vector<GigMoments>> table;
};

std::vector<TargetResults> results_of_every_target() {
  std::vector<TargetResults> all;
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    TargetResults results{target_name(target), bessel_at_reference(), {}, {}};
    for (const BesselRow& row : bessel_reference()) {
      results.second_order.push_back(bessel_k_second_order(row.nu, row.z));
    }
    for (const double nu : kTableOrders) results.table.push_back(moments_by_table(nu, table_points()));
    all.push_back(results);
  }
  return all;
}

TEST(BesselTargets, EachMeetsTheReference) {
  const auto& rows = bessel_reference();
  WorstErrors errors;
  for (const TargetResults& results : results_of_every_target()) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto where = [&] { return bessel_place(rows[i].nu, rows[i].z); };
      errors.add(results.name, value_errors(results.values[i], rows[i]), where);
      errors.add(results.name + ", second order", value_errors(results.second_order[i].value, rows[i]), where);
      errors.add(results.name, derivative_errors(results.second_order[i].derivatives, rows[i]), where);
    }
  }
  errors.expect_within_bounds();
}

TEST(BesselTargets, EachTableAgreesWithDirectEvaluation) {
  const auto u = table_points();
  WorstErrors errors;
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    for (const double nu : kTableOrders) {
      const auto table = moments_by_table(nu, u);
      const auto direct = moments_directly(nu, u);
      for (std::size_t i = 0; i < u.size(); ++i) {
        auto found = table_errors(table[i], direct[i]);
        for (BesselError& error : found) error.bound += kBesselKRelativeError;
        errors.add("table, " + target_name(target), found, [&] { return bessel_place(nu, u[i], "u"); });
      }
    }
  }
  errors.expect_within_bounds();
}

/// Returns a row of the reference with its values replaced by those of a target, against which others are measured.
BesselRow as_reference(const BesselRow& row, const BesselK& value, const BesselKDerivatives& slopes) {
  return {row.region,
          row.nu,
          row.z,
          value.log_scaled,
          value.ratio_minus,
          value.ratio_plus,
          value.dlog_dnu,
          slopes.d2log_dnu2,
          slopes.dratio_minus_dnu,
          value.log_k};
}

TEST(BesselTargets, AnyTwoDifferByTwiceTheErrorAtMost) {
  constexpr std::size_t kStride = kSanitized ? 8 : 1;  // every target was evaluated at all points already
  const auto& rows = bessel_reference();
  const auto u = table_points();
  const auto all = results_of_every_target();
  WorstErrors errors;
  for (std::size_t a = 0; a < all.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const std::string pair = all[a].name + " and " + all[b].name;
      for (std::size_t i = 0; i < rows.size(); i += kStride) {
        const auto where = [&] { return bessel_place(rows[i].nu, rows[i].z); };
        const auto& second = all[b].second_order[i];
        errors.add(pair, value_errors(all[a].values[i], as_reference(rows[i], all[b].values[i], second.derivatives)),
                   where);
        errors.add(pair,
                   derivative_errors(all[a].second_order[i].derivatives,
                                     as_reference(rows[i], second.value, second.derivatives)),
                   where);
      }
      for (std::size_t t = 0; t < kTableOrders.size(); ++t) {
        for (std::size_t i = 0; i < u.size(); i += kStride) {
          errors.add("table, " + pair, table_errors(all[a].table[t][i], all[b].table[t][i]),
                     [&] { return bessel_place(kTableOrders[t], u[i], "u"); });
        }
      }
    }
  }
  errors.expect_within_bounds(2.0);
}

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

bool same_bits(const BesselK& a, const BesselK& b) {
  return same_bits(a.log_k, b.log_k) && same_bits(a.log_scaled, b.log_scaled) &&
         same_bits(a.ratio_minus, b.ratio_minus) && same_bits(a.ratio_plus, b.ratio_plus) &&
         same_bits(a.dlog_dnu, b.dlog_dnu);
}

bool same_bits(const GigMoments& a, const GigMoments& b) {
  return same_bits(a.log_normalizer, b.log_normalizer) && same_bits(a.inv_y, b.inv_y) && same_bits(a.y, b.y) &&
         same_bits(a.log_y, b.log_y);
}

/// Points at which bessel_k is evaluated.
struct Arguments {
  std::vector<double> nu, z;
};

/// Returns the points of the reference; a large stride breaks up every block and every method's range.
Arguments reference_points(std::size_t stride) {
  const auto& rows = bessel_reference();
  Arguments out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const BesselRow& row = rows[i * stride % rows.size()];
    out.nu.push_back(row.nu);
    out.z.push_back(row.z);
  }
  return out;
}

constexpr std::size_t kShuffle = 7919;  // a prime that is no factor of the number of rows

TEST(BesselTargets, ArrayAndPointFormsGiveTheSameBits) {
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    const auto& rows = bessel_reference();
    ASSERT_NE(rows.size() % kShuffle, 0U);
    const auto values = bessel_at_reference();
    const Arguments shuffled = reference_points(kShuffle);
    const auto again = bessel_array(shuffled.nu, shuffled.z);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::size_t from = i * kShuffle % rows.size();
      ASSERT_TRUE(same_bits(values[i], bessel_k(rows[i].nu, rows[i].z)))
          << target_name(target) << ", point form at " << bessel_place(rows[i].nu, rows[i].z);
      ASSERT_TRUE(same_bits(values[from], again[i]))
          << target_name(target) << ", another order at " << bessel_place(rows[from].nu, rows[from].z);
    }
  }
}

TEST(BesselTargets, LengthAndOffsetOfAnArrayDoNotMatter) {
  const Arguments points = reference_points(kShuffle);
  const std::span<const double> nu = points.nu;
  const std::span<const double> z = points.z;
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    const auto whole = bessel_array(nu, z);
    for (const std::size_t length : {1U, 2U, 3U, 5U, 7U, 8U, 9U, 17U, 255U, 256U, 257U, 511U, 513U}) {
      for (std::size_t first = length % 5; first + length <= 4000; first += length + 97) {
        const auto part = bessel_array(nu.subspan(first, length), z.subspan(first, length));
        for (std::size_t i = 0; i < length; ++i) {
          ASSERT_TRUE(same_bits(part[i], whole[first + i]))
              << target_name(target) << ", " << length << " from " << first;
        }
      }
    }
  }
}

TEST(BesselTargets, TableGivesTheSameBitsWhateverTheLengthAndOffset) {
  const auto points = table_points();
  const std::span<const double> u = points;
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    for (const double nu : kTableOrders) {
      const auto whole = moments_by_table(nu, u);
      for (const std::size_t length : {1U, 2U, 3U, 5U, 255U, 256U, 257U, 513U}) {
        const std::size_t first = 11 * (length % 64);
        const auto part = moments_by_table(nu, u.subspan(first, length));
        for (std::size_t i = 0; i < length; ++i) {
          ASSERT_TRUE(same_bits(part[i], whole[first + i])) << target_name(target) << ", " << length << " from "
                                                            << first << ", " << bessel_place(nu, u[first + i], "u");
        }
      }
    }
  }
}

}  // namespace
}  // namespace varimix::tests
