#pragma once

#include <cstddef>

#include "varimix/special/bessel_k.hpp"
#include "varimix/special/bessel_table.hpp"

namespace varimix::simd {

/// Computes bessel_k at every (nu[i * nu_stride], z[i]), nu_stride 0 or 1, on the best SIMD target of this machine.
/// `out` may be the same memory as nu or z.
void bessel_arrays(const double* nu, std::size_t nu_stride, const double* z, std::size_t count,
                   const BesselKArrays& out) noexcept;

/// Computes the moments of Y ~ GIG(nu, 1, u[i]) at every z[i] = sqrt(u[i]). Where bessel_k gives a limit, the results are
/// not moments. `out` may be the same memory as u.
void gig_arrays(double nu, const double* u, const double* z, std::size_t count, const GigMomentArrays& out) noexcept;

/// Computes bessel_k_second_order.
[[nodiscard]] BesselKSecondOrder bessel_second_order(double nu, double z) noexcept;

}  // namespace varimix::simd
