#pragma once

#include <string>

#include "varimix/core/types.hpp"

namespace varimix::bench {

/// The vector unit that the library dispatches to on this machine.
struct VectorUnit {
  std::string name;
  Index lanes;  ///< doubles of a vector
};
[[nodiscard]] VectorUnit vector_unit();

// Loops that keep one part of a core busy and do little else, on that vector unit.

/// Does `count` multiply-adds of a double, in chains that do not wait for each other. Returns their sum.
/// @param factor  of size < 1, so that the values stay bounded.   @pre count is a multiple of kMultiplyAddsStep.
[[nodiscard]] double multiply_adds(Index count, double factor) noexcept;
inline constexpr Index kMultiplyAddsStep = 1536;  // 12 chains of any number of lanes up to 128

/// Reads `count` doubles `passes` times and returns the sum of what was read. @pre count is a multiple of kReadStep.
[[nodiscard]] double read_all(const double* values, Index count, Index passes) noexcept;
inline constexpr Index kReadStep = 1024;  // 8 vectors of any number of lanes up to 128

}  // namespace varimix::bench
