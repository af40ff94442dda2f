#pragma once

#include "posterior.hpp"
#include "varimix/core/types.hpp"

namespace varimix::kernels {

/// Computes for rows that each have their own gamma_squared = gamma' Sigma^{-1} gamma, since they show different
/// columns:
///   out_a[i] = a + gamma_squared[i],   out_exponent[i] = exponent of the row (exponents) + constant - log_det_root[i].
/// @param law  a, b, z_prior are used, a being that of the law of Y, without gamma_squared.
void mixed_exponents(const PosteriorLaw& law, Index rows, const double* gamma_squared, const double* log_det_root,
                     const double* q, const double* projection, const double* misalignment, double* out_a,
                     double* out_exponent) noexcept;

}  // namespace varimix::kernels
