#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace varimix {

/// What a random stream is keyed by: the same key gives the same draws on every machine and for any number of threads.
class Key {
 public:
  /// Throws std::invalid_argument for key < 0.
  explicit Key(std::int64_t key);
  /// One number keys as it does alone; several are hashed together, in order. Throws std::invalid_argument if empty.
  [[nodiscard]] static Key from_words(std::span<const std::uint64_t> words);
  /// The key whose words() these are.
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
