#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "varimix/random/key.hpp"

namespace varimix {

/// The purpose of a stream. Streams of different purpose or index under one key are independent.
enum class StreamPurpose : std::uint64_t {
  kModelRows = 1,
  kBatchRows = 2,
  kSubordinatorRows = 3,
  kStarts = 4,
  kShuffle = 5,
  kScenarioRows = 6,
  kHorizonRows = 7,
  kBootstrapWeights = 8
};

/// The random stream with number `index` under a key: Philox 4x64-10 (Salmon et al. 2011, SC'11) on the counter
/// (draw, index, purpose, 0). A draw depends on key, purpose, index and position alone: rows can be drawn in any order.
class CounterStream {
 public:
  CounterStream(const Key& key, StreamPurpose purpose, std::uint64_t index) noexcept;
  /// Draws 64 uniform bits.
  [[nodiscard]] std::uint64_t bits() noexcept;
  /// Draws a uniform number from (0, 1].
  [[nodiscard]] double uniform() noexcept;
  /// Draws a uniform number from {0, ..., bound - 1}, exactly (Lemire 2019, ACM TOMACS 29:3). @pre bound > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) noexcept;
  /// Draws a standard normal number (Box and Muller 1958); two of them use two words of 64 bits.
  [[nodiscard]] double normal() noexcept;
  /// Takes the number that `normal` would return without drawing words, if there is one.
  [[nodiscard]] std::optional<double> take_spare_normal() noexcept {
    return std::exchange(spare_normal_, std::nullopt);
  }

 private:
  std::array<std::uint64_t, 2> key_;
  std::array<std::uint64_t, 4> counter_;
  std::array<std::uint64_t, 4> words_{};
  int used_ = 4;
  std::optional<double> spare_normal_;
};

}  // namespace varimix
