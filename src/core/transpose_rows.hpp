#pragma once

#include <cstdint>

#include "varimix/core/types.hpp"

namespace varimix {

/// Rows whose columns lie side by side: column j of row i at data[number(i) * stride + j].
template <class Scalar>
struct PackedRows {
  const Scalar* data;
  Index stride;
  const std::int64_t* chosen;  ///< number(i) = chosen[i], or i where it is null
};

/// Copies `count` rows to columns, less `origin`: out[j * leading + i] = row i, column j - origin[j].
void transpose_rows(const PackedRows<double>& rows, Index count, Index columns, const double* origin, double* out,
                    Index leading) noexcept;
void transpose_rows(const PackedRows<float>& rows, Index count, Index columns, const double* origin, double* out,
                    Index leading) noexcept;

}  // namespace varimix
