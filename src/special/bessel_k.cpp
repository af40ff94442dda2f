#include "varimix/special/bessel_k.hpp"

#include "bessel_arrays.hpp"
#include "varimix/core/require.hpp"

namespace varimix {

BesselK bessel_k(double nu, double z) noexcept {
  BesselK k;
  simd::bessel_arrays(&nu, 0, &z, 1, {&k.log_k, &k.log_scaled, &k.ratio_minus, &k.ratio_plus, &k.dlog_dnu});
  return k;
}

BesselKSecondOrder bessel_k_second_order(double nu, double z) noexcept { return simd::bessel_second_order(nu, z); }

double log_bessel_k(double nu, double z) noexcept { return bessel_k(nu, z).log_k; }

void bessel_k(std::span<const double> nu, std::span<const double> z, const BesselKArrays& out) {
  require(nu.size() == z.size(), "nu", "of as many elements as z", nu.size());
  simd::bessel_arrays(nu.data(), 1, z.data(), z.size(), out);
}

void bessel_k(double nu, std::span<const double> z, const BesselKArrays& out) noexcept {
  simd::bessel_arrays(&nu, 0, z.data(), z.size(), out);
}

}  // namespace varimix
