#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace varimix::tests {

/// Reads the fuzzer's bytes one after another, and zeros when they are used up.
class FuzzBytes {
 public:
  explicit FuzzBytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint8_t byte() {
    if (used_ == bytes_.size()) return 0;
    return bytes_[used_++];
  }
  bool flag() { return (byte() & 1) != 0; }
  /// Returns a number from 0 to count - 1. @pre 1 <= count <= 256.
  std::size_t below(std::size_t count) { return byte() % count; }
  /// Returns one of the choices.
  template <class T, std::size_t N>
  const T& element(const T (&choices)[N]) {
    return choices[below(N)];
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t used_ = 0;
};

}  // namespace varimix::tests
