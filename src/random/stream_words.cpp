#include "stream_words.hpp"

#include <cstddef>

#include "philox.hpp"

namespace varimix {

// Streams follow each other at one counter: the rounds of the generator wait for one another in a stream, not across.
void stream_words(const Key& key, StreamPurpose purpose, std::span<const std::uint64_t> indices, Index words,
                  Index leading, std::uint64_t* out) noexcept {
  const auto kind = static_cast<std::uint64_t>(purpose);
  const auto key_words = key.words();  // a copy: the compiler cannot know that `out` is elsewhere
  for (Index first = 0; first < words; first += kWordsAtOnce) {
    std::uint64_t* to = out + first * leading;
    for (const std::uint64_t index : indices) {
      const auto four = philox({static_cast<std::uint64_t>(first / kWordsAtOnce), index, kind, 0}, key_words);
      for (std::size_t k = 0; k < four.size(); ++k) to[static_cast<Index>(k) * leading] = four[k];
      ++to;
    }
  }
}

}  // namespace varimix
