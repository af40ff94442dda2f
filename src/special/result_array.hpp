#pragma once

#include <cstddef>

namespace varimix {

/// An array of results from its i-th element on; null, as one that is not wanted is, stays null.
[[nodiscard]] inline double* advanced(double* array, std::size_t i) noexcept {
  return array == nullptr ? nullptr : array + i;
}

}  // namespace varimix
