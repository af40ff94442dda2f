// How vector code walks over rows and columns. This file is compiled once per target.
#if defined(VARIMIX_CORE_GROUPS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_CORE_GROUPS_INL_HPP_
#undef VARIMIX_CORE_GROUPS_INL_HPP_
#else
#define VARIMIX_CORE_GROUPS_INL_HPP_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "varimix/core/types.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <Index N>
using Count = std::integral_constant<Index, N>;

/// Calls visit(Count<rest>(), first) unless rest = 0. @pre rest <= Most.
template <Index Most, class Visit>
VARIMIX_INLINE void visit_rest(Index rest, Index first, const Visit& visit) {
  if constexpr (Most > 0) {
    if (rest == Most) {
      visit(Count<Most>(), first);
    } else {
      visit_rest<Most - 1>(rest, first, visit);
    }
  }
}

/// Calls visit(Count<Size>(), first) for groups of Size numbers from 0 to count - 1, and once for the rest.
template <Index Size, class Visit>
VARIMIX_INLINE void for_each_group(Index count, const Visit& visit) {
  Index first = 0;
  for (; first + Size <= count; first += Size) visit(Count<Size>(), first);
  visit_rest<Size - 1>(count - first, first, visit);
}

/// Calls visit(k) for first <= k < end, in turn. Numbers that are known to the compiler stay so.
template <class Visit>
VARIMIX_INLINE void for_each_between(Index first, Index end, const Visit& visit) {
  for (Index k = first; k < end; ++k) visit(k);
}
template <Index First, Index End, class Visit>
VARIMIX_INLINE void for_each_between(Count<First> first, Count<End> end, const Visit& visit) {
  if constexpr (First < End) {
    visit(first);
    for_each_between(Count<First + 1>(), end, visit);
  }
}

[[nodiscard]] VARIMIX_INLINE Index after(Index k) { return k + 1; }
template <Index K>
[[nodiscard]] VARIMIX_INLINE Count<K + 1> after(Count<K> /*k*/) {
  return {};
}

/// Calls visit(k) for k = end - 1, ..., 0.
template <class Visit>
VARIMIX_INLINE void for_each_down_from(Index end, const Visit& visit) {
  for (Index k = end - 1; k >= 0; --k) visit(k);
}
template <Index End, class Visit>
VARIMIX_INLINE void for_each_down_from(Count<End> /*end*/, const Visit& visit) {
  if constexpr (End > 0) {
    visit(Count<End - 1>());
    for_each_down_from(Count<End - 1>(), visit);
  }
}

/// Calls visit(tag, Count<U>(), i) for rows i, ... that fill U vectors of the tag, then one vector, then a lane.
template <Index U, class Visit>
VARIMIX_INLINE void for_each_vector(Index rows, const Visit& visit) {
  const hn::ScalableTag<double> d;
  const hn::CappedTag<double, 1> one;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  Index i = 0;
  for (; i + U * lanes <= rows; i += U * lanes) visit(d, Count<U>(), i);
  if constexpr (U > 1) {
    for (; i + lanes <= rows; i += lanes) visit(d, Count<1>(), i);
  }
  for (; i < rows; ++i) visit(one, Count<1>(), i);
}

/// Returns `count` numbers, fewer than a vector has, and 0 in its other lanes. Nothing beyond is read, and they may begin
/// anywhere; Highway's MaskedLoad promises neither on all targets.
template <class D>
VARIMIX_INLINE hn::Vec<D> load_rest(D d, const double* from, Index count) {
#if HWY_MAX_BYTES >= 32
  return hn::MaskedLoad(hn::FirstN(d, static_cast<std::size_t>(count)), d, from);
#else
  HWY_ALIGN double lanes[hn::MaxLanes(d)] = {};
  std::copy_n(from, count, lanes);
  return hn::Load(d, lanes);
#endif
}

/// Stores `count` numbers, fewer than a vector has. Nothing beyond is written.
template <class D>
VARIMIX_INLINE void store_rest(D d, hn::Vec<D> values, Index count, double* to) {
#if HWY_MAX_BYTES >= 32
  hn::BlendedStore(values, hn::FirstN(d, static_cast<std::size_t>(count)), d, to);
#else
  HWY_ALIGN double lanes[hn::MaxLanes(d)];
  hn::Store(values, d, lanes);
  std::copy_n(lanes, count, to);
#endif
}

/// Calls step(i, load, store) for vectors of rows i, .... Beyond the last row load(from) gives 0, and store(values, to)
/// writes nothing.
template <class Step>
VARIMIX_INLINE void for_each_padded_vector(Index rows, const Step& step) {
  const hn::ScalableTag<double> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  Index i = 0;
  for (; i + lanes <= rows; i += lanes) {
    step(
        i, [=](const double* from) { return hn::LoadU(d, from); },
        [=](V values, double* to) { hn::StoreU(values, d, to); });
  }
  if (i == rows) return;
  step(
      i, [=](const double* from) { return load_rest(d, from, rows - i); },
      [=](V values, double* to) { store_rest(d, values, rows - i, to); });
}

}  // namespace varimix::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
