#pragma once

#include <cstdint>

#include "varimix/core/types.hpp"

namespace varimix::kernels {

/// The columns of which a word has a bit each.
inline constexpr Index kColumnsOfWord = 64;

/// Returns how many words have a bit for each of d columns.
[[nodiscard]] constexpr Index words_of(Index d) noexcept { return (d + kColumnsOfWord - 1) / kColumnsOfWord; }

/// Sets the bits of the columns that rows miss (NaN), and counts them.
/// @param x  x[j * leading + i] is row i, column j.
/// @param out_words  word w of row i at w * word_leading + i; the first of its columns has the highest bit.
/// @param out_missing  (rows), how many columns each row misses.
void find_gaps(const double* x, Index rows, Index leading, Index d, std::uint64_t* out_words, Index word_leading,
               std::int64_t* out_missing) noexcept;

/// Copies rows in another order: out[j * leading + i] = x[j * leading + order[i]].
void take_rows(const double* x, const std::int64_t* order, Index rows, Index leading, Index d, double* out) noexcept;

/// Adds to inout[j] the weights of the rows that show column j, in which it is not NaN. weight (rows).
void add_weights_shown(const double* x, const double* weight, Index rows, Index leading, Index d,
                       double* inout) noexcept;

}  // namespace varimix::kernels
