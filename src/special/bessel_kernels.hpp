#pragma once

#include <cstddef>
#include <cstdint>

#include "bessel_regions.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix::simd {

// The number of a point's method. Numbers below kDebye are those of the trapezoidal rule's grids. Up to kFarDebye the
// methods are in the order of w = hypot(nu, z).
inline constexpr std::uint8_t kDebye = kSaddleGrids;
inline constexpr std::uint8_t kFarDebye = kSaddleGrids + 1;
inline constexpr std::uint8_t kSeries = kSaddleGrids + 2;
inline constexpr std::uint8_t kLimit = kSaddleGrids + 3;
inline constexpr std::size_t kMethods = kSaddleGrids + 4;

/// The content of dlog_dnu: d/dnu log K_nu(z), or E[log Y] = d/dnu log K_nu(z) + log z for Y ~ GIG(nu, 1, z^2), or
/// E[log Y] for Y ~ GIG(-nu, 1, z^2). Each is computed from one logarithm, because a sum of two would lose digits.
enum class Slope { kOrder, kLogY, kLogYReflected };

/// The number of points that are sorted by their method at a time.
inline constexpr std::size_t kBesselBlock = 256;

/// The points of a block, sorted by method, and their values. The widest vectors of any target may overhang the end.
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

/// Evaluates points [first, last) of the buffers on the best SIMD target of this machine. All have one method, nu >= 0,
/// and z a positive normal double. With Slope::kLogY ratio_minus and ratio_plus become E[1/Y] and E[Y] of
/// GIG(nu, 1, z^2); with Slope::kLogYReflected they become E[Y] and E[1/Y] of GIG(-nu, 1, z^2).
void evaluate_bessel(Slope slope, std::size_t method, std::size_t first, std::size_t last,
                     BesselBuffers& buffers) noexcept;

/// Evaluates one point with its derivatives in the order: sets value, d2log_dnu2 and dratio_minus_dnu.
void evaluate_bessel_second(std::size_t method, double nu, double z, BesselKSecondOrder& out) noexcept;

}  // namespace varimix::simd
