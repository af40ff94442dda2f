#include "stream_words.hpp"

#include <cstddef>

#include "philox.hpp"

namespace varimix {

// The rows of one counter follow each other: the generator's rounds wait for one another in a row, not across rows.
void stream_words(const Key& key, StreamPurpose purpose, std::uint64_t first, Index rows, Index words, Index leading,
                  std::uint64_t* out) noexcept {
  const auto place = static_cast<std::uint64_t>(purpose);
  for (Index four = 0; four < whole_words(words) / kWordsAtOnce; ++four) {
    std::uint64_t* to = out + four * kWordsAtOnce * leading;
    for (Index i = 0; i < rows; ++i) {
      const auto row_words =
          philox({static_cast<std::uint64_t>(four), first + static_cast<std::uint64_t>(i), place, 0}, key.words());
      for (Index k = 0; k < kWordsAtOnce; ++k) to[k * leading + i] = row_words[static_cast<std::size_t>(k)];
    }
  }
}

}  // namespace varimix
