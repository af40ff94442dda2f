#include "normal_pairs.hpp"

#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "random/normal_pairs.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "core/groups-inl.hpp"
#include "uniform-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using varimix::HWY_NAMESPACE::for_each_vector;
using varimix::HWY_NAMESPACE::Words;

/// The two numbers of a pair of words.
template <class D>
VARIMIX_INLINE void pair_of(D d, Words<D> angle, Words<D> radius, hn::Vec<D>& out_first, hn::Vec<D>& out_second) {
  const hn::RebindToSigned<D> di;
  // Steps of the word, from the middle of the first, as r123::uneg11 takes them.
  const auto u = hn::Mul(hn::Set(d, 0x1p-63), hn::ConvertTo(d, hn::BitCast(di, angle)));
  const auto from_centre = hn::Add(u, hn::Set(d, 0x1p-64));
  const auto v = varimix::HWY_NAMESPACE::uniform_of(d, radius);
  const auto at = hn::Mul(hn::Set(d, std::numbers::pi), from_centre);
  const auto length = hn::Sqrt(hn::Mul(hn::Set(d, -2.0), hn::Log(d, v)));
  out_first = hn::Mul(hn::Sin(d, at), length);
  out_second = hn::Mul(hn::Cos(d, at), length);
}

void compute_pairs(const std::uint64_t* words, std::size_t pairs, double* out) {
  for_each_vector<1>(static_cast<Index>(pairs), [=](auto d, auto /*vectors*/, Index i) {
    using D = decltype(d);
    Words<D> angle, radius;
    hn::LoadInterleaved2(hn::RebindToUnsigned<D>(), words + 2 * i, angle, radius);
    hn::Vec<D> first, second;
    pair_of(d, angle, radius, first, second);
    hn::StoreInterleaved2(first, second, d, out + 2 * i);
  });
}

void compute_columns(const std::uint64_t* words, Index pairs, Index rows, Index leading, double* out) {
  for (Index column = 0; column < 2 * pairs; column += 2) {
    const std::uint64_t* from = words + column * leading;
    double* to = out + column * leading;
    for_each_vector<1>(rows, [=](auto d, auto /*vectors*/, Index i) {
      const hn::RebindToUnsigned<decltype(d)> du;
      hn::Vec<decltype(d)> first, second;
      pair_of(d, hn::LoadU(du, from + i), hn::LoadU(du, from + leading + i), first, second);
      hn::StoreU(first, d, to + i);
      hn::StoreU(second, d, to + leading + i);
    });
  }
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::simd {
namespace {

HWY_EXPORT(compute_pairs);
HWY_EXPORT(compute_columns);

}  // namespace

void normal_pairs(const std::uint64_t* words, std::size_t pairs, double* out) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_pairs)(words, pairs, out);
}

void normal_columns(const std::uint64_t* words, Index pairs, Index rows, Index leading, double* out) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_columns)(words, pairs, rows, leading, out);
}

}  // namespace varimix::simd
#endif
