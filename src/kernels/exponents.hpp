#pragma once

#include <cstddef>
#include <span>

#include "distance.hpp"
#include "posterior.hpp"
#include "varimix/core/types.hpp"

namespace varimix::kernels {

/// Computes the squared distance q of every row (distance) and the exponent of its density, with z = sqrt(u),
/// u = a (b + q), and the projection r = (x-mu)' Sigma^{-1} gamma:
///   r + z_prior                                     for u < kScaledNormalizerFrom,
///   r + z_prior - z                                 from there on, as
///     r - (z^2 - z_prior^2)/(z_prior + z)           for r <= 0,
///     -misalignment/(z_prior + r + z)               for r > 0.
/// Where r + z_prior - z is large it is never computed as that difference, which cancels for strong skewness and near
/// the Gaussian limit. Rows with small u need neither a root nor a division nor a misalignment.
/// Distances below `floor` are raised to it, with their misalignments (raise_distances). Returns how many.
/// @param gamma_squared  gamma' Sigma^{-1} gamma.   @param scratch  d * leading doubles, of no meaning on return. The other parameters are those of `distance`.
[[nodiscard]] Index distances_and_exponents(const RowLaw& row_law, const PosteriorLaw& law, double gamma_squared,
                                            double floor, const double* x, Index rows, Index leading, Index d,
                                            double* scratch, double* out_q, double* out_exponent,
                                            std::span<const std::byte> ahead = {}) noexcept;

}  // namespace varimix::kernels
