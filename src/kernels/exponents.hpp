#pragma once

#include <cstddef>
#include <span>

#include "distance.hpp"
#include "posterior.hpp"
#include "varimix/core/types.hpp"

namespace varimix::kernels {

/// Computes the exponent (x-mu)' Sigma^{-1} gamma + z_prior - z, z = sqrt(a (b + q)), of the density of every row from
/// the results of distance. It is never positive, and never computed as that difference, which cancels for strong
/// skewness and near the Gaussian limit. With the projection r it is computed as
///   r - (z^2 - z_prior^2)/(z_prior + z) for r <= 0,   -misalignment/(z_prior + r + z) for r > 0.
/// @param gamma_squared  gamma' Sigma^{-1} gamma.
void exponents(const PosteriorLaw& law, double gamma_squared, Index rows, const double* q, const double* projection,
               const double* misalignment, double* out_exponent) noexcept;

/// Computes distances and exponents in one pass, to the same bits: a division and a root of some rows overlap with the
/// multiplications of others, and what lies between stays in registers. Distances below `floor` are raised to it, with
/// their misalignments (raise_distances). Returns how many. The other parameters are those of `distance`.
[[nodiscard]] Index distances_and_exponents(const RowLaw& row_law, const PosteriorLaw& law, double gamma_squared,
                                            double floor, const double* x, Index rows, Index leading, Index d,
                                            double* scratch, double* out_q, double* out_exponent,
                                            std::span<const std::byte> ahead) noexcept;

}  // namespace varimix::kernels
