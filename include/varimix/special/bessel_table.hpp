#pragma once

#include <memory>
#include <span>

#include "varimix/core/types.hpp"

namespace varimix {

/// Where the moments of Y ~ GIG(nu, 1, u) go, each of as many elements as u; null where one is not wanted.
/// With z = sqrt(u) these are what an E-step needs of K_nu; the moments of GIG(nu, a, b), u = a b, are
/// E[1/Y] = a inv_y, E[Y] = y / a, E[log Y] = log_y - log a.
struct GigMomentArrays {
  double* log_scaled = nullptr;  ///< log(e^z K_nu(z))
  double* inv_y = nullptr;       ///< E[1/Y] = K_{nu-1}(z) / (z K_nu(z))
  double* y = nullptr;           ///< E[Y] = z K_{nu+1}(z) / K_nu(z)
  double* log_y = nullptr;       ///< E[log Y] = d/dnu log K_nu(z) + log z
};

/// The same by bessel_k, for a few rows. u = 0 gives the limits, which are Gamma(nu, rate 1/2) for nu > 0 and Y = 0
/// otherwise, and inf the limits there; u < 0 NaN. NaN in, NaN out. Accuracy as bessel_k.
void gig_moments(double nu, std::span<const double> u, const GigMomentArrays& out) noexcept;

/// The largest |nu| of a BesselTable.
inline constexpr double kBesselTableLargestOrder = 1e4;

/// The moments of GIG(nu, 1, u) for one order and many u: piecewise polynomials of degree 8 in u, 16 to an octave,
/// without a square root, logarithm, exponential or division per value.
/// An octave of the table is made when a value first falls into it; u outside [2^-64, 2^64) is evaluated directly. The
/// result depends on u alone, not on what was asked before. May be used from several threads at once.
/// Accuracy: kBesselTableError relative on inv_y and y, absolute on log_y where |log_y| <= 16 (relative to |log_y| / 16
/// beyond), and ten times that relative to max(1, |log_scaled|) on log_scaled.
/// Cost: 1 to 3 ns a value; an octave takes about 4 us and 4 KB; three decades of z, 20 octaves.
class BesselTable {
 public:
  /// @throws std::invalid_argument unless |nu| <= kBesselTableLargestOrder.
  explicit BesselTable(double nu);
  ~BesselTable();
  BesselTable(BesselTable&&) noexcept;
  BesselTable& operator=(BesselTable&&) noexcept;

  [[nodiscard]] double nu() const noexcept;
  /// Octaves made so far.
  [[nodiscard]] Index octaves() const noexcept;
  /// Makes what [u_min, u_max] needs. @throws std::invalid_argument unless 0 < u_min <= u_max < inf.
  void extend(double u_min, double u_max);
  /// Moments at every u[i]; makes what is missing. Domain and limits as gig_moments.
  void evaluate(std::span<const double> u, const GigMomentArrays& out);

 private:
  void evaluate_with_outliers(std::span<const double> u, const GigMomentArrays& out);
  struct Octaves;
  std::unique_ptr<Octaves> octaves_;
};

/// The promised accuracy of BesselTable.
inline constexpr double kBesselTableError = 1e-14;

}  // namespace varimix
