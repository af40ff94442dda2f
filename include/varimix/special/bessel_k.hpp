#pragma once

namespace varimix {

/// What an E-step needs of the modified Bessel function of the second kind K_nu(z), all from one evaluation.
struct BesselK {
  double log_scaled;   ///< log(exp(z) K_nu(z)), which stays moderate where K_nu underflows
  double ratio_minus;  ///< K_{nu-1}(z) / K_nu(z)
  double ratio_plus;   ///< K_{nu+1}(z) / K_nu(z) = ratio_minus + 2 nu / z
  double dlog_dnu;     ///< d/dnu log K_nu(z); odd in nu
};

/// K_nu(z) in logarithm, its two ratios, and its derivative in the order.
/// @param nu  any finite order with |nu| <= 1e4.   @param z  z > 0, normal double; 0 and inf give the limits, z < 0 NaN.
/// NaN in, NaN out. A value outside the range of doubles is 0 or inf.
/// Method: with t0 = asinh(nu/z), w = hypot(nu, z), nu >= 0,
///   K_nu(z) = (1/2) e^{nu t0 - w} Int exp(-(w - nu)(cosh s - 1) - nu (e^s - 1 - s)) ds
/// by the trapezoidal rule, whose terms are all positive (DLMF 10.32.9, shifted to the saddle point); for z < 1e-8 and
/// |nu| < 2 the leading terms of the series in z (DLMF 10.27.4, 10.31); for w > 1e8 two terms of Debye's expansion
/// (DLMF 10.41.4).
/// Accuracy, for z >= 1e-100: kBesselKRelativeError on ratios; on log K and dlog_dnu the same relative to
/// max(1, |value|) (tests BesselKAccuracy.*).
/// Cost: 20 to 250 exponentials, typically 30; no allocation.
[[nodiscard]] BesselK bessel_k(double nu, double z) noexcept;

/// bessel_k without the derivative in the order (dlog_dnu is 0), for callers that do not use E[log Y].
[[nodiscard]] BesselK bessel_k_ratios(double nu, double z) noexcept;

/// log K_nu(z); domain and accuracy as bessel_k.
[[nodiscard]] double log_bessel_k(double nu, double z) noexcept;

/// The promised accuracy of bessel_k.
inline constexpr double kBesselKRelativeError = 1e-13;

}  // namespace varimix
