// What every method for K_nu(z), nu >= 0, z > 0, computes for a vector of points. Compiled once per target.
#if defined(VARIMIX_SIMD_BESSEL_LANES_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef VARIMIX_SIMD_BESSEL_LANES_INL_HPP_
#undef VARIMIX_SIMD_BESSEL_LANES_INL_HPP_
#else
#define VARIMIX_SIMD_BESSEL_LANES_INL_HPP_
#endif

#include "double_double-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace varimix::simd::HWY_NAMESPACE {

/// BesselK and BesselKDerivatives say what each is. The last two mean nothing where no second derivatives are asked for.
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

/// Logarithms of K from the phase and log(e^{-phase} K).
template <class D, class V = hn::Vec<D>>
HWY_INLINE void set_logarithms(D d, const Pair<V>& phase, V rest, V z, BesselLanes<V>& out) {
  const Pair<V> scaled = sum(phase, {z, hn::Zero(d)});
  out.log_k = hn::Add(phase.high, hn::Add(phase.low, rest));
  out.log_scaled = hn::Add(scaled.high, hn::Add(scaled.low, rest));
}

}  // namespace varimix::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
