#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "varimix/core/types.hpp"

namespace varimix {

/// From this product u on, a power of two, GigMomentArrays::log_normalizer has e^z as a factor: without it the logarithm
/// would be -z and little else, and lose as many digits as z has.
inline constexpr double kScaledNormalizerFrom = 1024.0;

/// The arrays that receive the moments of Y ~ GIG(nu, 1, u), each with as many elements as u; null where one is not
/// wanted. With z = sqrt(u) an E-step needs nothing else of K_nu: the moments of GIG(nu, a, b), u = a b, are
/// E[1/Y] = a inv_y, E[Y] = y / a, E[log Y] = log_y - log a.
struct GigMomentArrays {
  /// log of the integral of y^(nu-1) e^(-(y + u/y)/2) over y > 0, which is 2 z^nu K_nu(z); of e^z times it for
  /// u >= kScaledNormalizerFrom. That of GIG(nu, a, b) is less by nu log a.
  double* log_normalizer = nullptr;
  double* inv_y = nullptr;  ///< E[1/Y] = K_{nu-1}(z) / (z K_nu(z))
  double* y = nullptr;      ///< E[Y] = z K_{nu+1}(z) / K_nu(z)
  double* log_y = nullptr;  ///< E[log Y] = d/dnu log K_nu(z) + log z
};

/// Computes the moments of GIG(nu, 1, u[i]) for every i by bessel_k, for a few rows. u = 0 gives the moments of the
/// limit, which is Gamma(nu, rate 1/2) for nu > 0 and Y = 0 otherwise; u = inf gives the limits there; u < 0 gives NaN.
/// NaN in, NaN out. The accuracy is that of bessel_k; of log_normalizer that of its terms log 2, nu log z and log K_nu(z)
/// or log(e^z K_nu(z)).
void gig_moments(double nu, std::span<const double> u, const GigMomentArrays& out) noexcept;

/// The largest |nu| of a BesselTable.
inline constexpr double kBesselTableLargestOrder = 1e4;

/// Holds the moments of GIG(nu, 1, u) for one order and many u, as piecewise polynomials of degree 7 in u. There are 32
/// per octave [2^e, 2^{e+1}) of u. A value needs no square root, logarithm, exponential or division.
/// An octave of the table is made when a value first falls into it; u outside [2^-64, 2^64) is evaluated directly. The
/// result depends on u alone, not on earlier calls. Several threads may use a table at once.
/// Accuracy: kBesselTableError, relative for inv_y and y, absolute for log_y where |log_y| <= 16 (beyond, relative to
/// |log_y| / 16); for log_normalizer ten times that, relative to the largest of 1 and its terms |log(e^z K_nu(z))|,
/// |nu log z| and, below kScaledNormalizerFrom, z.
/// Cost: 1.2 ns per value for log_normalizer alone, 2.1 ns with the first two moments, 0.8 ns more with log_y (AVX-512,
/// 3 GHz). An octave takes about 3 us and 8 KB; three decades of z need 20 octaves.
class BesselTable {
 public:
  /// @throws std::invalid_argument unless |nu| <= kBesselTableLargestOrder.
  explicit BesselTable(double nu);
  ~BesselTable();
  BesselTable(BesselTable&&) noexcept;
  BesselTable& operator=(BesselTable&&) noexcept;

  [[nodiscard]] double nu() const noexcept;
  /// Returns how many octaves have been made so far.
  [[nodiscard]] Index octaves() const noexcept;
  /// Makes the octaves that [u_min, u_max] needs. @throws std::invalid_argument unless 0 < u_min <= u_max < inf.
  void extend(double u_min, double u_max);
  /// Computes the moments at every u[i] and makes missing octaves. Domain and limits are those of gig_moments.
  void evaluate(std::span<const double> u, const GigMomentArrays& out);

 private:
  void evaluate_with_outliers(std::span<const double> u, const GigMomentArrays& out);
  struct Octaves;
  std::unique_ptr<Octaves> octaves_;
};

/// Holds tables of the orders nu, nu + 1/2, ..., nu + steps/2, up to roundings, that lie within kBesselTableLargestOrder. Each
/// is made when it is first asked for. Several threads may use the tables at once.
class BesselTables {
 public:
  /// @throws std::invalid_argument unless |nu| <= kBesselTableLargestOrder and 0 <= steps <= 4 kBesselTableLargestOrder,
  ///   beyond which no order has a table.
  BesselTables(double nu, Index steps);

  [[nodiscard]] double nu() const noexcept { return nu_; }
  [[nodiscard]] Index steps() const noexcept { return static_cast<Index>(tables_.size()) - 1; }
  /// Returns the table of an order, or null if it is none of these, or another one is taken for the same but for roundings.
  [[nodiscard]] BesselTable* of(double order);

 private:
  double nu_;
  std::vector<std::unique_ptr<BesselTable>> tables_;
  std::mutex making_;
};

/// The promised accuracy of BesselTable.
inline constexpr double kBesselTableError = 1e-14;

}  // namespace varimix
