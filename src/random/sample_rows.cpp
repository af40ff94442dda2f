#include "varimix/random/sample_rows.hpp"

#include <bit>
#include <numeric>
#include <utility>

namespace varimix {
namespace {

/// An open-addressing table from a place to the row that the shuffle has put there.
class MovedPlaces {
 public:
  explicit MovedPlaces(std::int64_t capacity)
      : mask_(std::bit_ceil(static_cast<std::uint64_t>(2 * capacity)) - 1), slots_(mask_ + 1) {}

  /// Returns the row at `place`, which is `place` itself where nothing was moved, and puts another there.
  std::int64_t exchange(std::int64_t place, std::int64_t row) {
    std::uint64_t slot = hash(place) & mask_;
    while (slots_[slot].place != kEmpty && slots_[slot].place != place) slot = (slot + 1) & mask_;
    const std::int64_t before = slots_[slot].place == kEmpty ? place : slots_[slot].row;
    slots_[slot] = {place, row};
    return before;
  }

 private:
  static constexpr std::int64_t kEmpty = -1;
  struct Slot {
    std::int64_t place = kEmpty;
    std::int64_t row = kEmpty;
  };
  static std::uint64_t hash(std::int64_t place) {
    constexpr std::uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio: multiplicative hashing
    constexpr int kHighBits = 32;
    return (static_cast<std::uint64_t>(place) * kGoldenRatio) >> kHighBits;
  }
  std::uint64_t mask_;
  std::vector<Slot> slots_;
};

}  // namespace

std::vector<std::int64_t> sample_rows(CounterStream& stream, std::int64_t rows, std::int64_t count) {
  // Fisher and Yates's shuffle of 0, ..., rows - 1, of which the first `count` places are an array.
  std::vector<std::int64_t> sample(static_cast<std::size_t>(count));
  std::iota(sample.begin(), sample.end(), 0);
  MovedPlaces beyond(count);
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
