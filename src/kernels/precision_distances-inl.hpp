// The distances of completed and whitened rows, each with a direction of its own. This file is compiled once per target.
#if defined(VARIMIX_KERNELS_PRECISION_DISTANCES_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_KERNELS_PRECISION_DISTANCES_INL_HPP_
#undef VARIMIX_KERNELS_PRECISION_DISTANCES_INL_HPP_
#else
#define VARIMIX_KERNELS_PRECISION_DISTANCES_INL_HPP_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>

#include "kernels/precision_rows.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// A line of scratch has a number of each row; a pair of lines has first x - mu or v, then what is taken from gamma or
// from L^{-1} gamma.
constexpr Index kLine = kPrecisionRows;
constexpr Index kPair = 2 * kLine;

// Vectors of rows that are summed together, each by chains of additions of its own.
constexpr Index kSumVectors = 2;

/// The rows of one call of precision_rows, as pairs of lines: v, and what h has beside L^{-1} gamma.
template <class D>
class PrecisionDistances {
 public:
  using V = hn::Vec<D>;

  VARIMIX_INLINE PrecisionDistances(D d, const PrecisionLaw& law, const double* pairs)
      : d_(d), law_(law), pairs_(pairs) {}

  VARIMIX_INLINE void store(Index rows, const PartialRows& out) const {
    for (Index i = 0; i < rows; i += kSumVectors * lanes()) store_sums(i, rows, out);
  }

 private:
  [[nodiscard]] static VARIMIX_INLINE Index lanes() { return static_cast<Index>(hn::Lanes(D())); }
  [[nodiscard]] VARIMIX_INLINE V set(double value) const { return hn::Set(d_, value); }

  /// The sums of rows i, ..., which fill some vectors.
  VARIMIX_INLINE void store_sums(Index i, Index rows, const PartialRows& out) const {
    V squared[kSumVectors], projection[kSumVectors], gamma_squared[kSumVectors], misalignment[kSumVectors];
    for (Index u = 0; u < kSumVectors; ++u) {
      squared[u] = projection[u] = gamma_squared[u] = misalignment[u] = hn::Zero(d_);
    }
    for_each_pair(i, [&](Index u, V v, V h) {
      squared[u] = hn::MulAdd(v, v, squared[u]);
      projection[u] = hn::MulAdd(h, v, projection[u]);
      gamma_squared[u] = hn::MulAdd(h, h, gamma_squared[u]);
    });
    bool needed = false;
    for (Index u = 0; u < kSumVectors; ++u) needed |= needs_misalignment(squared[u], gamma_squared[u]);
    if (needed) misalignments(i, projection, gamma_squared, misalignment);
    for (Index u = 0; u < kSumVectors; ++u) {
      const Index at = i + u * lanes();
      const auto present = hn::FirstN(d_, static_cast<std::size_t>(std::clamp(rows - at, Index{0}, lanes())));
      hn::BlendedStore(squared[u], present, d_, out.distances.distance_squared + at);
      hn::BlendedStore(projection[u], present, d_, out.distances.projection + at);
      hn::BlendedStore(misalignment[u], present, d_, out.distances.misalignment + at);
      hn::BlendedStore(gamma_squared[u], present, d_, out.gamma_squared + at);
    }
  }

  /// Returns true unless the product is small for all. NaN needs it.
  [[nodiscard]] VARIMIX_INLINE bool needs_misalignment(V squared, V gamma_squared) const {
    const V a = hn::Add(set(law_.root_a * law_.root_a), gamma_squared);
    const V b = hn::Add(set(law_.root_b * law_.root_b), squared);
    return !hn::AllTrue(d_, hn::Lt(hn::Mul(a, b), set(law_.misalignment_from)));
  }

  /// The misalignments of `distance`, with a direction for each row.
  VARIMIX_INLINE void misalignments(Index i, const V (&projection)[kSumVectors], const V (&gamma_squared)[kSumVectors],
                                    V (&out)[kSumVectors]) const {
    V length[kSumVectors], along_direction[kSumVectors], along[kSumVectors], across[kSumVectors];
    for (Index u = 0; u < kSumVectors; ++u) {
      length[u] = hn::Sqrt(gamma_squared[u]);
      const auto has_length = hn::Gt(length[u], hn::Zero(d_));
      along_direction[u] = hn::IfThenElseZero(has_length, hn::Div(projection[u], length[u]));
      along[u] = across[u] = hn::Zero(d_);
    }
    const V root_a = set(law_.root_a);
    const V root_b = set(law_.root_b);
    for_each_pair(i, [&](Index u, V v, V h) {
      const V on_line = hn::NegMulAdd(root_a, v, hn::Mul(root_b, h));
      const V beside = hn::MulSub(length[u], v, hn::Mul(along_direction[u], h));
      along[u] = hn::MulAdd(on_line, on_line, along[u]);
      across[u] = hn::MulAdd(beside, beside, across[u]);
    });
    for (Index u = 0; u < kSumVectors; ++u) out[u] = hn::Add(along[u], across[u]);
  }

  /// Calls visit(u, v_j, h_j) for every column j of rows i, ..., which fill some vectors.
  template <class Visit>
  VARIMIX_INLINE void for_each_pair(Index i, const Visit& visit) const {
    const Index d = law_.d;
    const double* const direction = law_.direction;
    const double* pair = pairs_ + i;
    for (Index j = 0; j < d; ++j, pair += kPair) {
      const V of_gamma = set(direction[j]);
      for (Index u = 0; u < kSumVectors; ++u) {
        const double* const at = pair + u * lanes();
        visit(u, hn::LoadU(d_, at), hn::Add(of_gamma, hn::LoadU(d_, at + kLine)));
      }
    }
  }

  const D d_;
  const PrecisionLaw& law_;
  const double* pairs_;
};

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
