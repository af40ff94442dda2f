#include "table_lookup.hpp"

#include <algorithm>
#include <cmath>

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
constexpr std::size_t kRowsAtOnce = 4;

/// The places of a vector of values: the leading bits of the mantissa tell the segment, and the others t + 3 in [2, 4).
template <class D, class V = hn::Vec<D>>
VARIMIX_INLINE void find_vector(D d, V u, std::uint64_t first_exponent, std::size_t i, Places& out) {
  const hn::RebindToUnsigned<D> du;
  const auto set = [du](std::uint64_t bits) { return hn::Set(du, bits); };
  const auto bits = hn::BitCast(du, u);
  const auto segment = hn::Sub(hn::ShiftRight<kMantissaBits - kSegmentBits>(bits), set(first_exponent << kSegmentBits));
  hn::Store(hn::ShiftLeft<hwy::CeilLog2(kSegmentDoubles)>(segment), du, out.segment + i);
  const auto mantissa = set((std::uint64_t{1} << kMantissaBits) - 1);
  const auto rest = hn::And(hn::ShiftLeft<kSegmentBits>(bits), mantissa);
  const auto t = hn::Sub(hn::BitCast(d, hn::Or(rest, hn::BitCast(du, hn::Set(d, 2.0)))), hn::Set(d, 3.0));
  const auto squared = hn::Mul(t, t);
  hn::Store(u, d, out.u + i);
  hn::Store(t, d, out.t + i);
  hn::Store(squared, d, out.t_squared + i);
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
  for (; i % kRowsAtOnce != 0; ++i) {
    out.u[i] = out.u[i - 1];
    out.t[i] = out.t[i - 1];
    out.t_squared[i] = out.t_squared[i - 1];
    out.t_fourth[i] = out.t_fourth[i - 1];
    out.segment[i] = out.segment[i - 1];
  }
  out.smallest = hn::GetLane(hn::MinOfLanes(d, smallest));
  out.largest = hn::GetLane(hn::MaxOfLanes(d, largest));
  out.is_within = hn::AllTrue(d, is_within);
}

// A polynomial of degree 7 is one of degree 3 whose coefficients q_k = c_k + c_{k+4} t^4 are polynomials themselves, and
// that is (q_0 + q_2 t^2) + (q_1 + q_3 t^2) t. Both ways to look a function up round alike.
constexpr std::size_t kHalf = kTableCoefficients / 2;
using PairTag = hn::CappedTag<double, kPair>;
using HalfTag = hn::CappedTag<double, kHalf>;
using Half = hn::Vec<HalfTag>;

/// Returns q_k, q_{k+1}, ... of row i.
VARIMIX_INLINE Half halved(const double* coefficients, const Places& places, std::size_t i, std::size_t k) {
  constexpr HalfTag d;
  const double* low = coefficients + places.segment[i] + k;
  return hn::MulAdd(hn::Load(d, low + kHalf), hn::Set(d, places.t_fourth[i]), hn::Load(d, low));
}

VARIMIX_INLINE void cubic(const Places& places, std::size_t i, Half q0, Half q1, Half q2, Half q3, double* out) {
  constexpr HalfTag d;
  const Half squared = hn::Load(d, places.t_squared + i);
  const Half even = hn::MulAdd(q2, squared, q0);
  const Half odd = hn::MulAdd(q3, squared, q1);
  hn::StoreU(hn::MulAdd(odd, hn::Load(d, places.t + i), even), d, out);
}

/// Looks up a function at rows i, ..., i + 3 and stores it at `out`. Vectors of coefficients become vectors of rows.
VARIMIX_INLINE void look_up_four(const double* coefficients, const Places& places, std::size_t i, double* out) {
  const auto row = [&](std::size_t r, std::size_t k) { return halved(coefficients, places, i + r, k); };
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
  cubic(places, i, hn::ConcatLowerLower(d, even23, even01), hn::ConcatLowerLower(d, odd23, odd01),
        hn::ConcatUpperUpper(d, even23, even01), hn::ConcatUpperUpper(d, odd23, odd01), out);
#elif HWY_TARGET != HWY_SCALAR
  for (std::size_t r = 0; r < kRowsAtOnce; r += 2) {
    const Half first0 = row(r, 0);
    const Half first1 = row(r + 1, 0);
    const Half last0 = row(r, 2);
    const Half last1 = row(r + 1, 2);
    cubic(places, i + r, hn::InterleaveLower(d, first0, first1), hn::InterleaveUpper(d, first0, first1),
          hn::InterleaveLower(d, last0, last1), hn::InterleaveUpper(d, last0, last1), out + r);
  }
#else
  for (std::size_t r = 0; r < kRowsAtOnce; ++r) {
    cubic(places, i + r, row(r, 0), row(r, 1), row(r, 2), row(r, 3), out + r);
  }
#endif
}

void look_up_function(const double* coefficients, const Places& places, std::size_t count, double* out) {
  std::size_t i = 0;
  for (; i + kRowsAtOnce <= count; i += kRowsAtOnce) look_up_four(coefficients, places, i, out + i);
  if (i == count) return;
  double rest[kRowsAtOnce];
  look_up_four(coefficients, places, i, rest);
  std::copy_n(rest, count - i, out + i);
}

