#include "table_lookup.hpp"

#include <algorithm>
#include <limits>

#include "result_array.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "special/table_lookup.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void load(const double* u, std::size_t count, LookupBlock& block) {
  std::copy_n(u, count, block.u);
  std::fill(block.u + count, block.u + kLookupRows, u[count - 1]);
  const hn::ScalableTag<double> d;
  auto smallest = hn::Load(d, block.u);
  auto largest = smallest;
  auto any_nan = hn::IsNaN(smallest);
  for (std::size_t i = hn::Lanes(d); i < count; i += hn::Lanes(d)) {
    const auto value = hn::Load(d, block.u + i);
    smallest = hn::Min(smallest, value);
    largest = hn::Max(largest, value);
    any_nan = hn::Or(any_nan, hn::IsNaN(value));
  }
  block.smallest =
      hn::AllFalse(d, any_nan) ? hn::GetLane(hn::MinOfLanes(d, smallest)) : std::numeric_limits<double>::quiet_NaN();
  block.largest = hn::GetLane(hn::MaxOfLanes(d, largest));
}

/// The segment of each u, which holds its polynomials, and their argument t.
struct Places {
  alignas(128) double t[kLookupRows];
  alignas(128) std::uint64_t segment[kLookupRows];
};

void find_places(int first_exponent, const LookupBlock& block, std::size_t count, Places& places) {
  constexpr int kMantissaBits = 52;
  constexpr int kExponentBias = 1023;
  const hn::ScalableTag<double> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const auto first = hn::Set(du, static_cast<std::uint64_t>(first_exponent + kExponentBias) << kSegmentBits);
  const auto mantissa = hn::Set(du, (std::uint64_t{1} << kMantissaBits) - 1);
  const auto two = hn::BitCast(du, hn::Set(d, 2.0));
  const std::size_t in_fours = (count + 3) & ~std::size_t{3};  // look_up_four reads four; the block is filled up
  for (std::size_t i = 0; i < in_fours; i += hn::Lanes(d)) {
    const auto bits = hn::BitCast(du, hn::Load(d, block.u + i));
    hn::Store(hn::Sub(hn::ShiftRight<kMantissaBits - kSegmentBits>(bits), first), du, places.segment + i);
    const auto rest = hn::Or(hn::And(hn::ShiftLeft<kSegmentBits>(bits), mantissa), two);  // in [2, 4)
    hn::Store(hn::Sub(hn::BitCast(d, rest), hn::Set(d, 3.0)), d, places.t + i);
  }
}

// A vector of one row of a segment, or of a half or a quarter of it, as the target allows.
using FourTag = hn::CappedTag<double, kTableFunctions>;
using Four = hn::Vec<FourTag>;

VARIMIX_INLINE Four horner(FourTag d, const double* segment, double at) {
  const Four t = hn::Set(d, at);
  Four value = hn::Load(d, segment + (kTableCoefficients - 1) * kTableFunctions);
  HWY_UNROLL(16)
  for (std::size_t k = kTableCoefficients - 1; k > 0; --k) {
    value = hn::MulAdd(value, t, hn::Load(d, segment + (k - 1) * kTableFunctions));
  }
  return value;
}

VARIMIX_INLINE void store(FourTag d, Four values, double* array, std::size_t i) {
  if (array != nullptr) hn::StoreU(values, d, array + i);
}

