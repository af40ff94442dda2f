#pragma once

#include <cstddef>
#include <span>

namespace varimix {

/// Asks the second-level cache for memory. Ask for a part at a time, beside other work: in one go, the requests would wait
/// for each other.
inline void prefetch(std::span<const std::byte> memory) {
  constexpr std::size_t kLine = 64;
  constexpr int kToRead = 0;
  constexpr int kSecondLevel = 2;
  for (std::size_t at = 0; at < memory.size(); at += kLine) {
    __builtin_prefetch(memory.data() + at, kToRead, kSecondLevel);
  }
}

}  // namespace varimix
