#include "varimix/random/counter_stream.hpp"

#include <Random123/boxmuller.hpp>
#include <Random123/uniform.hpp>

#include "philox.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

__extension__ using Wide = unsigned __int128;

}  // namespace

Key::Key(std::int64_t key) {
  require(key >= 0, "key", ">= 0", key);
  words_ = {static_cast<std::uint64_t>(key), 0};
}

Key Key::from_words(std::span<const std::uint64_t> words) {
  require(!words.empty(), "key", "one or more numbers", "none");
  Key key;
  key.words_ = {words.front(), 0};
  for (std::size_t k = 1; k < words.size(); ++k) {
    const auto mixed = philox({words[k], k, 0, 0}, key.words_);
    key.words_ = {mixed[0], mixed[1]};
  }
  return key;
}

Key Key::restored(const std::array<std::uint64_t, 2>& words) noexcept {
  Key key;
  key.words_ = words;
  return key;
}

CounterStream::CounterStream(const Key& key, StreamPurpose purpose, std::uint64_t index) noexcept
    : key_(key.words()), counter_{0, index, static_cast<std::uint64_t>(purpose), 0} {}

std::uint64_t CounterStream::bits() noexcept {
  if (used_ == 4) {
    words_ = philox(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return words_[static_cast<std::size_t>(used_++)];
}

double CounterStream::uniform() noexcept { return r123::u01<double>(bits()); }

std::uint64_t CounterStream::below(std::uint64_t bound) noexcept {
  const auto product = [&] { return static_cast<Wide>(bits()) * bound; };
  Wide scaled = product();
  if (static_cast<std::uint64_t>(scaled) < bound) {
    const std::uint64_t rejected = -bound % bound;  // 2^64 mod bound
    while (static_cast<std::uint64_t>(scaled) < rejected) scaled = product();
  }
  return static_cast<std::uint64_t>(scaled >> 64);
}

double CounterStream::normal() noexcept {
  if (const std::optional<double> spare = take_spare_normal()) return *spare;
  const std::uint64_t first = bits();
  const auto pair = r123::boxmuller(first, bits());
  spare_normal_ = pair.y;
  return pair.x;
}

}  // namespace varimix
