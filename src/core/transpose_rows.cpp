#include "transpose_rows.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/transpose_rows.cpp"
#include <hwy/foreach_target.h>
// This must follow foreach_target.h.
#include <hwy/highway.h>

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
VARIMIX_INLINE void transpose_one(const PackedRows<Scalar>& rows, Index i, Index j, const double* origin, double* out,
                                  Index leading) {
  out[j * leading + i] = static_cast<double>(row_of(rows, i)[j]) - origin[j];
}

/// Columns j and j + 1 of kRows rows from i on.
template <class Scalar>
VARIMIX_INLINE void transpose_two_columns(const PackedRows<Scalar>& rows, Index i, Index j, const double* origin,
                                          double* out, Index leading) {
#if HWY_TARGET != HWY_SCALAR
  const hn::CappedTag<double, 2> two;
  const hn::CappedTag<double, kRows> d;
  const auto row = [&](Index k) { return load(two, row_of(rows, i + k) + j); };
#if HWY_MAX_BYTES >= 32
  const auto even = hn::Combine(d, row(2), row(0));
  const auto odd = hn::Combine(d, row(3), row(1));
#else
  const auto even = row(0);
  const auto odd = row(1);
#endif
  double* to = out + j * leading + i;
  hn::StoreU(hn::Sub(hn::InterleaveLower(d, even, odd), hn::Set(d, origin[j])), d, to);
  hn::StoreU(hn::Sub(hn::InterleaveUpper(d, even, odd), hn::Set(d, origin[j + 1])), d, to + leading);
#else
  transpose_one(rows, i, j, origin, out, leading);
  transpose_one(rows, i, j + 1, origin, out, leading);
#endif
}

/// In strips of columns so narrow that what is written for a few rows stays in the first-level cache.
template <class Scalar>
VARIMIX_INLINE void transpose(const PackedRows<Scalar>& rows, Index count, Index columns, const double* origin,
                              double* out, Index leading) {
  constexpr Index kStrip = 128;
  for (Index first = 0; first < columns; first += kStrip) {
    const Index end = std::min(columns, first + kStrip);
    Index i = 0;
    for (; i + kRows <= count; i += kRows) {
      Index j = first;
      for (; j + 2 <= end; j += 2) transpose_two_columns(rows, i, j, origin, out, leading);
      for (Index k = i; j < end && k < i + kRows; ++k) transpose_one(rows, k, j, origin, out, leading);
    }
    for (; i < count; ++i) {
      for (Index j = first; j < end; ++j) transpose_one(rows, i, j, origin, out, leading);
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
