#include "column_ranges.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/aligned_doubles.hpp"
#include "core/weighted_rows.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/mixture/default_init.hpp"

namespace varimix {

ColumnRanges column_ranges(const RowView& x) {
  const Index d = x.columns();
  constexpr double kUnbounded = std::numeric_limits<double>::infinity();
  const std::vector<double> zero(static_cast<std::size_t>(d), 0.0);
  const ColumnRanges start{Vector::Constant(d, kUnbounded), Vector::Constant(d, -kUnbounded)};
  return block_reduce(
      x.rows(), 2 * d, start, [&] { return AlignedDoubles(d * kBlockStride); },
      [&](ColumnRanges& range, AlignedDoubles& block, Index first, Index count) {
        x.copy_columns(first, count, zero, block.data(), kBlockStride);
        for (Index j = 0; j < d; ++j) {
          const double* column = block.data() + j * kBlockStride;
          double low = range.low(j);
          double high = range.high(j);
          for (Index i = 0; i < count; ++i) {
            low = column[i] < low ? column[i] : low;
            high = column[i] > high ? column[i] : high;
          }
          range.low(j) = low;
          range.high(j) = high;
        }
      },
      [](ColumnRanges& left, const ColumnRanges& right) {
        left.low = left.low.cwiseMin(right.low);
        left.high = left.high.cwiseMax(right.high);
      });
}

ColumnRanges column_ranges(const RowView& x, std::span<const double> weights) {
  if (std::find(weights.begin(), weights.end(), 0.0) == weights.end()) return column_ranges(x);
  const std::vector<std::int64_t> counted = weighted_rows(weights);
  return column_ranges(x.select(counted));
}

std::vector<Index> constant_columns(const ColumnRanges& range) {
  std::vector<Index> constant;
  for (Index j = 0; j < range.low.size(); ++j) {
    if (range.low(j) == range.high(j)) constant.push_back(j);
  }
  return constant;
}

std::vector<Index> constant_columns(const RowView& x) { return constant_columns(column_ranges(x)); }

}  // namespace varimix
