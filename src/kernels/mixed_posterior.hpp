#pragma once

#include "posterior.hpp"

namespace varimix::simd {

/// `posterior` for rows that have order and b in common and each its own a: rows that show different columns, as many.
/// @param a  (rows), in the place of law.a.   @param exponent  the exponent plus what is law.log_constant there.
/// out_inv_y, out_y and out_log_y may be null together: then log densities alone are computed.
/// GIG(order, a, b + q) is GIG(order, 1, a (b + q)) / a: all rows whose products are doubles share one evaluation.
void mixed_posterior(const PosteriorLaw& law, BesselTable* table, Index rows, const double* a, const double* q,
                     const double* exponent, double* out_log_density, double* out_inv_y, double* out_y,
                     double* out_log_y);

}  // namespace varimix::simd
