#include "whiten.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace varimix::simd {
namespace {

bool row_is_finite(const double* first, Index leading, Index d) noexcept {
  for (Index j = 0; j < d; ++j) {
    if (!std::isfinite(first[j * leading])) return false;
  }
  return true;
}

}  // namespace

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
  for (Index i = 0; i < rows; ++i) {
    if (std::isfinite(out_distance_squared[i]) && std::isfinite(out_projection[i])) continue;
    if (!row_is_finite(x + i, leading, d)) continue;
    out_distance_squared[i] = std::numeric_limits<double>::infinity();
    out_projection[i] = 0.0;
  }
}

}  // namespace varimix::simd
