#include "normal_pairs.hpp"

#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "random/normal_pairs.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "core/groups-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
using Words = hn::Vec<hn::RebindToUnsigned<D>>;

/// The doubles next to words: their halves are exact, and only their sum is rounded.
template <class D>
VARIMIX_INLINE hn::Vec<D> to_doubles(D d, Words<D> words) {
  const hn::RebindToUnsigned<D> du;
  const hn::RebindToSigned<D> di;
  const auto upper = hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<32>(words)));
  const auto lower = hn::ConvertTo(d, hn::BitCast(di, hn::And(words, hn::Set(du, 0xffffffffU))));
  return hn::MulAdd(hn::Set(d, 0x1p32), upper, lower);
}

template <class D>
VARIMIX_INLINE void pair_of(D d, const std::uint64_t* words, double* out) {
  const hn::RebindToSigned<D> di;
  Words<D> angle;
  Words<D> radius;
  hn::LoadInterleaved2(hn::RebindToUnsigned<D>(), words, angle, radius);
  // Steps of the word, from the middle of the first, as r123::uneg11 and r123::u01 take them.
  const auto u = hn::Mul(hn::Set(d, 0x1p-63), hn::ConvertTo(d, hn::BitCast(di, angle)));
  const auto from_centre = hn::Add(u, hn::Set(d, 0x1p-64));
  const auto v = hn::Add(hn::Mul(hn::Set(d, 0x1p-64), to_doubles(d, radius)), hn::Set(d, 0x1p-65));
  const auto at = hn::Mul(hn::Set(d, std::numbers::pi), from_centre);
  const auto length = hn::Sqrt(hn::Mul(hn::Set(d, -2.0), hn::Log(d, v)));
  hn::StoreInterleaved2(hn::Mul(hn::Sin(d, at), length), hn::Mul(hn::Cos(d, at), length), d, out);
}

void compute_pairs(const std::uint64_t* words, std::size_t pairs, double* out) {
  varimix::HWY_NAMESPACE::for_each_vector<1>(
      static_cast<Index>(pairs), [=](auto d, auto /*vectors*/, Index i) { pair_of(d, words + 2 * i, out + 2 * i); });
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::simd {
namespace {

HWY_EXPORT(compute_pairs);

}  // namespace

void normal_pairs(const std::uint64_t* words, std::size_t pairs, double* out) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_pairs)(words, pairs, out);
}

}  // namespace varimix::simd
#endif
