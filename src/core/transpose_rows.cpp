#include "transpose_rows.hpp"

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

#if HWY_TARGET != HWY_SCALAR
/// Two columns of two rows.
template <class Scalar>
VARIMIX_INLINE void transpose_two(const PackedRows<Scalar>& rows, Index i, Index j, const double* origin, double* out,
                                  Index leading) {
  const hn::CappedTag<double, 2> d;
  const auto a = load(d, row_of(rows, i) + j);
  const auto b = load(d, row_of(rows, i + 1) + j);
  double* to = out + j * leading + i;
  hn::StoreU(hn::Sub(hn::InterleaveLower(d, a, b), hn::Set(d, origin[j])), d, to);
  hn::StoreU(hn::Sub(hn::InterleaveUpper(d, a, b), hn::Set(d, origin[j + 1])), d, to + leading);
}
#endif

#if HWY_MAX_BYTES >= 32 && HWY_TARGET != HWY_SCALAR
/// Four columns of four rows.
template <class Scalar>
VARIMIX_INLINE void transpose_four(const PackedRows<Scalar>& rows, Index i, Index j, const double* origin, double* out,
                                   Index leading) {
  const hn::CappedTag<double, 4> d;
  const auto a = load(d, row_of(rows, i) + j);
  const auto b = load(d, row_of(rows, i + 1) + j);
  const auto c = load(d, row_of(rows, i + 2) + j);
  const auto e = load(d, row_of(rows, i + 3) + j);
  const auto even_ab = hn::InterleaveLower(d, a, b);
  const auto even_ce = hn::InterleaveLower(d, c, e);
  const auto odd_ab = hn::InterleaveUpper(d, a, b);
  const auto odd_ce = hn::InterleaveUpper(d, c, e);
  double* to = out + j * leading + i;
  hn::StoreU(hn::Sub(hn::ConcatLowerLower(d, even_ce, even_ab), hn::Set(d, origin[j])), d, to);
  hn::StoreU(hn::Sub(hn::ConcatLowerLower(d, odd_ce, odd_ab), hn::Set(d, origin[j + 1])), d, to + leading);
  hn::StoreU(hn::Sub(hn::ConcatUpperUpper(d, even_ce, even_ab), hn::Set(d, origin[j + 2])), d, to + 2 * leading);
  hn::StoreU(hn::Sub(hn::ConcatUpperUpper(d, odd_ce, odd_ab), hn::Set(d, origin[j + 3])), d, to + 3 * leading);
}
#endif

template <class Scalar>
VARIMIX_INLINE void transpose_one(const PackedRows<Scalar>& rows, Index first, Index count, Index j,
                                  const double* origin, double* out, Index leading) {
  for (Index i = first; i < count; ++i) out[j * leading + i] = static_cast<double>(row_of(rows, i)[j]) - origin[j];
}

template <class Scalar>
VARIMIX_INLINE void transpose(const PackedRows<Scalar>& rows, Index count, Index columns, const double* origin,
                              double* out, Index leading) {
  Index j = 0;
#if HWY_MAX_BYTES >= 32 && HWY_TARGET != HWY_SCALAR
  for (; j + 4 <= columns; j += 4) {
    Index i = 0;
    for (; i + 4 <= count; i += 4) transpose_four(rows, i, j, origin, out, leading);
    for (Index k = j; k < j + 4; ++k) transpose_one(rows, i, count, k, origin, out, leading);
  }
#endif
#if HWY_TARGET != HWY_SCALAR
  for (; j + 2 <= columns; j += 2) {
    Index i = 0;
    for (; i + 2 <= count; i += 2) transpose_two(rows, i, j, origin, out, leading);
    for (Index k = j; k < j + 2; ++k) transpose_one(rows, i, count, k, origin, out, leading);
  }
#endif
  for (; j < columns; ++j) transpose_one(rows, 0, count, j, origin, out, leading);
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
