#include "table_lookup.hpp"

#include <algorithm>
#include <cmath>

#include "result_array.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "special/table_lookup.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int kMantissaBits = 52;
constexpr int kExponentBias = 1023;

/// The places of a vector of values: the leading bits of the mantissa tell the segment, and the others t + 3 in [2, 4).
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE void find_vector(D d, V u, std::uint64_t first_exponent, std::size_t i, Places& out) {
  const hn::RebindToUnsigned<D> du;
  const auto set = [du](std::uint64_t bits) { return hn::Set(du, bits); };
  const auto bits = hn::BitCast(du, u);
  const auto octave = hn::Sub(hn::ShiftRight<kMantissaBits>(bits), set(first_exponent));
  const auto segment = hn::And(hn::ShiftRight<kMantissaBits - kSegmentBits>(bits), set(kSegments - 1));
  const auto of_octave = hn::ShiftLeft<hwy::CeilLog2(kOctaveDoubles)>(octave);
  const auto of_segment = hn::ShiftLeft<hwy::CeilLog2(kTableCoefficients)>(segment);
  hn::Store(hn::Or(of_octave, of_segment), du, out.segment + i);
  const auto mantissa = set((std::uint64_t{1} << kMantissaBits) - 1);
  const auto rest = hn::And(hn::ShiftLeft<kSegmentBits>(bits), mantissa);
  const auto t = hn::Sub(hn::BitCast(d, hn::Or(rest, hn::BitCast(du, hn::Set(d, 2.0)))), hn::Set(d, 3.0));
  const auto squared = hn::Mul(t, t);
  hn::Store(t, d, out.t + i);
  hn::Store(hn::Mul(squared, squared), d, out.t_fourth + i);
}

void find(const double* u, std::size_t count, int first_exponent, int beyond_exponent, Places& out) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto first = static_cast<std::uint64_t>(std::int64_t{first_exponent} + kExponentBias);
  const auto low = hn::Set(d, std::ldexp(1.0, first_exponent));
  const auto beyond = hn::Set(d, std::ldexp(1.0, beyond_exponent));
  auto smallest = hn::Set(d, u[0]);
  auto largest = smallest;
  auto is_within = hn::And(hn::Ge(smallest, low), hn::Lt(smallest, beyond));
  const auto visit = [&](hn::Vec<decltype(d)> value, std::size_t i) {
    smallest = hn::Min(smallest, value);
    largest = hn::Max(largest, value);
    is_within = hn::And(is_within, hn::And(hn::Ge(value, low), hn::Lt(value, beyond)));
    find_vector(d, value, first, i, out);
  };
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) visit(hn::LoadU(d, u + i), i);
  if (i < count) {
    alignas(HWY_MAX_BYTES) double rest[HWY_MAX_BYTES / sizeof(double)];
    std::fill_n(std::copy_n(u + i, count - i, rest), lanes - (count - i), u[count - 1]);
    visit(hn::Load(d, rest), i);
    i += lanes;
  }
  // look_up_four reads four places
  for (; i % 4 != 0; ++i) {
    out.t[i] = out.t[i - 1];
    out.t_fourth[i] = out.t_fourth[i - 1];
    out.segment[i] = out.segment[i - 1];
  }
  out.smallest = hn::GetLane(hn::MinOfLanes(d, smallest));
  out.largest = hn::GetLane(hn::MaxOfLanes(d, largest));
  out.is_within = hn::AllTrue(d, is_within);
}

// A vector of half a segment's coefficients, or a part of it, as the target allows.
using HalfTag = hn::CappedTag<double, kTableCoefficients / 2>;
using Half = hn::Vec<HalfTag>;

/// Coefficients k, k + 1, ... of row i as those of a polynomial of degree 3 in t: c_k + c_{k+4} t^4.
VARIMIX_INLINE Half halved(const double* coefficients, const Places& places, std::size_t i, std::size_t k) {
  constexpr HalfTag d;
  const double* low = coefficients + places.segment[i] + k;
  return hn::MulAdd(hn::Load(d, low + kTableCoefficients / 2), hn::Set(d, places.t_fourth[i]), hn::Load(d, low));
}

VARIMIX_INLINE void horner(const double* t, Half c0, Half c1, Half c2, Half c3, double* out) {
  constexpr HalfTag d;
  const Half at = hn::Load(d, t);
  hn::StoreU(hn::MulAdd(hn::MulAdd(hn::MulAdd(c3, at, c2), at, c1), at, c0), d, out);
}

