#pragma once

#include <cstddef>
#include <cstdint>

#include "varimix/special/bessel_table.hpp"

namespace varimix::simd {

// A table of four functions of u > 0 by segments: an octave [2^e, 2^{e+1}) has kSegments of them, numbered by the
// leading bits of the mantissa; the other bits are t in [-1, 1), exactly. A segment is kTableCoefficients rows of four
// doubles, those of t^0, t^1, ...
inline constexpr int kSegmentBits = 4;
inline constexpr std::size_t kSegments = std::size_t{1} << kSegmentBits;
inline constexpr std::size_t kTableCoefficients = 9;
inline constexpr std::size_t kTableFunctions = 4;
inline constexpr std::size_t kSegmentDoubles = kTableCoefficients * kTableFunctions;
inline constexpr std::size_t kOctaveDoubles = kSegments * kSegmentDoubles;

/// Rows looked up at a time.
inline constexpr std::size_t kLookupRows = 256;

/// A block of u, filled up with copies of its last to whole vectors of any target.
struct LookupBlock {
  alignas(128) double u[kLookupRows];
  double smallest;  ///< NaN where there is one
  double largest;
};

/// Takes in count <= kLookupRows values.
void load_block(const double* u, std::size_t count, LookupBlock& block) noexcept;

/// The four functions at the first `count` values of a block, each of which lies in an octave that has been made; to the
/// arrays of `out` that are not null. `coefficients` is the segment of u = 2^first_exponent.
void look_up(const double* coefficients, int first_exponent, const LookupBlock& block, std::size_t count,
             const GigMomentArrays& out) noexcept;

/// out[r] += sum over c of matrix[r * columns + c] values[c], where out[r] and values[c] are rows of four functions.
void add_product(const double* matrix, std::size_t rows, std::size_t columns, const double* values,
                 double* inout) noexcept;

}  // namespace varimix::simd
