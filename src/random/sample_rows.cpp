#include "varimix/random/sample_rows.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <utility>

#include "varimix/core/require.hpp"

namespace varimix {
namespace {

constexpr auto kMostDraws = static_cast<std::int64_t>(std::numeric_limits<std::uint32_t>::max());

/// The places to which the shuffle has moved rows, in an open-addressing table. It is large for its few places, and holds
/// their small numbers alone: most places are new, and the first slot that is looked at says so.
class MovedPlaces {
 public:
  explicit MovedPlaces(std::int64_t draws)
      : mask_(std::bit_ceil(kSlotsPerDraw * static_cast<std::uint64_t>(draws)) - 1), slots_(mask_ + 1, 0) {
    moved_.reserve(static_cast<std::size_t>(draws));
  }

  /// Returns the row at `place`, which is `place` itself where nothing was moved, and puts another there.
  std::int64_t exchange(std::int64_t place, std::int64_t row) {
    std::uint64_t slot = hash(place) & mask_;
    for (; slots_[slot] != 0; slot = (slot + 1) & mask_) {
      Moved& there = moved_[slots_[slot] - 1];
      if (there.place == place) return std::exchange(there.row, row);
    }
    moved_.push_back({place, row});
    slots_[slot] = static_cast<std::uint32_t>(moved_.size());
    return place;
  }

 private:
  static constexpr std::uint64_t kSlotsPerDraw = 8;
  struct Moved {
    std::int64_t place;
    std::int64_t row;
  };
  static std::uint64_t hash(std::int64_t place) {
    constexpr std::uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio: multiplicative hashing
    constexpr int kHighBits = 32;
    return (static_cast<std::uint64_t>(place) * kGoldenRatio) >> kHighBits;
  }
  std::uint64_t mask_;
  std::vector<std::uint32_t> slots_;  // the number of a moved place, from 1; 0 for none
  std::vector<Moved> moved_;
};

}  // namespace

std::vector<std::int64_t> sample_rows(CounterStream& stream, std::int64_t rows, std::int64_t count) {
  require(count <= kMostDraws, "count", "at most 2^32 - 1", count);
  // Fisher and Yates's shuffle of 0, ..., rows - 1, of which the first `count` places are an array.
  std::vector<std::int64_t> sample(static_cast<std::size_t>(count));
  std::iota(sample.begin(), sample.end(), 0);
  MovedPlaces beyond(std::min(count, rows - count));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t j = i + static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(rows - i)));
    std::int64_t& at_i = sample[static_cast<std::size_t>(i)];
    if (j < count) {
      std::swap(at_i, sample[static_cast<std::size_t>(j)]);
    } else {
      at_i = beyond.exchange(j, at_i);
    }
  }
  return sample;
}

}  // namespace varimix