/// Returns the even and the odd part, q_0 + q_2 t^2 and q_1 + q_3 t^2, of row i: of as many functions as d has pairs.
template <class D>
VARIMIX_INLINE hn::Vec<D> even_and_odd(D d, const double* pairs, const Places& places, std::size_t i) {
  constexpr std::size_t kStride = 2 * kPair;
  const double* pair = pairs + places.segment[i];
  const auto fourth = hn::Set(d, places.t_fourth[i]);
  const auto low = hn::MulAdd(hn::Load(d, pair + 2 * kStride), fourth, hn::Load(d, pair));
  const auto high = hn::MulAdd(hn::Load(d, pair + 3 * kStride), fourth, hn::Load(d, pair + kStride));
  return hn::MulAdd(high, hn::Set(d, places.t_squared[i]), low);
}

/// The values of two functions at the rows of a PairTag's lanes.
struct TwoValues {
  hn::Vec<PairTag> log_normalizer, moment;
};

/// Looks up log_normalizer and the table's moment at row i and, where PairTag has two lanes, the next.
VARIMIX_INLINE TwoValues look_up_pairs(const double* coefficients, const Places& places, std::size_t i) {
  const double* pairs = coefficients + kPairsPlace;
  const PairTag one;
#if HWY_TARGET == HWY_SCALAR
  const auto t = hn::Load(one, places.t + i);
  const auto value = [&](const double* at) {
    return hn::MulAdd(even_and_odd(one, at + 1, places, i), t, even_and_odd(one, at, places, i));
  };
  return {value(pairs), value(pairs + kPair)};
#else
  const auto joined = [](auto d, auto row0, auto row1, auto t) {
    return hn::MulAdd(hn::InterleaveUpper(d, row0, row1), t, hn::InterleaveLower(d, row0, row1));
  };
#if HWY_MAX_BYTES >= 32
  const hn::CappedTag<double, 2 * kPair> two;
  const auto both = joined(two, even_and_odd(two, pairs, places, i), even_and_odd(two, pairs, places, i + 1),
                           hn::LoadDup128(two, places.t + i));
  return {hn::LowerHalf(one, both), hn::UpperHalf(one, both)};
#else
  const auto value = [&](const double* at) {
    return joined(one, even_and_odd(one, at, places, i), even_and_odd(one, at, places, i + 1),
                  hn::Load(one, places.t + i));
  };
  return {value(pairs), value(pairs + kPair)};
#endif
#endif
}

/// Looks up log_normalizer and the moment of the table, and computes the other one.
template <bool kHasInvY>
void look_up_moments(double nu, const double* coefficients, const Places& places, std::size_t count,
                     const GigMomentArrays& out) {
  constexpr PairTag d;
  constexpr std::size_t kRows = hn::MaxLanes(d);
  const auto twice_nu = hn::Set(d, 2.0 * nu);
  const auto look_up_rows = [&](std::size_t i, double* log_normalizer, double* inv_y, double* y) {
    const TwoValues values = look_up_pairs(coefficients, places, i);
    const auto u = hn::Load(d, places.u + i);
    hn::StoreU(values.log_normalizer, d, log_normalizer);
    hn::StoreU(values.moment, d, kHasInvY ? inv_y : y);
    if constexpr (kHasInvY) {
      hn::StoreU(hn::MulAdd(u, values.moment, twice_nu), d, y);
    } else {
      hn::StoreU(hn::Div(hn::Sub(values.moment, twice_nu), u), d, inv_y);
    }
  };
  std::size_t i = 0;
  for (; i + kRows <= count; i += kRows) look_up_rows(i, out.log_normalizer + i, out.inv_y + i, out.y + i);
  if (i == count) return;
  double rest[3][kPair];
  look_up_rows(i, rest[0], rest[1], rest[2]);
  out.log_normalizer[i] = rest[0][0];
  out.inv_y[i] = rest[1][0];
  out.y[i] = rest[2][0];
}

void look_up_block(double nu, const double* coefficients, const Places& places, std::size_t count,
                   const GigMomentArrays& out) {
  if (out.log_y != nullptr) look_up_function(coefficients + kLogYPlace, places, count, out.log_y);
  if (out.inv_y == nullptr && out.y == nullptr) {
    if (out.log_normalizer == nullptr) return;
    look_up_function(coefficients + kLogNormalizerPlace, places, count, out.log_normalizer);
    return;
  }
  double unwanted[3][kLookupRows];
  const GigMomentArrays all{out.log_normalizer != nullptr ? out.log_normalizer : unwanted[0],
                            out.inv_y != nullptr ? out.inv_y : unwanted[1], out.y != nullptr ? out.y : unwanted[2]};
  (nu >= 0.0 ? look_up_moments<true> : look_up_moments<false>)(nu, coefficients, places, count, all);
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

void look_up(double nu, const double* coefficients, const Places& places, std::size_t count,
             const GigMomentArrays& out) noexcept {
  HWY_DYNAMIC_DISPATCH(look_up_block)(nu, coefficients, places, count, out);
}

void add_products(const double* maps, std::size_t count, const double* values, double* inout) noexcept {
  HWY_DYNAMIC_DISPATCH(add_weighted_maps)(maps, count, values, inout);
}

}  // namespace varimix::simd
#endif
