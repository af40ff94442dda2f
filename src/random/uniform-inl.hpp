// Uniform numbers from words of 64 bits. This file is compiled once per target.
#if defined(VARIMIX_RANDOM_UNIFORM_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_RANDOM_UNIFORM_INL_HPP_
#undef VARIMIX_RANDOM_UNIFORM_INL_HPP_
#else
#define VARIMIX_RANDOM_UNIFORM_INL_HPP_
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace varimix::HWY_NAMESPACE {

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

/// Uniform numbers in (0, 1], to the bit those of CounterStream::uniform: steps of the word, from the middle of the first.
template <class D>
VARIMIX_INLINE hn::Vec<D> uniform_of(D d, Words<D> words) {
  return hn::Add(hn::Mul(hn::Set(d, 0x1p-64), to_doubles(d, words)), hn::Set(d, 0x1p-65));
}

}  // namespace varimix::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
