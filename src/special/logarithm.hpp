#pragma once

#include <cstddef>

namespace varimix::simd {

/// Replaces every x[i] by log(x[i]), for normal x[i] > 0. The relative error is below 2^-51.
void logarithms(double* inout_x, std::size_t count) noexcept;

}  // namespace varimix::simd
