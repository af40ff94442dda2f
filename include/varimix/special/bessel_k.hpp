#pragma once

#include <span>

namespace varimix {

/// The values that an E-step needs of the modified Bessel function of the second kind K_nu(z), from one evaluation.
struct BesselK {
  double log_k;        ///< log K_nu(z)
  double log_scaled;   ///< log(e^z K_nu(z)); it keeps its digits where log K_nu(z) is about -z
  double ratio_minus;  ///< K_{nu-1}(z) / K_nu(z)
  double ratio_plus;   ///< K_{nu+1}(z) / K_nu(z) = ratio_minus + 2 nu / z
  double dlog_dnu;     ///< d/dnu log K_nu(z); odd in nu
};

/// The derivatives that Newton's method for the three moments of a GIG needs. R- and R+ are the two ratios of BesselK.
struct BesselKDerivatives {
  double d2log_dnu2;        ///< d2/dnu2 log K_nu(z) > 0; even in nu
  double dratio_minus_dnu;  ///< d/dnu of K_{nu-1}/K_nu, < 0
  double dratio_plus_dnu;   ///< d/dnu of K_{nu+1}/K_nu = dratio_minus_dnu + 2 / z, > 0
  double dratio_minus_dz;   ///< d/dz of K_{nu-1}/K_nu = R-^2 + (2 nu - 1) R- / z - 1; 0 at nu = 1/2
  double dratio_plus_dz;    ///< d/dz of K_{nu+1}/K_nu = R+^2 - (2 nu + 1) R+ / z - 1; 0 at nu = -1/2
};

/// The value of K_nu(z) with its derivatives.
struct BesselKSecondOrder {
  BesselK value;
  BesselKDerivatives derivatives;
};

/// Computes the logarithm of K_nu(z), its two ratios, and its derivative in the order.
/// @param nu  |nu| <= 1e4. Beyond, the accuracy falls as |nu| grows; |nu| > 1e150 gives NaN, and inf gives the limit.
/// @param z  any normal z > 0. 0, a subnormal z (taken as 0) and inf give the limits; z < 0 gives NaN.
/// NaN in, NaN out.
/// A ratio that is not a normal double is replaced by its limit, 0 or inf.
/// Methods, with w = hypot(nu, z) and K_{-nu} = K_nu: Temme's series in z (J. Comput. Phys. 19 (1975) 324) serves small
/// z and moderate nu; the trapezoidal rule on the integral DLMF 10.32.9, shifted to its saddle point, serves other w <
/// 40; Debye's expansion (DLMF 10.41.4), as a series of the logarithm, serves w >= 40.
/// Accuracy: the relative error of the ratios is at most kBesselKRelativeError, and so is that of log K and dlog_dnu
/// relative to max(1, |value|) (docs/accuracy.md).
/// Cost: 50 to 250 ns; no allocation. The bits are the same as from an array. Results of two SIMD targets differ by at
/// most twice the error.
[[nodiscard]] BesselK bessel_k(double nu, double z) noexcept;

/// Computes bessel_k with derivatives. Domain and limits are those of bessel_k.
/// Accuracy: kBesselKDerivativeError relative to the largest of the terms that make up the derivative. For the
/// derivatives in z these are the three terms of the formula; for dratio_plus_dnu 2 / z is one of them.
[[nodiscard]] BesselKSecondOrder bessel_k_second_order(double nu, double z) noexcept;

/// Computes log K_nu(z). Domain and accuracy are those of bessel_k.
[[nodiscard]] double log_bessel_k(double nu, double z) noexcept;

/// The arrays that receive results, each with as many elements as z; null where a result is not wanted.
struct BesselKArrays {
  double* log_k = nullptr;
  double* log_scaled = nullptr;
  double* ratio_minus = nullptr;
  double* ratio_plus = nullptr;
  double* dlog_dnu = nullptr;
};

/// Computes bessel_k(nu[i], z[i]) for every i, vectorised: 10 to 60 ns each.
/// @throws std::invalid_argument if nu and z differ in size.
void bessel_k(std::span<const double> nu, std::span<const double> z, const BesselKArrays& out);

/// Computes bessel_k(nu, z[i]) for every i.
void bessel_k(double nu, std::span<const double> z, const BesselKArrays& out) noexcept;

/// The promised accuracy of bessel_k.
inline constexpr double kBesselKRelativeError = 1e-13;

/// The promised accuracy of the derivatives of bessel_k_second_order.
inline constexpr double kBesselKDerivativeError = 1e-10;

}  // namespace varimix
