#pragma once

#include <cstddef>

namespace varimix {

/// Returns an array of results from its i-th element on. Null, which marks a result that is not wanted, stays null.
[[nodiscard]] inline double* advanced(double* array, std::size_t i) noexcept {
  return array == nullptr ? nullptr : array + i;
}

}  // namespace varimix
