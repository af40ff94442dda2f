#pragma once

#include "posterior.hpp"

namespace varimix::kernels {

/// Computes `posterior` for rows that have order and b in common but each its own a: they show different columns, but
/// the same number of them.
/// @param a  (rows), in the place of law.a.   @param exponent  the exponent of `posterior` plus the row's log_constant.
/// GIG(order, a, b + q) is GIG(order, 1, a (b + q)) / a: all rows whose products are not extreme share one evaluation.
void mixed_posterior(const PosteriorLaw& law, BesselTable* table, Index rows, const double* a, const double* q,
                     const double* exponent, const Posteriors& out);

}  // namespace varimix::kernels
