#include "transpose_rows.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/transpose_rows.cpp"
#include <hwy/foreach_target.h>
// This must follow foreach_target.h.
#include <hwy/highway.h>

#include "groups-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class Scalar>
VARIMIX_INLINE const Scalar* row_of(const PackedRows<Scalar>& rows, Index i) {
  return rows.data + (rows.chosen == nullptr ? i : static_cast<Index>(rows.chosen[i])) * rows.stride;
}

template <class D>
VARIMIX_INLINE hn::Vec<D> load(D d, const double* from) {
  return hn::LoadU(d, from);
}

template <class D>
VARIMIX_INLINE hn::Vec<D> load(D d, const float* from) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, D>(), from));
}

// Rows that are transposed together, two columns at a time.
#if HWY_TARGET == HWY_SCALAR
constexpr Index kRows = 1;
#elif HWY_MAX_BYTES >= 32
constexpr Index kRows = 4;
#else
constexpr Index kRows = 2;
#endif

template <class Scalar>
VARIMIX_INLINE void transpose_one(const Scalar* row, Index i, Index j, const double* origin, double* out,
                                  Index leading) {
  out[j * leading + i] = static_cast<double>(row[j]) - origin[j];
}

/// Columns j and j + 1 of kRows rows, which become rows i, ....
template <class Scalar>
VARIMIX_INLINE void transpose_two_columns(const Scalar* const (&row)[kRows], Index i, Index j, const double* origin,
                                          double* out, Index leading) {
#if HWY_TARGET != HWY_SCALAR
  const hn::CappedTag<double, 2> two;
  const hn::CappedTag<double, kRows> d;
  const auto pair = [&](Index k) { return load(two, row[k] + j); };
#if HWY_MAX_BYTES >= 32
  const auto even = hn::Combine(d, pair(2), pair(0));
  const auto odd = hn::Combine(d, pair(3), pair(1));
#else
  const auto even = pair(0);
  const auto odd = pair(1);
#endif
  double* to = out + j * leading + i;
  hn::StoreU(hn::Sub(hn::InterleaveLower(d, even, odd), hn::Set(d, origin[j])), d, to);
  hn::StoreU(hn::Sub(hn::InterleaveUpper(d, even, odd), hn::Set(d, origin[j + 1])), d, to + leading);
#else
  transpose_one(row[0], i, j, origin, out, leading);
  transpose_one(row[0], i, j + 1, origin, out, leading);
#endif
}

template <class D>
VARIMIX_INLINE void load_pairs(D d, const double* from, hn::Vec<D>& first, hn::Vec<D>& second) {
  hn::LoadInterleaved2(d, from, first, second);
}

template <class D>
VARIMIX_INLINE void load_pairs(D d, const float* from, hn::Vec<D>& first, hn::Vec<D>& second) {
  const hn::Rebind<float, D> narrow;
  hn::Vec<hn::Rebind<float, D>> one, other;
  hn::LoadInterleaved2(narrow, from, one, other);
  first = hn::PromoteTo(d, one);
  second = hn::PromoteTo(d, other);
}

/// Rows of two columns without gaps between them.
template <class Scalar>
VARIMIX_INLINE void transpose_pairs(const Scalar* rows, Index count, const double* origin, double* out, Index leading) {
  for_each_vector<1>(count, [&](auto d, auto /*vectors*/, Index i) {
    hn::Vec<decltype(d)> first, second;
    load_pairs(d, rows + 2 * i, first, second);
    hn::StoreU(hn::Sub(first, hn::Set(d, origin[0])), d, out + i);
    hn::StoreU(hn::Sub(second, hn::Set(d, origin[1])), d, out + leading + i);
  });
}

/// In strips of columns so narrow that what is written for a few rows stays in the first-level cache.
template <class Scalar>
VARIMIX_INLINE void transpose(const PackedRows<Scalar> rows, Index count, Index columns, const double* origin,
                              double* out, Index leading) {
  if (columns == 2 && rows.stride == 2 && rows.chosen == nullptr) {
    transpose_pairs(rows.data, count, origin, out, leading);
    return;
  }
  constexpr Index kStrip = 128;
  for (Index first = 0; first < columns; first += kStrip) {
    const Index end = std::min(columns, first + kStrip);
    Index i = 0;
    for (; i + kRows <= count; i += kRows) {
      const Scalar* row[kRows];  // found before the loop over columns: the compiler cannot know that `out` is elsewhere
      for (Index k = 0; k < kRows; ++k) row[k] = row_of(rows, i + k);
      Index j = first;
      for (; j + 2 <= end; j += 2) transpose_two_columns(row, i, j, origin, out, leading);
      for (Index k = 0; j < end && k < kRows; ++k) transpose_one(row[k], i + k, j, origin, out, leading);
    }
    for (; i < count; ++i) {
      const Scalar* row = row_of(rows, i);
      for (Index j = first; j < end; ++j) transpose_one(row, i, j, origin, out, leading);
    }
  }
}

void transpose_doubles(const PackedRows<double>& rows, Index count, Index columns, const double* origin, double* out,
                       Index leading) {
  transpose(rows, count, columns, origin, out, leading);
}

void transpose_floats(const PackedRows<float>& rows, Index count, Index columns, const double* origin, double* out,
                      Index leading) {
  transpose(rows, count, columns, origin, out, leading);
}

}  // namespace varimix::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix {
namespace {

HWY_EXPORT(transpose_doubles);
HWY_EXPORT(transpose_floats);

}  // namespace

void transpose_rows(const PackedRows<double>& rows, Index count, Index columns, const double* origin, double* out,
                    Index leading) noexcept {
  HWY_DYNAMIC_DISPATCH(transpose_doubles)(rows, count, columns, origin, out, leading);
}

void transpose_rows(const PackedRows<float>& rows, Index count, Index columns, const double* origin, double* out,
                    Index leading) noexcept {
  HWY_DYNAMIC_DISPATCH(transpose_floats)(rows, count, columns, origin, out, leading);
}

}  // namespace varimix
#endif
