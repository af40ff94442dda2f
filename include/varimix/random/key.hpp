#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace varimix {

/// The key of random streams. The same key gives the same draws on every machine and for any number of threads.
class Key {
 public:
  /// Makes the key of one number. Throws std::invalid_argument for key < 0.
  explicit Key(std::int64_t key);
  /// Makes a key of several numbers, hashed together in order; one number gives Key(number). Throws
  /// std::invalid_argument if there are none.
  [[nodiscard]] static Key from_words(std::span<const std::uint64_t> words);
  /// Returns the key that has these words().
  [[nodiscard]] static Key restored(const std::array<std::uint64_t, 2>& words) noexcept;
  [[nodiscard]] const std::array<std::uint64_t, 2>& words() const noexcept { return words_; }
  bool operator==(const Key&) const = default;

 private:
  Key() = default;
  std::array<std::uint64_t, 2> words_{};
};

/// A seed keys a stream as a key does.
using Seed = Key;

}  // namespace varimix
