#include "draw.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/draw.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

#include "core/groups-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using varimix::HWY_NAMESPACE::for_each_group;
using varimix::HWY_NAMESPACE::for_each_vector;

// Columns that are computed together for rows in so many vectors: their sums stay in registers.
constexpr Index kDrawColumns = 4;
constexpr Index kDrawVectors = 2;

/// The numbers of U vectors of rows.
struct DrawRows {
  const double* y;
  const double* root_y;
  const double* z;
  double* out;
};

/// Columns first, ..., first + C - 1.
template <Index C, Index U, class D>
VARIMIX_INLINE void draw_columns(D d, const DrawLaw& law, const DrawRows& rows, Index columns, Index leading,
                                 Index first) {
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  hn::Vec<D> sum[C][U];
  for (auto& column : sum) {
    for (auto& vector : column) vector = hn::Zero(d);
  }
  for (Index k = 0; k < first + C; ++k) {
    hn::Vec<D> z[U];
    for (Index u = 0; u < U; ++u) z[u] = hn::LoadU(d, rows.z + k * leading + u * lanes);
    const double* factor = law.cholesky + k * columns + first;
    for (Index c = k <= first ? 0 : k - first; c < C; ++c) {
      for (Index u = 0; u < U; ++u) sum[c][u] = hn::MulAdd(hn::Set(d, factor[c]), z[u], sum[c][u]);
    }
  }
  for (Index u = 0; u < U; ++u) {
    const auto y = hn::LoadU(d, rows.y + u * lanes);
    const auto root_y = hn::LoadU(d, rows.root_y + u * lanes);
    for (Index c = 0; c < C; ++c) {
      const auto centre = hn::MulAdd(y, hn::Set(d, law.gamma[first + c]), hn::Set(d, law.mu[first + c]));
      hn::StoreU(hn::MulAdd(root_y, sum[c][u], centre), d, rows.out + (first + c) * leading + u * lanes);
    }
  }
}

void draw_block(const DrawLaw& law, const double* y, const double* root_y, const double* z, Index rows, Index leading,
                Index columns, double* out) {
  for_each_vector<kDrawVectors>(rows, [&](auto tag, auto vectors, Index i) {
    const DrawRows some{y + i, root_y + i, z + i, out + i};
    for_each_group<kDrawColumns>(columns, [&](auto group, Index first) {
      draw_columns<decltype(group)::value, decltype(vectors)::value>(tag, law, some, columns, leading, first);
    });
  });
}

// Rows that are written together, two columns at a time.
#if HWY_TARGET == HWY_SCALAR
constexpr Index kRows = 1;
#elif HWY_MAX_BYTES >= 32
constexpr Index kRows = 4;
#else
constexpr Index kRows = 2;
#endif

/// Columns j and j + 1 of kRows rows from row i on.
VARIMIX_INLINE void store_two_columns(const double* columns, Index i, Index j, Index leading, Index d, double* out) {
  const double* from = columns + j * leading + i;
  double* to = out + i * d + j;
#if HWY_TARGET == HWY_SCALAR
  to[0] = from[0];
  to[1] = from[leading];
#else
  const hn::CappedTag<double, kRows> rows;
  const hn::CappedTag<double, 2> two;
  const auto first = hn::LoadU(rows, from);
  const auto second = hn::LoadU(rows, from + leading);
  const auto even = hn::InterleaveLower(rows, first, second);
  const auto odd = hn::InterleaveUpper(rows, first, second);
#if HWY_MAX_BYTES >= 32
  hn::StoreU(hn::LowerHalf(even), two, to);
  hn::StoreU(hn::LowerHalf(odd), two, to + d);
  hn::StoreU(hn::UpperHalf(two, even), two, to + 2 * d);
  hn::StoreU(hn::UpperHalf(two, odd), two, to + 3 * d);
#else
  hn::StoreU(even, two, to);
  hn::StoreU(odd, two, to + d);
#endif
#endif
}

void rows_of_columns(const double* columns, Index rows, Index leading, Index d, double* out) {
  if (d == 2) {
    for_each_vector<1>(rows, [=](auto tag, auto /*vectors*/, Index i) {
      hn::StoreInterleaved2(hn::LoadU(tag, columns + i), hn::LoadU(tag, columns + leading + i), tag, out + 2 * i);
    });
    return;
  }
  Index i = 0;
  for (; i + kRows <= rows; i += kRows) {
    Index j = 0;
    for (; j + 2 <= d; j += 2) store_two_columns(columns, i, j, leading, d, out);
    for (Index k = 0; j < d && k < kRows; ++k) out[(i + k) * d + j] = columns[j * leading + i + k];
  }
  for (; i < rows; ++i) {
    for (Index j = 0; j < d; ++j) out[i * d + j] = columns[j * leading + i];
  }
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {
namespace {

HWY_EXPORT(draw_block);
HWY_EXPORT(rows_of_columns);

}  // namespace

void draw(const DrawLaw& law, const double* y, const double* root_y, const double* z, Index rows, Index leading,
          Index d, double* out) noexcept {
  HWY_DYNAMIC_DISPATCH(draw_block)(law, y, root_y, z, rows, leading, d, out);
}

void columns_to_rows(const double* columns, Index rows, Index leading, Index d, double* out) noexcept {
  HWY_DYNAMIC_DISPATCH(rows_of_columns)(columns, rows, leading, d, out);
}

}  // namespace varimix::kernels
#endif