/// Looks up rows i, ..., i + 3 and stores them from `to` on. Vectors of four functions become vectors of four rows.
VARIMIX_INLINE void look_up_four(const double* coefficients, const Places& places, std::size_t i, std::size_t to,
                                 const GigMomentArrays& out) {
  constexpr FourTag d;
  const double* segment[4];
  for (std::size_t k = 0; k < 4; ++k) segment[k] = coefficients + places.segment[i + k] * kSegmentDoubles;
  const double* t = places.t + i;
#if HWY_MAX_BYTES >= 32
  const Four row0 = horner(d, segment[0], t[0]);
  const Four row1 = horner(d, segment[1], t[1]);
  const Four row2 = horner(d, segment[2], t[2]);
  const Four row3 = horner(d, segment[3], t[3]);
  const Four even01 = hn::InterleaveLower(d, row0, row1);
  const Four even23 = hn::InterleaveLower(d, row2, row3);
  const Four odd01 = hn::InterleaveUpper(d, row0, row1);
  const Four odd23 = hn::InterleaveUpper(d, row2, row3);
  store(d, hn::ConcatLowerLower(d, even23, even01), out.log_scaled, to);
  store(d, hn::ConcatLowerLower(d, odd23, odd01), out.inv_y, to);
  store(d, hn::ConcatUpperUpper(d, even23, even01), out.y, to);
  store(d, hn::ConcatUpperUpper(d, odd23, odd01), out.log_y, to);
#elif HWY_TARGET != HWY_SCALAR
  for (std::size_t k = 0; k < 4; k += 2) {
    const Four first0 = horner(d, segment[k], t[k]);
    const Four first1 = horner(d, segment[k + 1], t[k + 1]);
    const Four last0 = horner(d, segment[k] + 2, t[k]);
    const Four last1 = horner(d, segment[k + 1] + 2, t[k + 1]);
    store(d, hn::InterleaveLower(d, first0, first1), out.log_scaled, to + k);
    store(d, hn::InterleaveUpper(d, first0, first1), out.inv_y, to + k);
    store(d, hn::InterleaveLower(d, last0, last1), out.y, to + k);
    store(d, hn::InterleaveUpper(d, last0, last1), out.log_y, to + k);
  }
#else
  for (std::size_t k = 0; k < 4; ++k) {
    store(d, horner(d, segment[k], t[k]), out.log_scaled, to + k);
    store(d, horner(d, segment[k] + 1, t[k]), out.inv_y, to + k);
    store(d, horner(d, segment[k] + 2, t[k]), out.y, to + k);
    store(d, horner(d, segment[k] + 3, t[k]), out.log_y, to + k);
  }
#endif
}

void copy_part(const double* from, std::size_t count, double* to) {
  if (to != nullptr) std::copy_n(from, count, to);
}

void look_up_block(const double* coefficients, int first_exponent, const LookupBlock& block, std::size_t count,
                   const GigMomentArrays& out) {
  Places places;
  find_places(first_exponent, block, count, places);
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) look_up_four(coefficients, places, i, i, out);
  if (i == count) return;
  double rest[kTableFunctions][4];
  look_up_four(coefficients, places, i, 0, {rest[0], rest[1], rest[2], rest[3]});
  copy_part(rest[0], count - i, advanced(out.log_scaled, i));
  copy_part(rest[1], count - i, advanced(out.inv_y, i));
  copy_part(rest[2], count - i, advanced(out.y, i));
  copy_part(rest[3], count - i, advanced(out.log_y, i));
}

void add_matrix_product(const double* matrix, std::size_t rows, std::size_t columns, const double* values,
                        double* inout) {
  constexpr FourTag d;
  for (std::size_t part = 0; part < kTableFunctions; part += hn::Lanes(d)) {
    for (std::size_t r = 0; r < rows; ++r) {
      double* row = inout + r * kTableFunctions + part;
      Four sum = hn::LoadU(d, row);
      for (std::size_t c = 0; c < columns; ++c) {
        sum = hn::MulAdd(hn::Set(d, matrix[r * columns + c]), hn::LoadU(d, values + c * kTableFunctions + part), sum);
      }
      hn::StoreU(sum, d, row);
    }
  }
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::simd {
namespace {

HWY_EXPORT(load);
HWY_EXPORT(look_up_block);
HWY_EXPORT(add_matrix_product);

}  // namespace

void load_block(const double* u, std::size_t count, LookupBlock& block) noexcept {
  HWY_DYNAMIC_DISPATCH(load)(u, count, block);
}

void look_up(const double* coefficients, int first_exponent, const LookupBlock& block, std::size_t count,
             const GigMomentArrays& out) noexcept {
  HWY_DYNAMIC_DISPATCH(look_up_block)(coefficients, first_exponent, block, count, out);
}

void add_product(const double* matrix, std::size_t rows, std::size_t columns, const double* values,
                 double* inout) noexcept {
  HWY_DYNAMIC_DISPATCH(add_matrix_product)(matrix, rows, columns, values, inout);
}

}  // namespace varimix::simd
#endif
