#pragma once

#include <cstddef>
#include <cstdint>

#include "../special/bessel_regions.hpp"

namespace varimix::simd {

// A point's method: below kDebye the number of the trapezoidal rule's grid.
inline constexpr std::uint8_t kDebye = kSaddleGrids;
inline constexpr std::uint8_t kSeries = kSaddleGrids + 1;
inline constexpr std::uint8_t kLimit = kSaddleGrids + 2;
inline constexpr std::size_t kMethods = kSaddleGrids + 3;

/// Points sorted by their method at a time.
inline constexpr std::size_t kBesselBlock = 256;

/// Points of a block, sorted by method, and their values. The widest vectors of any target may overhang the end.
struct BesselBuffers {
  static constexpr std::size_t kOverhang = 256;  // doubles of the largest vector that Highway knows
  static constexpr std::size_t kSize = kBesselBlock + kOverhang;
  double nu[kSize];
  double z[kSize];
  double log_k[kSize];
  double log_scaled[kSize];
  double ratio_minus[kSize];
  double ratio_plus[kSize];
  double dlog_dnu[kSize];
};

}  // namespace varimix::simd
