#pragma once

#include "../special/bessel_k_order.hpp"
#include "varimix/core/types.hpp"

namespace varimix::simd {

/// What the posterior law of Y has in common for all rows: Y | x is GIG(order, a, b + q) with
/// q = (x-mu)' Sigma^{-1} (x-mu) and, for the subordinator GIG(p, a_sub, b),
/// order = p - d/2, a = a_sub + gamma_squared, gamma_squared = gamma' Sigma^{-1} gamma.
struct PosteriorLaw {
  double order;
  double a;  ///< > 0
  double b;  ///< > 0
  double a_sub;
  double gamma_squared;
  double log_constant;  ///< of log f(x): -(d/2) log(2 pi) - log det L + the subordinator's, less sqrt(a_sub b)
};

/// For every row i, from its squared distance q[i]:
///   out_inv_y[i] = E[1/Y|x] = sqrt(a/b_i) K_{order-1}(z)/K_order(z),   z = sqrt(a b_i), b_i = b + q[i],
///   out_y[i] = E[Y|x] = sqrt(b_i/a) K_{order+1}(z)/K_order(z),
///   out_log_y[i] = E[log Y|x] = log sqrt(b_i/a) + d/dorder log K_order(z)   (not computed if out_log_y is null),
///   inout_log_density[i] = log f(x); holds (x-mu)' Sigma^{-1} gamma before.
/// `bessel` is K of law.order.
/// q = inf gives the limits 0, inf, inf, -inf. NaN in, NaN out.
void posterior(const PosteriorLaw& law, BesselKOrder& bessel, Index rows, const double* q, double* inout_log_density,
               double* out_inv_y, double* out_y, double* out_log_y);

/// log f(x) alone.
void log_density(const PosteriorLaw& law, BesselKOrder& bessel, Index rows, const double* q, double* inout_log_density);

}  // namespace varimix::simd
