#pragma once

#include <span>

#include "varimix/core/types.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix::kernels {

/// The parameters of the posterior law of Y that all rows share: Y | x is GIG(order, a, b + q) with
/// q = (x-mu)' Sigma^{-1} (x-mu) and, for the subordinator GIG(p, a_sub, b),
/// order = p - d/2, a = a_sub + gamma' Sigma^{-1} gamma.
struct PosteriorLaw {
  double order;
  double a;             ///< >= 0; at a = 0 the order is < 0 and Y | x is inverse gamma
  double b;             ///< >= 0
  double z_prior;       ///< sqrt(a_sub b)
  double log_constant;  ///< -(d/2) log(2 pi) - log det L + log of the constant of Y's density - sqrt(a_sub b)
};

/// A table pays for itself in a pass of this many rows or more. On the nine octaves or so of an NIG's data, of 3 us each, it
/// does from 470 rows on (AVX-512), and from 700 at large orders, where Debye's expansion is direct and fast.
inline constexpr Index kTableRows = 512;
inline constexpr Index kTableRowsLargeOrder = 1024;
inline constexpr double kLargeOrder = 40.0;
/// Returns true if a table pays for this many rows.
[[nodiscard]] bool table_pays(double order, Index rows) noexcept;

/// Returns true if a product a b is so small or large that `posterior` works with its factors.
[[nodiscard]] bool is_extreme_product(double product) noexcept;

/// The arrays of results for every row. The moments whose array is null are not computed: E[log Y|x], or all three.
struct Posteriors {
  double* log_density;
  double* inv_y = nullptr;  ///< E[1/Y|x]
  double* y = nullptr;      ///< E[Y|x]
  double* log_y = nullptr;  ///< E[log Y|x]
  /// Returns the arrays from row `first` on.
  [[nodiscard]] Posteriors from(Index first) const noexcept {
    const auto advanced = [first](double* array) { return array == nullptr ? array : array + first; };
    return {log_density + first, advanced(inv_y), advanced(y), advanced(log_y)};
  }
};

/// Computes the log normalizers, into out.log_density, and the moments of GIG(order, 1, u_i), from the table of the order
/// or, without one, directly.
void evaluate_moments(double order, BesselTable* table, std::span<const double> u, const Posteriors& out);

/// Computes for every row i, from its squared distance q[i],
///   out.inv_y[i] = E[1/Y|x] = sqrt(a/b_i) K_{order-1}(z)/K_order(z),   z = sqrt(a b_i), b_i = b + q[i],
///   out.y[i] = E[Y|x] = sqrt(b_i/a) K_{order+1}(z)/K_order(z),
///   out.log_y[i] = E[log Y|x] = log sqrt(b_i/a) + d/dorder log K_order(z),
///   out.log_density[i] = log f(x), from exponent[i] = (x-mu)' Sigma^{-1} gamma + z_prior, less z from
///   u = a b_i >= kScaledNormalizerFrom on (see exponents).
/// `table` is the table of law.order, or null: then K is evaluated directly. rows <= kBlockRows.
/// q = inf gives the limits 0, inf, inf, -inf. b + q = 0 gives the limits there: those of Gamma(order, rate a/2) for
/// order > 0, otherwise inf, 0, -inf and log f = inf. NaN in, NaN out.
void posterior(const PosteriorLaw& law, BesselTable* table, Index rows, const double* q, const double* exponent,
               const Posteriors& out);

}  // namespace varimix::kernels
