#pragma once

#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cstddef>
#include <limits>

#include "varimix/core/types.hpp"

namespace varimix {

/// An array of doubles. It begins at a multiple of 64 bytes, the size of a cache line and of the widest vector. What
/// nothing was written to is undefined; where assertions are on it is NaN, so that who reads it is found.
class AlignedDoubles {
 public:
  explicit AlignedDoubles(Index size)
      : size_(static_cast<std::size_t>(size)), values_(hwy::AllocateAligned<double>(size_)) {
#ifndef NDEBUG
    std::fill_n(values_.get(), size_, std::numeric_limits<double>::quiet_NaN());
#endif
  }
  [[nodiscard]] double* data() noexcept { return values_.get(); }
  [[nodiscard]] const double* data() const noexcept { return values_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] double& operator[](std::size_t i) noexcept { return values_[i]; }
  [[nodiscard]] double operator[](std::size_t i) const noexcept { return values_[i]; }

 private:
  std::size_t size_;
  hwy::AlignedFreeUniquePtr<double[]> values_;
};

}  // namespace varimix
