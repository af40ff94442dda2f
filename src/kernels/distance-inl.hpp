// The distances of rows, vector by vector. This file is compiled once per target.
#if defined(VARIMIX_KERNELS_DISTANCE_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_KERNELS_DISTANCE_INL_HPP_
#undef VARIMIX_KERNELS_DISTANCE_INL_HPP_
#else
#define VARIMIX_KERNELS_DISTANCE_INL_HPP_
#endif

#include <hwy/highway.h>

#include <cmath>
#include <cstddef>
#include <span>

#include "core/groups-inl.hpp"
#include "core/prefetch.hpp"
#include "kernels/distance.hpp"
#include "kernels/triangle-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using varimix::HWY_NAMESPACE::for_each_group;
using varimix::HWY_NAMESPACE::for_each_vector;

/// What all rows share beside the law.
struct Shared {
  const RowLaw& law;
  Index d, leading;
  Index v_leading;                // from column to column of v
  bool divide;                    // by a pivot whose reciprocal is no normal double
  double length, inverse_length;  // of the direction
  Index bytes_ahead;              // to be asked for beside a group of kColumns columns of kVectors vectors
};

/// Columns first, ..., first + C - 1 of v = L^{-1}(x - mu), of U vectors of rows, with what they add to v'v and g'v.
template <Index C, Index U, class D>
VARIMIX_INLINE void whiten_columns(D d, const Shared& all, Index first, const double* x, double* v,
                                   hn::Vec<D> (&inout_squared)[U], hn::Vec<D> (&inout_projection)[U]) {
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  const RowLaw& law = all.law;
  hn::Vec<D> at[C][U];
  for (Index c = 0; c < C; ++c) {
    const auto mu = hn::Set(d, law.mu[first + c]);
    for (Index u = 0; u < U; ++u) at[c][u] = hn::Sub(hn::LoadU(d, x + (first + c) * all.leading + u * lanes), mu);
  }
  const auto over_pivot = [&](Index j, hn::Vec<D> value) {
    const double pivot = law.cholesky[j * law.cholesky_stride + j];
    return all.divide ? hn::Div(value, hn::Set(d, pivot)) : hn::Mul(value, hn::Set(d, 1.0 / pivot));
  };
  solve_columns(d, law.cholesky, law.cholesky_stride, first, v, all.v_leading, over_pivot, at);
  for (Index c = 0; c < C; ++c) {
    const auto direction = hn::Set(d, law.direction[first + c]);
    for (Index u = 0; u < U; ++u) {
      hn::StoreU(at[c][u], d, v + (first + c) * all.v_leading + u * lanes);
      inout_squared[u] = hn::MulAdd(at[c][u], at[c][u], inout_squared[u]);
      inout_projection[u] = hn::MulAdd(direction, at[c][u], inout_projection[u]);
    }
  }
}

/// Computes misalignments: |root_b g - root_a v|^2, and g'g v'v - (g'v)^2 as the squared length of |g| v - (g'v/|g|) g,
/// which does not cancel.
template <Index U, class D>
VARIMIX_INLINE void misalignments_of(D d, const Shared& all, const double* v, const hn::Vec<D> (&projection)[U],
                                     hn::Vec<D> (&inout_misalignment)[U]) {
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  const auto root_a = hn::Set(d, all.law.root_a);
  const auto length = hn::Set(d, all.length);
  for (Index j = 0; j < all.d; ++j) {
    const auto target = hn::Set(d, all.law.root_b * all.law.direction[j]);
    const auto unit = hn::Set(d, all.inverse_length * all.law.direction[j]);
    for (Index u = 0; u < U; ++u) {
      const auto value = hn::LoadU(d, v + j * all.v_leading + u * lanes);
      const auto along = hn::NegMulAdd(root_a, value, target);
      const auto across = hn::MulSub(length, value, hn::Mul(projection[u], unit));
      inout_misalignment[u] = hn::MulAdd(along, along, inout_misalignment[u]);
      inout_misalignment[u] = hn::MulAdd(across, across, inout_misalignment[u]);
    }
  }
}

/// Calls results.store(d, first + k, v'v, g'v, misalignment) for rows k, ... of each of U vectors, where no misalignment
/// is computed if results.needs_misalignment(d, v'v) is false for all; asks for the memory `ahead` unless it is null.
/// Returns a sum that is 0 if v'v and misalignment are finite and NaN otherwise.
template <Index U, class D, class Results>
VARIMIX_INLINE hn::Vec<D> distances_of(D d, const Shared& all, const std::byte* ahead, const double* x, double* v,
                                       Index first_row, Results& results) {
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  hn::Vec<D> squared[U], projection[U], misalignment[U];
  for (Index u = 0; u < U; ++u) squared[u] = projection[u] = misalignment[u] = hn::Zero(d);
  for_each_group<kColumns>(all.d, [&](auto group, Index first) {
    if (ahead != nullptr) {
      prefetch({ahead + first / kColumns * all.bytes_ahead, static_cast<std::size_t>(all.bytes_ahead)});
    }
    whiten_columns<decltype(group)::value, U>(d, all, first, x, v, squared, projection);
  });
  bool needed = false;
  for (Index u = 0; u < U; ++u) needed |= results.needs_misalignment(d, squared[u]);
  if (needed) misalignments_of<U>(d, all, v, projection, misalignment);
  auto zero_if_finite = hn::Zero(d);
  for (Index u = 0; u < U; ++u) {
    results.store(d, first_row + u * lanes, squared[u], projection[u], misalignment[u]);
    zero_if_finite = hn::MulAdd(hn::Zero(d), squared[u], zero_if_finite);
    zero_if_finite = hn::MulAdd(hn::Zero(d), misalignment[u], zero_if_finite);
  }
  return zero_if_finite;
}

/// Gives the results of all rows to results.store (distances_of), and leaves v of all rows in `scratch` if
/// Results::kKeepsWhitened. Returns true if all v'v and the misalignments that were
/// needed are finite. The other parameters are those of `distance`.
template <class Results>
VARIMIX_INLINE bool for_each_distance(const RowLaw& law, const double* x, Index rows, Index leading, Index columns,
                                      double* scratch, std::span<const std::byte> ahead, Results& results) {
  double length_squared = 0.0;
  bool divide = false;
  for (Index j = 0; j < columns; ++j) {
    length_squared += law.direction[j] * law.direction[j];
    divide |= !std::isnormal(1.0 / law.cholesky[j * law.cholesky_stride + j]);
  }
  const double length = std::sqrt(length_squared);
  const Index together = kVectors * static_cast<Index>(hn::Lanes(hn::ScalableTag<double>()));
  const Index bytes_of_row = static_cast<Index>(ahead.size()) / rows;
  const Shared all{law,
                   columns,
                   leading,
                   Results::kKeepsWhitened ? leading : together,
                   divide,
                   length,
                   length > 0.0 ? 1.0 / length : 0.0,
                   bytes_of_row * together * kColumns / columns};
  double check = 0.0;
  for_each_vector<kVectors>(rows, [&](auto tag, auto vectors, Index i) {
    constexpr Index kTogether = decltype(vectors)::value;
    const std::byte* next = kTogether < kVectors || ahead.empty() ? nullptr : ahead.data() + i * bytes_of_row;
    double* v = Results::kKeepsWhitened ? scratch + i : scratch;  // the same few lines of a cache again, if not kept
    const auto zero_if_finite = distances_of<kTogether>(tag, all, next, x + i, v, i, results);
    check += hn::GetLane(hn::SumOfLanes(tag, zero_if_finite));
  });
  return check == 0.0;
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
