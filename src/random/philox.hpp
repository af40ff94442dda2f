#pragma once

#include <Random123/philox.h>

#include <array>
#include <cstdint>

namespace varimix {

/// Returns the four words of Philox 4x64-10 at a counter.
[[nodiscard]] inline std::array<std::uint64_t, 4> philox(const std::array<std::uint64_t, 4>& counter,
                                                         const std::array<std::uint64_t, 2>& key) noexcept {
  using Philox = r123::Philox4x64;
  const Philox::ctr_type out = Philox{}({{counter[0], counter[1], counter[2], counter[3]}}, {{key[0], key[1]}});
  return {out[0], out[1], out[2], out[3]};
}

}  // namespace varimix