/// Looks up a function at rows i, ..., i + 3 and stores it at `out`. Vectors of coefficients become vectors of rows.
VARIMIX_INLINE void look_up_four(const double* coefficients, const Places& places, std::size_t i, double* out) {
  const auto row = [&](std::size_t r, std::size_t k) { return halved(coefficients, places, i + r, k); };
  const double* t = places.t + i;
  [[maybe_unused]] constexpr HalfTag d;
#if HWY_MAX_BYTES >= 32
  const Half row0 = row(0, 0);
  const Half row1 = row(1, 0);
  const Half row2 = row(2, 0);
  const Half row3 = row(3, 0);
  const Half even01 = hn::InterleaveLower(d, row0, row1);
  const Half even23 = hn::InterleaveLower(d, row2, row3);
  const Half odd01 = hn::InterleaveUpper(d, row0, row1);
  const Half odd23 = hn::InterleaveUpper(d, row2, row3);
  horner(t, hn::ConcatLowerLower(d, even23, even01), hn::ConcatLowerLower(d, odd23, odd01),
         hn::ConcatUpperUpper(d, even23, even01), hn::ConcatUpperUpper(d, odd23, odd01), out);
#elif HWY_TARGET != HWY_SCALAR
  for (std::size_t r = 0; r < 4; r += 2) {
    const Half first0 = row(r, 0);
    const Half first1 = row(r + 1, 0);
    const Half last0 = row(r, 2);
    const Half last1 = row(r + 1, 2);
    horner(t + r, hn::InterleaveLower(d, first0, first1), hn::InterleaveUpper(d, first0, first1),
           hn::InterleaveLower(d, last0, last1), hn::InterleaveUpper(d, last0, last1), out + r);
  }
#else
  for (std::size_t r = 0; r < 4; ++r) horner(t + r, row(r, 0), row(r, 1), row(r, 2), row(r, 3), out + r);
#endif
}

void look_up_function(const double* coefficients, const Places& places, std::size_t count, double* out) {
  if (out == nullptr) return;
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) look_up_four(coefficients, places, i, out + i);
  if (i == count) return;
  double rest[4];
  look_up_four(coefficients, places, i, rest);
  std::copy_n(rest, count - i, out + i);
}

void look_up_block(const double* coefficients, const Places& places, std::size_t count, const GigMomentArrays& out) {
  look_up_function(coefficients, places, count, out.log_normalizer);
  look_up_function(coefficients + kFunctionDoubles, places, count, out.inv_y);
  look_up_function(coefficients + 2 * kFunctionDoubles, places, count, out.y);
  look_up_function(coefficients + 3 * kFunctionDoubles, places, count, out.log_y);
}

void add_weighted_maps(const double* maps, std::size_t count, const double* values, double* inout) {
  const hn::CappedTag<double, kFunctionDoubles> d;
  for (std::size_t k = 0; k < kFunctionDoubles; k += hn::Lanes(d)) {
    hn::Vec<decltype(d)> sums[kTableFunctions];
    for (std::size_t f = 0; f < kTableFunctions; ++f) sums[f] = hn::LoadU(d, inout + f * kFunctionDoubles + k);
    for (std::size_t i = 0; i < count; ++i) {
      const auto map = hn::LoadU(d, maps + i * kFunctionDoubles + k);
      for (std::size_t f = 0; f < kTableFunctions; ++f) {
        sums[f] = hn::MulAdd(map, hn::Set(d, values[i * kTableFunctions + f]), sums[f]);
      }
    }
    for (std::size_t f = 0; f < kTableFunctions; ++f) hn::StoreU(sums[f], d, inout + f * kFunctionDoubles + k);
  }
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::simd {
namespace {

HWY_EXPORT(find);
HWY_EXPORT(look_up_block);
HWY_EXPORT(add_weighted_maps);

}  // namespace

void find_places(const double* u, std::size_t count, int first_exponent, int beyond_exponent,
                 Places& out_places) noexcept {
  HWY_DYNAMIC_DISPATCH(find)(u, count, first_exponent, beyond_exponent, out_places);
}

void look_up(const double* coefficients, const Places& places, std::size_t count, const GigMomentArrays& out) noexcept {
  HWY_DYNAMIC_DISPATCH(look_up_block)(coefficients, places, count, out);
}

void add_products(const double* maps, std::size_t count, const double* values, double* inout) noexcept {
  HWY_DYNAMIC_DISPATCH(add_weighted_maps)(maps, count, values, inout);
}

}  // namespace varimix::simd
#endif
