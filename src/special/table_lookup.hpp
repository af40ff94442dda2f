#pragma once

#include <cstddef>
#include <cstdint>

#include "varimix/special/bessel_table.hpp"

namespace varimix::simd {

// A table holds four functions of u > 0 by segments. An octave [2^e, 2^{e+1}) has kSegments of them, numbered by the
// leading bits of the mantissa; the other bits give t in [-1, 1), exactly. A segment has kTableCoefficients rows of
// four doubles, the coefficients of t^0, t^1, ...
inline constexpr int kSegmentBits = 4;
inline constexpr std::size_t kSegments = std::size_t{1} << kSegmentBits;
inline constexpr std::size_t kTableCoefficients = 9;
inline constexpr std::size_t kTableFunctions = 4;
inline constexpr std::size_t kSegmentDoubles = kTableCoefficients * kTableFunctions;
inline constexpr std::size_t kOctaveDoubles = kSegments * kSegmentDoubles;

/// The number of rows that are looked up at a time.
inline constexpr std::size_t kLookupRows = 256;

/// A block of values u. Copies of its last value fill the rest of the array, so that whole vectors can be read.
struct LookupBlock {
  alignas(128) double u[kLookupRows];
  double smallest;  ///< NaN if a value is NaN
  double largest;
};

/// Copies count <= kLookupRows values into the block.
void load_block(const double* u, std::size_t count, LookupBlock& block) noexcept;

/// Computes the four functions at the first `count` values of a block and writes them to the arrays of `out` that are
/// not null. Each value must lie in an octave that has been made. `coefficients` begins with the segment of
/// u = 2^first_exponent.
void look_up(const double* coefficients, int first_exponent, const LookupBlock& block, std::size_t count,
             const GigMomentArrays& out) noexcept;

/// Adds to inout[r] the sum over c of matrix[r * columns + c] values[c], where inout[r] and values[c] are rows of four
/// functions.
void add_product(const double* matrix, std::size_t rows, std::size_t columns, const double* values,
                 double* inout) noexcept;

}  // namespace varimix::simd
