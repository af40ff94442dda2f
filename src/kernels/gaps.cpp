#include "gaps.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gaps.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

#include "core/groups-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using varimix::HWY_NAMESPACE::for_each_vector;

void compute_gaps(const double* x, Index rows, Index leading, Index d, std::uint64_t* out_words, Index word_leading,
                  std::int64_t* out_missing) {
  constexpr std::uint64_t kFirstBit = std::uint64_t{1} << (kColumnsOfWord - 1);
  for_each_vector<1>(rows, [&](auto tag, auto /*vectors*/, Index i) {
    const hn::RebindToUnsigned<decltype(tag)> words;
    const hn::RebindToSigned<decltype(tag)> counts;
    auto missing = hn::Zero(counts);
    for (Index first = 0; first < d; first += kColumnsOfWord) {
      auto word = hn::Zero(words);
      for (Index j = first; j < std::min(d, first + kColumnsOfWord); ++j) {
        const auto gap = hn::BitCast(words, hn::VecFromMask(tag, hn::IsNaN(hn::LoadU(tag, x + j * leading + i))));
        word = hn::Or(word, hn::And(gap, hn::Set(words, kFirstBit >> (j - first))));
        missing = hn::Sub(missing, hn::BitCast(counts, gap));
      }
      hn::StoreU(word, words, out_words + first / kColumnsOfWord * word_leading + i);
    }
    hn::StoreU(missing, counts, out_missing + i);
  });
}

void compute_weights_shown(const double* x, const double* weight, Index rows, Index leading, Index columns,
                           double* inout) {
  const hn::ScalableTag<double> d;
  const auto lanes = static_cast<Index>(hn::Lanes(d));
  for (Index j = 0; j < columns; ++j, x += leading) {
    auto sum = hn::Zero(d);
    Index i = 0;
    for (; i + lanes <= rows; i += lanes) {
      sum = hn::Add(sum, hn::IfThenZeroElse(hn::IsNaN(hn::LoadU(d, x + i)), hn::LoadU(d, weight + i)));
    }
    for (; i < rows; ++i) inout[j] += x[i] == x[i] ? weight[i] : 0.0;
    inout[j] += hn::GetLane(hn::SumOfLanes(d, sum));
  }
}

}  // namespace varimix::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::kernels {
namespace {

HWY_EXPORT(compute_gaps);
HWY_EXPORT(compute_weights_shown);

}  // namespace

void find_gaps(const double* x, Index rows, Index leading, Index d, std::uint64_t* out_words, Index word_leading,
               std::int64_t* out_missing) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_gaps)(x, rows, leading, d, out_words, word_leading, out_missing);
}

void add_weights_shown(const double* x, const double* weight, Index rows, Index leading, Index d,
                       double* inout) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_weights_shown)(x, weight, rows, leading, d, inout);
}

}  // namespace varimix::kernels
#endif
