#include "bessel_kernels.hpp"

#include <limits>

#include "saddle_grid.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "special/bessel_kernels.cpp"
#include <hwy/foreach_target.h>
// These must follow foreach_target.h.
#include <hwy/highway.h>

#include "bessel_saddle-inl.hpp"
#include "bessel_series-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

template <bool kSecond, Slope kSlope, class D, class V = hn::Vec<D>>
VARIMIX_INLINE BesselLanes<V> by_method(D d, std::size_t method, V nu, V z) {
  switch (method) {
    case kSeries:
      return small_argument_series<kSecond, kSlope>(d, nu, z);
    case kDebye:
      return debye_expansion<kDebyeTermsNear, kSecond, kSlope>(d, nu, z);
    case kFarDebye:
      return debye_expansion<kDebyeTermsFar, kSecond, kSlope>(d, nu, z);
    default:
      return saddle_trapezoid<kSecond, kSlope>(d, saddle_grid(method), nu, z);
  }
}

/// Evaluates points [first, last) of the buffers, all of one method. The last vector is filled up with copies of its
/// first point.
template <Slope kSlope>
VARIMIX_INLINE void evaluate_range(std::size_t method, std::size_t first, std::size_t last, BesselBuffers& buffers) {
  const hn::ScalableTag<double> d;
  const auto smallest_normal = hn::Set(d, std::numeric_limits<double>::min());
  for (std::size_t i = first; i < last; i += hn::Lanes(d)) {
    const auto is_point = hn::FirstN(d, last - i);
    const auto nu = hn::IfThenElse(is_point, hn::LoadU(d, buffers.nu + i), hn::Set(d, buffers.nu[i]));
    const auto z = hn::IfThenElse(is_point, hn::LoadU(d, buffers.z + i), hn::Set(d, buffers.z[i]));
    auto k = by_method<false, kSlope>(d, method, nu, z);
    k.ratio_minus = hn::IfThenElseZero(hn::Ge(k.ratio_minus, smallest_normal), k.ratio_minus);
    if constexpr (kSlope != Slope::kOrder) {
      k.ratio_minus = kSlope == Slope::kLogY ? hn::Div(k.ratio_minus, z) : hn::Mul(k.ratio_minus, z);
      k.ratio_plus = kSlope == Slope::kLogY ? hn::Mul(k.ratio_plus, z) : hn::Div(k.ratio_plus, z);
    }
    hn::StoreU(k.log_k, d, buffers.log_k + i);
    hn::StoreU(k.log_scaled, d, buffers.log_scaled + i);
    hn::StoreU(k.ratio_minus, d, buffers.ratio_minus + i);
    hn::StoreU(k.ratio_plus, d, buffers.ratio_plus + i);
    hn::StoreU(k.dlog_dnu, d, buffers.dlog_dnu + i);
  }
}

void evaluate(Slope slope, std::size_t method, std::size_t first, std::size_t last, BesselBuffers& buffers) {
  switch (slope) {
    case Slope::kOrder:
      return evaluate_range<Slope::kOrder>(method, first, last, buffers);
    case Slope::kLogY:
      return evaluate_range<Slope::kLogY>(method, first, last, buffers);
    case Slope::kLogYReflected:
      return evaluate_range<Slope::kLogYReflected>(method, first, last, buffers);
  }
}

void evaluate_second(std::size_t method, double nu, double z, BesselKSecondOrder& out) {
  const hn::ScalableTag<double> d;
  const auto k = by_method<true, Slope::kOrder>(d, method, hn::Set(d, nu), hn::Set(d, z));
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

}  // namespace

void evaluate_bessel(Slope slope, std::size_t method, std::size_t first, std::size_t last,
                     BesselBuffers& buffers) noexcept {
  HWY_DYNAMIC_DISPATCH(evaluate)(slope, method, first, last, buffers);
}

void evaluate_bessel_second(std::size_t method, double nu, double z, BesselKSecondOrder& out) noexcept {
  HWY_DYNAMIC_DISPATCH(evaluate_second)(method, nu, z, out);
}

}  // namespace varimix::simd
#endif
