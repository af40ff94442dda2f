#pragma once

#include <cstdint>
#include <span>

#include "varimix/core/types.hpp"
#include "varimix/random/counter_stream.hpp"

namespace varimix {

/// Words come from the generator in fours.
inline constexpr Index kWordsAtOnce = 4;

/// Returns how many columns stream_words fills for `words` of them.
[[nodiscard]] constexpr Index whole_words(Index words) noexcept {
  return (words + kWordsAtOnce - 1) / kWordsAtOnce * kWordsAtOnce;
}

/// Computes the first words of streams of a key and a purpose, as columns: out[k * leading + i] is what the k-th call of
/// bits() gives in stream number indices[i], for k < whole_words(words).
void stream_words(const Key& key, StreamPurpose purpose, std::span<const std::uint64_t> indices, Index words,
                  Index leading, std::uint64_t* out) noexcept;

}  // namespace varimix
