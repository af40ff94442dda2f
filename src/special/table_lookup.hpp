#pragma once

#include <cstddef>
#include <cstdint>

#include "varimix/special/bessel_table.hpp"

namespace varimix::simd {

// A table holds three functions of u > 0 by segments: log_normalizer; the moment inv_y for nu >= 0 and y below, of which
// the other follows without cancellation, for E[Y] = u E[1/Y] + 2 nu; and log_y. An octave [2^e, 2^{e+1}) has kSegments
// segments, numbered by the leading bits of the mantissa; the other bits give t in [-1, 1), exactly. A segment of a
// function is a polynomial of degree 7 in t.
inline constexpr int kSegmentBits = 5;
inline constexpr std::size_t kSegments = std::size_t{1} << kSegmentBits;
inline constexpr std::size_t kTableCoefficients = 8;
inline constexpr std::size_t kTableFunctions = 3;
inline constexpr std::size_t kFunctionDoubles = kSegments * kTableCoefficients;

// A segment begins with log_normalizer and log_y, a cache line of coefficients each. Then come log_normalizer, again, and
// the moment side by side: pairs of coefficients, those of t^0 and t^1, of t^2 and t^3, ..., of the one and the other by
// turns.
inline constexpr std::size_t kLogNormalizerPlace = 0;
inline constexpr std::size_t kLogYPlace = kTableCoefficients;
inline constexpr std::size_t kPair = 2;
inline constexpr std::size_t kPairsPlace = 2 * kTableCoefficients;
inline constexpr std::size_t kSegmentDoubles = 4 * kTableCoefficients;
inline constexpr std::size_t kOctaveDoubles = kSegments * kSegmentDoubles;

/// The number of rows that are looked up at a time.
inline constexpr std::size_t kLookupRows = 256;

/// Where a block of values u finds its polynomials, and their arguments. Copies of the last value fill up the vectors.
struct Places {
  alignas(64) double u[kLookupRows];
  alignas(64) double t[kLookupRows];
  alignas(64) double t_squared[kLookupRows];
  alignas(64) double t_fourth[kLookupRows];        ///< t^4
  alignas(64) std::uint64_t segment[kLookupRows];  ///< the first coefficient of its segment
  double smallest, largest;                        ///< of the values; NaN or not if a value is NaN
  bool is_within;                                  ///< whether all values lie in [2^first_exponent, 2^beyond_exponent)
};

/// Finds the places of `count` <= kLookupRows values. The coefficients begin with the segment of 2^first_exponent.
void find_places(const double* u, std::size_t count, int first_exponent, int beyond_exponent,
                 Places& out_places) noexcept;

/// Computes the moments of GIG(nu, 1, u) at `count` places and writes them to the arrays of `out` that are not null. Each
/// value must lie in an octave that has been made.
void look_up(double nu, const double* coefficients, const Places& places, std::size_t count,
             const GigMomentArrays& out) noexcept;

/// Adds to out[f][k] the sum over i of maps[i][k] values[i][f], for every function f and k < kFunctionDoubles.
void add_products(const double* maps, std::size_t count, const double* values, double* inout) noexcept;

}  // namespace varimix::simd
