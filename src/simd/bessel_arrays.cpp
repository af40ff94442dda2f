#include "bessel_arrays.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "../special/bessel_limits.hpp"
#include "../special/bessel_regions.hpp"
#include "../special/saddle_grid.hpp"
#include "bessel_methods.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/bessel_arrays.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "bessel_saddle-inl.hpp"
#include "bessel_series-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

template <bool kSecond, class D, class V = hn::Vec<D>>
HWY_INLINE BesselLanes<V> by_method(D d, std::size_t method, V nu, V z) {
  if (method == kSeries) return small_argument_series<kSecond>(d, nu, z);
  if (method == kDebye) return debye_expansion<kSecond>(d, nu, z);
  return saddle_trapezoid<kSecond>(d, saddle_grid(method), nu, z);
}

/// Points [first, last) of the buffers, all of one method. The last vector is filled up with copies of its first point.
void evaluate(std::size_t method, std::size_t first, std::size_t last, BesselBuffers& buffers) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = first; i < last; i += lanes) {
    const auto is_point = hn::FirstN(d, last - i);
    const auto nu = hn::IfThenElse(is_point, hn::LoadU(d, buffers.nu + i), hn::Set(d, buffers.nu[i]));
    const auto z = hn::IfThenElse(is_point, hn::LoadU(d, buffers.z + i), hn::Set(d, buffers.z[i]));
    const auto k = by_method<false>(d, method, nu, z);
    hn::StoreU(k.log_k, d, buffers.log_k + i);
    hn::StoreU(k.log_scaled, d, buffers.log_scaled + i);
    hn::StoreU(k.ratio_minus, d, buffers.ratio_minus + i);
    hn::StoreU(k.ratio_plus, d, buffers.ratio_plus + i);
    hn::StoreU(k.dlog_dnu, d, buffers.dlog_dnu + i);
  }
}

