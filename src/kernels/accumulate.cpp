#include "accumulate.hpp"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/accumulate.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

#include "core/groups-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using varimix::HWY_NAMESPACE::for_each_group;
using varimix::HWY_NAMESPACE::for_each_padded_vector;

using Tag = hn::ScalableTag<double>;
using Lanes = hn::Vec<Tag>;

// The sums of a tile of the matrix stay in registers.
constexpr Index kTileRows = 4;
#if HWY_TARGET <= HWY_AVX3
constexpr Index kTileColumns = 4;
#else
constexpr Index kTileColumns = 2;
#endif

VARIMIX_INLINE double sum_of(Lanes lanes) { return hn::GetLane(hn::SumOfLanes(Tag(), lanes)); }

double sum_values(const double* values, Index rows) {
  Lanes total = hn::Zero(Tag());
  for_each_padded_vector(rows, [&](Index i, auto load, auto /*store*/) { total = hn::Add(total, load(values + i)); });
  return sum_of(total);
}

double largest_value(const double* values, Index rows) {
  const Tag d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  Lanes largest = hn::Set(d, -std::numeric_limits<double>::infinity());
  Index i = 0;
  for (; i + lanes <= rows; i += lanes) {
    const Lanes next = hn::LoadU(d, values + i);
    largest = hn::IfThenElse(hn::Gt(next, largest), next, largest);
  }
  // MaxOfLanes takes -inf for the lowest double on some targets
  HWY_ALIGN double of_lane[hn::MaxLanes(d)];
  hn::Store(largest, d, of_lane);
  double of_all = *std::max_element(of_lane, of_lane + lanes);
  for (; i < rows; ++i) of_all = values[i] > of_all ? values[i] : of_all;
  return of_all;
}

/// Adds a column's sums, and writes the column times w.
void add_column(const double* column, Index rows, const double* weight, const double* w, double* out_weighted,
                double& inout_x, double& inout_wx) {
  Lanes x = hn::Zero(Tag());
  Lanes wx = hn::Zero(Tag());
  for_each_padded_vector(rows, [&](Index i, auto load, auto store) {
    const Lanes values = load(column + i);
    const Lanes weighted = hn::Mul(load(w + i), values);
    x = weight == nullptr ? hn::Add(x, values) : hn::MulAdd(load(weight + i), values, x);
    wx = hn::Add(wx, weighted);
    store(weighted, out_weighted + i);
  });
  inout_x += sum_of(x);
  inout_wx += sum_of(wx);
}

/// Adds rows first_row, ..., + R - 1 and columns first_column, ..., + C - 1 of (weighted columns)'(columns), without what
/// lies above the diagonal.
template <Index R, Index C>
VARIMIX_INLINE void add_tile(const double* weighted, const double* x, Index rows, Index leading, Index d,
                             Index first_row, Index first_column, double* inout) {
  Lanes sums[R][C];
  for (auto& row : sums) {
    for (Lanes& each : row) each = hn::Zero(Tag());
  }
  for_each_padded_vector(rows, [&](Index i, auto load, auto /*store*/) {
    Lanes column[C];
    for (Index c = 0; c < C; ++c) column[c] = load(x + (first_column + c) * leading + i);
    for (Index r = 0; r < R; ++r) {
      const Lanes row = load(weighted + (first_row + r) * leading + i);
      for (Index c = 0; c < C; ++c) sums[r][c] = hn::MulAdd(row, column[c], sums[r][c]);
    }
  });
  for (Index r = 0; r < R; ++r) {
    for (Index c = 0; c < C; ++c) {
      if (first_column + c <= first_row + r) inout[(first_column + c) * d + first_row + r] += sum_of(sums[r][c]);
    }
  }
}

void accumulate_block(const double* x, Index rows, Index leading, Index d, const double* weight, const double* w,
                      double* weighted, double* inout_x, double* inout_wx, double* inout_wxx) {
  for (Index j = 0; j < d; ++j) {
    add_column(x + j * leading, rows, weight, w, weighted + j * leading, inout_x[j], inout_wx[j]);
  }
  for_each_group<kTileRows>(d, [&](auto tile_rows, Index first) {
    constexpr Index kRows = decltype(tile_rows)::value;
    for_each_group<kTileColumns>(first + kRows, [&](auto tile_columns, Index column) {
      add_tile<kRows, decltype(tile_columns)::value>(weighted, x, rows, leading, d, first, column, inout_wxx);
    });
  });
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {
namespace {

HWY_EXPORT(sum_values);
HWY_EXPORT(largest_value);
HWY_EXPORT(accumulate_block);

}  // namespace

double largest(const double* values, Index rows) noexcept { return HWY_DYNAMIC_DISPATCH(largest_value)(values, rows); }

double sum(const double* values, Index rows) noexcept { return HWY_DYNAMIC_DISPATCH(sum_values)(values, rows); }

void accumulate(const double* x, Index rows, Index leading, Index d, const double* weight, const double* w,
                double* scratch, double* inout_x, double* inout_wx, double* inout_wxx) noexcept {
  HWY_DYNAMIC_DISPATCH(accumulate_block)(x, rows, leading, d, weight, w, scratch, inout_x, inout_wx, inout_wxx);
}

}  // namespace varimix::kernels
#endif
