#pragma once

#include <cstddef>
#include <cstdint>

#include "varimix/core/types.hpp"

namespace varimix::simd {

/// Turns words 2k and 2k + 1 into standard normal numbers out[2k] and out[2k + 1], as CounterStream::normal does but for
/// rounding (Box and Muller 1958): sin and cos of pi u times sqrt(-2 log v), u in (-1, 1) and v in (0, 1] from the
/// words. The numbers of a pair do not depend on the others. The error is below 2^-50 max(1, sqrt(-2 log v)).
void normal_pairs(const std::uint64_t* words, std::size_t pairs, double* out) noexcept;

/// Does the same for columns of words: words[2k * leading + i] and words[(2k + 1) * leading + i] become the numbers of the
/// same places of out, to the bit those that normal_pairs makes of them.
void normal_columns(const std::uint64_t* words, Index pairs, Index rows, Index leading, double* out) noexcept;

}  // namespace varimix::simd
