#pragma once

#include <cstddef>
#include <cstdint>

#include "varimix/special/bessel_table.hpp"

namespace varimix::simd {

// A table holds four functions of u > 0 by segments. An octave [2^e, 2^{e+1}) has kSegments of them, numbered by the
// leading bits of the mantissa; the other bits give t in [-1, 1), exactly. A segment of a function has the coefficients
// of t^0, t^1, ..., which fill a cache line. An octave has the segments of each function one after the other.
inline constexpr int kSegmentBits = 5;
inline constexpr std::size_t kSegments = std::size_t{1} << kSegmentBits;
inline constexpr std::size_t kTableCoefficients = 8;
inline constexpr std::size_t kTableFunctions = 4;
inline constexpr std::size_t kFunctionDoubles = kSegments * kTableCoefficients;
inline constexpr std::size_t kOctaveDoubles = kTableFunctions * kFunctionDoubles;

/// The number of rows that are looked up at a time.
inline constexpr std::size_t kLookupRows = 256;

/// Where a block of values u finds its polynomials, and their arguments. Copies of the last value fill up the vectors.
struct Places {
  alignas(64) double t[kLookupRows];
  alignas(64) double t_fourth[kLookupRows];        ///< t^4
  alignas(64) std::uint64_t segment[kLookupRows];  ///< the first coefficient of the first function
  double smallest, largest;                        ///< of the values; NaN or not if a value is NaN
  bool is_within;                                  ///< whether all values lie in [2^first_exponent, 2^beyond_exponent)
};

/// Finds the places of `count` <= kLookupRows values. The coefficients begin with the segment of 2^first_exponent.
void find_places(const double* u, std::size_t count, int first_exponent, int beyond_exponent,
                 Places& out_places) noexcept;

/// Computes the four functions at `count` places and writes them to the arrays of `out` that are not null. Each value
/// must lie in an octave that has been made.
void look_up(const double* coefficients, const Places& places, std::size_t count, const GigMomentArrays& out) noexcept;

/// Adds to out[f][k] the sum over i of maps[i][k] values[i][f], for every function f and k < kFunctionDoubles.
void add_products(const double* maps, std::size_t count, const double* values, double* inout) noexcept;

}  // namespace varimix::simd
