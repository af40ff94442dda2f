// The results that every method for K_nu(z), nu >= 0, z > 0, computes for a vector of points. This file is compiled
// once per target.
#if defined(VARIMIX_SPECIAL_BESSEL_LANES_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_SPECIAL_BESSEL_LANES_INL_HPP_
#undef VARIMIX_SPECIAL_BESSEL_LANES_INL_HPP_
#else
#define VARIMIX_SPECIAL_BESSEL_LANES_INL_HPP_
#endif

#include "bessel_kernels.hpp"
#include "double_double-inl.hpp"
#include "varimix/core/constants.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

/// BesselK and BesselKDerivatives define these fields. The last two mean nothing where no second derivatives are asked
/// for.
template <class V>
struct BesselLanes {
  V log_k;
  V log_scaled;
  V ratio_minus;
  V ratio_plus;
  V dlog_dnu;
  V d2log_dnu2;
  V dratio_minus_dnu;
};

/// Sets dlog_dnu from excess = d/dnu log K_nu(z) - t0, where w = hypot(nu, z), e^{t0} = (w + nu) / z and
/// e^{-t0} = scale.
template <Slope kSlope, class D, class V = hn::Vec<D>>
VARIMIX_INLINE void set_slope(D d, V t0, V w_plus_nu, V z, V scale, V excess, BesselLanes<V>& out) {
  if constexpr (kSlope == Slope::kOrder) {
    out.dlog_dnu = hn::Add(t0, excess);
  } else if constexpr (kSlope == Slope::kLogY) {
    out.dlog_dnu = hn::Add(hn::Log(d, w_plus_nu), excess);
  } else {
    constexpr double kLogUpSquared = 600.0 * kLogTwo;
    const auto is_tiny = hn::Lt(z, hn::Set(d, 0x1p-400));  // its square would underflow
    const V up = hn::IfThenElse(is_tiny, hn::Set(d, 0x1p300), hn::Set(d, 1.0));
    const V log_y = hn::Log(d, hn::Mul(hn::Mul(z, up), hn::Mul(scale, up)));
    out.dlog_dnu = hn::Sub(hn::Sub(log_y, hn::IfThenElseZero(is_tiny, hn::Set(d, kLogUpSquared))), excess);
  }
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
