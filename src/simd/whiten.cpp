#include "whiten.hpp"

#include <algorithm>

namespace varimix::simd {

void whiten(const double* x, Index rows, Index leading, Index d, const double* mu, const double* cholesky,
            const double* direction, double* scratch, double* out_distance_squared, double* out_projection) noexcept {
  std::fill_n(out_distance_squared, rows, 0.0);
  std::fill_n(out_projection, rows, 0.0);
  for (Index j = 0; j < d; ++j) {
    double* v = scratch + j * leading;
    const double* column = x + j * leading;
    const double mu_j = mu[j];
#pragma omp simd
    for (Index i = 0; i < rows; ++i) v[i] = column[i] - mu_j;
    for (Index k = 0; k < j; ++k) {
      const double* solved = scratch + k * leading;
      const double factor = cholesky[k * d + j];
#pragma omp simd
      for (Index i = 0; i < rows; ++i) v[i] -= factor * solved[i];
    }
    const double pivot = cholesky[j * d + j];
    const double direction_j = direction[j];
#pragma omp simd
    for (Index i = 0; i < rows; ++i) {
      v[i] /= pivot;
      out_distance_squared[i] += v[i] * v[i];
      out_projection[i] += direction_j * v[i];
    }
  }
}

}  // namespace varimix::simd
