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

// Vectors of rows that are looked at together: what a column has for all of them is made once.
constexpr Index kTogether = 4;

void compute_gaps(const double* x, Index rows, Index leading, Index d, std::uint64_t* out_words, Index word_leading,
                  std::int64_t* out_missing) {
  constexpr std::uint64_t kFirstBit = std::uint64_t{1} << (kColumnsOfWord - 1);
  for_each_vector<kTogether>(rows, [&](auto tag, auto vectors, Index i) {
    constexpr Index kVectors = decltype(vectors)::value;
    const hn::RebindToUnsigned<decltype(tag)> words;
    const hn::RebindToSigned<decltype(tag)> counts;
    const auto lanes = static_cast<Index>(hn::Lanes(tag));
    hn::Vec<decltype(counts)> missing[kVectors];
    for (Index u = 0; u < kVectors; ++u) missing[u] = hn::Zero(counts);
    for (Index first = 0; first < d; first += kColumnsOfWord) {
      hn::Vec<decltype(words)> word[kVectors];
      for (Index u = 0; u < kVectors; ++u) word[u] = hn::Zero(words);
      for (Index j = first; j < std::min(d, first + kColumnsOfWord); ++j) {
        const auto bit = hn::Set(words, kFirstBit >> (j - first));
        for (Index u = 0; u < kVectors; ++u) {
          const auto is_gap = hn::IsNaN(hn::LoadU(tag, x + j * leading + i + u * lanes));
          const auto gap = hn::BitCast(words, hn::VecFromMask(tag, is_gap));
          word[u] = hn::Or(word[u], hn::And(gap, bit));
          missing[u] = hn::Sub(missing[u], hn::BitCast(counts, gap));
        }
      }
      std::uint64_t* to = out_words + first / kColumnsOfWord * word_leading + i;
      for (Index u = 0; u < kVectors; ++u) hn::StoreU(word[u], words, to + u * lanes);
    }
    for (Index u = 0; u < kVectors; ++u) hn::StoreU(missing[u], counts, out_missing + i + u * lanes);
  });
}

void copy_rows(const double* x, const std::int64_t* order, Index rows, Index leading, Index d, double* out) {
  for (Index j = 0; j < d; ++j, x += leading, out += leading) {
    for_each_vector<kTogether>(rows, [&](auto tag, auto vectors, Index i) {
      const hn::RebindToSigned<decltype(tag)> numbers;
      for (Index u = 0; u < decltype(vectors)::value; ++u) {
        const Index at = i + u * static_cast<Index>(hn::Lanes(tag));
        hn::StoreU(hn::GatherIndex(tag, x, hn::LoadU(numbers, order + at)), tag, out + at);
      }
    });
  }
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
HWY_EXPORT(copy_rows);
HWY_EXPORT(compute_weights_shown);

}  // namespace

void find_gaps(const double* x, Index rows, Index leading, Index d, std::uint64_t* out_words, Index word_leading,
               std::int64_t* out_missing) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_gaps)(x, rows, leading, d, out_words, word_leading, out_missing);
}

void take_rows(const double* x, const std::int64_t* order, Index rows, Index leading, Index d, double* out) noexcept {
  HWY_DYNAMIC_DISPATCH(copy_rows)(x, order, rows, leading, d, out);
}

void add_weights_shown(const double* x, const double* weight, Index rows, Index leading, Index d,
                       double* inout) noexcept {
  HWY_DYNAMIC_DISPATCH(compute_weights_shown)(x, weight, rows, leading, d, inout);
}

}  // namespace varimix::kernels
#endif
