// Triangular systems with a right-hand side for each row of some vectors. This file is compiled once per target.
#if defined(VARIMIX_KERNELS_TRIANGLE_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_KERNELS_TRIANGLE_INL_HPP_
#undef VARIMIX_KERNELS_TRIANGLE_INL_HPP_
#else
#define VARIMIX_KERNELS_TRIANGLE_INL_HPP_
#endif

#include <hwy/highway.h>

#include "core/groups-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Columns that are solved together for rows in so many vectors: their sums stay in registers.
constexpr Index kColumns = 4;
#if HWY_TARGET <= HWY_AVX3
constexpr Index kVectors = 4;
#else
constexpr Index kVectors = 2;
#endif

/// Columns first, ..., first + C - 1 of the solution v of L v = b, for U vectors of rows. `inout` has b, and v on
/// return; element k of the v of a row is at v[k * leading + row], for k < first.
/// @param cholesky  L, column k from k * stride on.   @param over_pivot  over_pivot(j, value) = value / L_jj.
template <Index C, Index U, class D, class OverPivot>
VARIMIX_INLINE void solve_columns(D d, const double* cholesky, Index stride, Index first, const double* v,
                                  Index leading, OverPivot&& over_pivot, hn::Vec<D> (&inout)[C][U]) {
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  for (Index k = 0; k < first; ++k) {
    hn::Vec<D> solved[U];
    for (Index u = 0; u < U; ++u) solved[u] = hn::LoadU(d, v + k * leading + u * lanes);
    const double* column = cholesky + k * stride + first;
    for (Index c = 0; c < C; ++c) {
      const auto factor = hn::Set(d, column[c]);
      for (Index u = 0; u < U; ++u) inout[c][u] = hn::NegMulAdd(factor, solved[u], inout[c][u]);
    }
  }
  for (Index c = 0; c < C; ++c) {
    for (Index u = 0; u < U; ++u) {
      auto value = inout[c][u];
      for (Index b = 0; b < c; ++b) {
        const auto factor = hn::Set(d, cholesky[(first + b) * stride + first + c]);
        value = hn::NegMulAdd(factor, inout[b][u], value);
      }
      inout[c][u] = over_pivot(first + c, value);
    }
  }
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
