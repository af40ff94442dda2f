#pragma once

#include <cstddef>
#include <cstdint>

#include "bessel_regions.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix::simd {

// A point's method: below kDebye the number of the trapezoidal rule's grid, in the order of w up to kFarDebye.
inline constexpr std::uint8_t kDebye = kSaddleGrids;
inline constexpr std::uint8_t kFarDebye = kSaddleGrids + 1;
inline constexpr std::uint8_t kSeries = kSaddleGrids + 2;
inline constexpr std::uint8_t kLimit = kSaddleGrids + 3;
inline constexpr std::size_t kMethods = kSaddleGrids + 4;

/// What dlog_dnu holds: d/dnu log K_nu(z), or E[log Y] = d/dnu log K + log z of Y ~ GIG(nu, 1, z^2), or that of
/// GIG(-nu, 1, z^2): each from one logarithm, where a sum of two would lose digits.
enum class Slope { kOrder, kLogY, kLogYReflected };

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

/// Evaluates points [first, last) of the buffers, all with nu >= 0, z a positive normal double, and of one method, on the
/// best SIMD target of this machine. With Slope::kLogY ratio_minus and ratio_plus become E[1/Y] and E[Y] of
/// GIG(nu, 1, z^2); with Slope::kLogYReflected they become E[Y] and E[1/Y] of GIG(-nu, 1, z^2).
void evaluate_bessel(Slope slope, std::size_t method, std::size_t first, std::size_t last,
                     BesselBuffers& buffers) noexcept;

/// One point with its derivatives in the order: value, d2log_dnu2 and dratio_minus_dnu.
void evaluate_bessel_second(std::size_t method, double nu, double z, BesselKSecondOrder& out) noexcept;

}  // namespace varimix::simd