void evaluate_second(std::size_t method, double nu, double z, BesselKSecondOrder& out) {
  const hn::ScalableTag<double> d;
  const auto k = by_method<true>(d, method, hn::Set(d, nu), hn::Set(d, z));
  out.value = {hn::GetLane(k.log_k), hn::GetLane(k.log_scaled), hn::GetLane(k.ratio_minus), hn::GetLane(k.ratio_plus),
               hn::GetLane(k.dlog_dnu)};
  out.derivatives.d2log_dnu2 = hn::GetLane(k.d2log_dnu2);
  out.derivatives.dratio_minus_dnu = hn::GetLane(k.dratio_minus_dnu);
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace varimix::simd {
namespace {

HWY_EXPORT(evaluate);
HWY_EXPORT(evaluate_second);

std::uint8_t method_of(double nu, double z) noexcept {
  if (is_bessel_limit(nu, z)) return kLimit;
  if (z <= kSeriesArgument && nu < kSeriesOrder) return kSeries;
  if (nu >= kDebyeFrom || z >= kDebyeFrom) return kDebye;
  const double w_squared = nu * nu + z * z;
  int grid = 0;
  for (int g = 1; g <= kSaddleGrids; ++g) grid += w_squared >= kGridEdges[g] * kGridEdges[g] ? 1 : 0;
  return static_cast<std::uint8_t>(grid);
}

/// Where the points of a block stand in the buffers.
struct Sorting {
  std::uint8_t method[kBesselBlock];
  std::uint16_t place[kBesselBlock];
  std::uint16_t first[kMethods + 1];
};

void sort_by_method(const double* nu, std::size_t stride, const double* z, std::size_t count, BesselBuffers& buffers,
                    Sorting& sorting) noexcept {
  std::fill_n(sorting.first, kMethods + 1, std::uint16_t{0});
  for (std::size_t i = 0; i < count; ++i) {
    sorting.method[i] = method_of(std::abs(nu[i * stride]), z[i]);
    ++sorting.first[sorting.method[i] + 1];
  }
  std::uint16_t next[kMethods];
  for (std::size_t m = 0; m < kMethods; ++m) {
    next[m] = sorting.first[m];
    sorting.first[m + 1] = static_cast<std::uint16_t>(sorting.first[m + 1] + sorting.first[m]);
  }
  for (std::size_t m = 0; m < kMethods; ++m) next[m] = sorting.first[m];
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint16_t place = next[sorting.method[i]]++;
    sorting.place[i] = place;
    buffers.nu[place] = std::abs(nu[i * stride]);
    buffers.z[place] = z[i];
  }
}

/// The contract: a value that is no normal double is its limit.
double normal_or_zero(double x) noexcept { return std::abs(x) < std::numeric_limits<double>::min() ? 0.0 : x; }

BesselK value_at(const BesselBuffers& buffers, std::size_t place, double nu) noexcept {
  const double minus = normal_or_zero(buffers.ratio_minus[place]);
  const double plus = buffers.ratio_plus[place];
  const double slope = buffers.dlog_dnu[place];
  const BesselK k{buffers.log_k[place], buffers.log_scaled[place], minus, plus, slope};
  if (nu > 0.0) return k;
  if (nu < 0.0) return {k.log_k, k.log_scaled, plus, minus, -slope};
  return {k.log_k, k.log_scaled, minus, minus, 0.0};  // at 0 the one ratio is the other
}

void store(const BesselK& k, std::size_t i, const BesselKArrays& out) noexcept {
  if (out.log_k != nullptr) out.log_k[i] = k.log_k;
  if (out.log_scaled != nullptr) out.log_scaled[i] = k.log_scaled;
  if (out.ratio_minus != nullptr) out.ratio_minus[i] = k.ratio_minus;
  if (out.ratio_plus != nullptr) out.ratio_plus[i] = k.ratio_plus;
  if (out.dlog_dnu != nullptr) out.dlog_dnu[i] = k.dlog_dnu;
}

}  // namespace

void bessel_arrays(const double* nu, std::size_t nu_stride, const double* z, std::size_t count,
                   const BesselKArrays& out) noexcept {
  BesselBuffers buffers;
  Sorting sorting;
  for (std::size_t first = 0; first < count; first += kBesselBlock) {
    const std::size_t points = std::min(kBesselBlock, count - first);
    const double* block_nu = nu + first * nu_stride;
    sort_by_method(block_nu, nu_stride, z + first, points, buffers, sorting);
    for (std::size_t m = 0; m < kLimit; ++m) {
      if (sorting.first[m] == sorting.first[m + 1]) continue;
      HWY_DYNAMIC_DISPATCH(evaluate)(m, sorting.first[m], sorting.first[m + 1], buffers);
    }
    for (std::size_t i = 0; i < points; ++i) {
      const double order = block_nu[i * nu_stride];
      store(sorting.method[i] == kLimit ? bessel_limit(order, z[first + i]).value
                                        : value_at(buffers, sorting.place[i], order),
            first + i, out);
    }
  }
}

BesselKSecondOrder bessel_second_order(double nu, double z) noexcept {
  if (is_bessel_limit(nu, z)) return bessel_limit(nu, z);
  const double v = std::abs(nu);
  BesselKSecondOrder k;
  HWY_DYNAMIC_DISPATCH(evaluate_second)(method_of(v, z), v, z, k);
  BesselK& value = k.value;
  BesselKDerivatives& slopes = k.derivatives;
  slopes.dratio_plus_dnu = slopes.dratio_minus_dnu + 2.0 / z;
  slopes.dratio_minus_dnu = normal_or_zero(slopes.dratio_minus_dnu);
  slopes.d2log_dnu2 = normal_or_zero(slopes.d2log_dnu2);
  slopes.dratio_minus_dz = value.ratio_minus * value.ratio_minus + (2.0 * v - 1.0) / z * value.ratio_minus - 1.0;
  slopes.dratio_plus_dz = value.ratio_plus * value.ratio_plus - (2.0 * v + 1.0) / z * value.ratio_plus - 1.0;
  value.ratio_minus = normal_or_zero(value.ratio_minus);
  if (nu == 0.0) {
    value.dlog_dnu = 0.0;
    value.ratio_plus = value.ratio_minus;
  }
  return nu < 0.0 ? reflected(k) : k;
}

}  // namespace varimix::simd
#endif
