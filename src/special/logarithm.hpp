#pragma once

#include <cstddef>

namespace varimix::simd {

/// log(x[i]) for normal x[i] > 0, in place. Relative error below 2^-51.
void logarithms(double* inout_x, std::size_t count) noexcept;

}  // namespace varimix::simd
