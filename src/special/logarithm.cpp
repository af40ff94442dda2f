#include "logarithm.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "special/logarithm.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "core/groups-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void take_logarithms(double* x, std::size_t count) {
  varimix::HWY_NAMESPACE::for_each_vector<1>(static_cast<Index>(count), [x](auto d, auto /*vectors*/, Index i) {
    hn::StoreU(hn::Log(d, hn::LoadU(d, x + i)), d, x + i);
  });
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::simd {
namespace {

HWY_EXPORT(take_logarithms);

}  // namespace

void logarithms(double* inout_x, std::size_t count) noexcept { HWY_DYNAMIC_DISPATCH(take_logarithms)(inout_x, count); }

}  // namespace varimix::simd
#endif
