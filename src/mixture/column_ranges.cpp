#include "column_ranges.hpp"

#include <limits>
#include <vector>

#include "varimix/core/block_reduce.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/mixture/default_init.hpp"

namespace varimix {

ColumnRanges column_ranges(const RowView& x) {
  struct Partial {
    std::vector<double> block;
    ColumnRanges range;
  };
  const Index d = x.columns();
  constexpr double kUnbounded = std::numeric_limits<double>::infinity();
  const std::vector<double> zero(static_cast<std::size_t>(d), 0.0);
  const Partial start{std::vector<double>(static_cast<std::size_t>(d * kBlockRows)),
                      {Vector::Constant(d, kUnbounded), Vector::Constant(d, -kUnbounded)}};
  return block_reduce(
             x.rows(), start,
             [&](Partial& partial, Index first, Index count) {
               x.copy_columns(first, count, zero, partial.block.data(), kBlockRows);
               for (Index j = 0; j < d; ++j) {
                 const double* column = partial.block.data() + j * kBlockRows;
                 double low = partial.range.low(j);
                 double high = partial.range.high(j);
                 for (Index i = 0; i < count; ++i) {
                   low = column[i] < low ? column[i] : low;
                   high = column[i] > high ? column[i] : high;
                 }
                 partial.range.low(j) = low;
                 partial.range.high(j) = high;
               }
             },
             [](Partial& left, const Partial& right) {
               left.range.low = left.range.low.cwiseMin(right.range.low);
               left.range.high = left.range.high.cwiseMax(right.range.high);
             })
      .range;
}

std::vector<Index> constant_columns(const RowView& x) {
  const ColumnRanges range = column_ranges(x);
  std::vector<Index> constant;
  for (Index j = 0; j < x.columns(); ++j) {
    if (range.low(j) == range.high(j)) constant.push_back(j);
  }
  return constant;
}

}  // namespace varimix
