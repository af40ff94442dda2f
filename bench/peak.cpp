#include "peak.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "peak.cpp"
#include <hwy/foreach_target.h>
// This must follow foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace varimix::bench::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<double>;
using Lanes = hn::Vec<Tag>;

// Two units with a latency of 4 or 5 cycles want 8 to 10 chains. Sixteen registers hold 12 and two constants.
constexpr Index kChains = 12;
// Two loads a cycle want as many additions, of a latency of 4 cycles at most.
constexpr Index kSums = 8;

Index lanes_of_vector() { return static_cast<Index>(hn::Lanes(Tag())); }

double do_multiply_adds(Index count, double factor) {
  const Tag d;
  const auto multiplier = hn::Set(d, factor);
  const auto one = hn::Set(d, 1.0);
  Lanes chain[kChains];
  for (Index c = 0; c < kChains; ++c) chain[c] = hn::Set(d, static_cast<double>(c));
  for (Index done = 0; done < count; done += kChains * lanes_of_vector()) {
    for (Lanes& each : chain) each = hn::MulAdd(each, multiplier, one);
  }
  for (Index c = 1; c < kChains; ++c) chain[0] = hn::Add(chain[0], chain[c]);
  return hn::GetLane(hn::SumOfLanes(d, chain[0]));
}

double do_read_all(const double* values, Index count, Index passes) {
  const Tag d;
  const Index lanes = lanes_of_vector();
  Lanes sums[kSums];
  for (Lanes& sum : sums) sum = hn::Zero(d);
  for (Index pass = 0; pass < passes; ++pass) {
    for (Index i = 0; i < count; i += kSums * lanes) {
      for (Index s = 0; s < kSums; ++s) sums[s] = hn::Add(sums[s], hn::LoadU(d, values + i + s * lanes));
    }
  }
  for (Index s = 1; s < kSums; ++s) sums[0] = hn::Add(sums[0], sums[s]);
  return hn::GetLane(hn::SumOfLanes(d, sums[0]));
}

}  // namespace varimix::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::bench {
namespace {

HWY_EXPORT(lanes_of_vector);
HWY_EXPORT(do_multiply_adds);
HWY_EXPORT(do_read_all);

}  // namespace

VectorUnit vector_unit() {
  return {hwy::TargetName(hwy::SupportedAndGeneratedTargets().front()), HWY_DYNAMIC_DISPATCH(lanes_of_vector)()};
}

double multiply_adds(Index count, double factor) noexcept {
  return HWY_DYNAMIC_DISPATCH(do_multiply_adds)(count, factor);
}

double read_all(const double* values, Index count, Index passes) noexcept {
  return HWY_DYNAMIC_DISPATCH(do_read_all)(values, count, passes);
}

}  // namespace varimix::bench
#endif
