#pragma once

#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cstddef>

#include "varimix/core/types.hpp"

namespace varimix {

/// An array of doubles, initially 0. It begins at a multiple of 64 bytes, the size of a cache line and of the widest
/// vector.
class AlignedDoubles {
 public:
  explicit AlignedDoubles(Index size)
      : size_(static_cast<std::size_t>(size)), values_(hwy::AllocateAligned<double>(size_)) {
    std::fill_n(values_.get(), size_, 0.0);
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
