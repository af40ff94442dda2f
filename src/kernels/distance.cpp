#include "distance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace varimix::kernels {
namespace {

bool row_is_finite(const double* first, Index leading, Index d) noexcept {
  for (Index j = 0; j < d; ++j) {
    if (!std::isfinite(first[j * leading])) return false;
  }
  return true;
}

/// Computes v = L^{-1}(x - mu) by forward substitution, one column of all rows at a time, with its squared length and
/// projection.
void solve(const RowLaw& law, const double* x, Index rows, Index leading, Index d, double* scratch,
           const Distances& out) noexcept {
  for (Index j = 0; j < d; ++j) {
    double* v = scratch + j * leading;
    const double* column = x + j * leading;
    const double mu_j = law.mu[j];
#pragma omp simd
    for (Index i = 0; i < rows; ++i) v[i] = column[i] - mu_j;
    for (Index k = 0; k < j; ++k) {
      const double* solved = scratch + k * leading;
      const double factor = law.cholesky[k * law.cholesky_stride + j];
#pragma omp simd
      for (Index i = 0; i < rows; ++i) v[i] -= factor * solved[i];
    }
    const double pivot = law.cholesky[j * law.cholesky_stride + j];
    const double direction_j = law.direction[j];
#pragma omp simd
    for (Index i = 0; i < rows; ++i) {
      v[i] /= pivot;
      out.distance_squared[i] += v[i] * v[i];
      out.projection[i] += direction_j * v[i];
    }
  }
}

/// Adds |root_b g - root_a v|^2, and g'g v'v - (g'v)^2 as the squared length of |g| v - (g'v/|g|) g, which does not
/// cancel.
void add_misalignment(const RowLaw& law, Index rows, Index leading, Index d, const double* scratch,
                      const Distances& out) noexcept {
  double length_squared = 0.0;
  for (Index j = 0; j < d; ++j) length_squared += law.direction[j] * law.direction[j];
  const double length = std::sqrt(length_squared);
  const double inverse_length = length > 0.0 ? 1.0 / length : 0.0;
  for (Index j = 0; j < d; ++j) {
    const double* v = scratch + j * leading;
    const double target = law.root_b * law.direction[j];
    const double unit_j = inverse_length * law.direction[j];
#pragma omp simd
    for (Index i = 0; i < rows; ++i) {
      const double along = target - law.root_a * v[i];
      const double across = length * v[i] - out.projection[i] * unit_j;
      out.misalignment[i] += along * along + across * across;
    }
  }
}

}  // namespace

void distance(const RowLaw& law, const double* x, Index rows, Index leading, Index d, double* scratch,
              const Distances& out) noexcept {
  std::fill_n(out.distance_squared, rows, 0.0);
  std::fill_n(out.projection, rows, 0.0);
  std::fill_n(out.misalignment, rows, 0.0);
  solve(law, x, rows, leading, d, scratch, out);
  add_misalignment(law, rows, leading, d, scratch, out);
  for (Index i = 0; i < rows; ++i) {
    if (std::isfinite(out.distance_squared[i]) && std::isfinite(out.misalignment[i])) continue;
    if (!row_is_finite(x + i, leading, d)) continue;
    out.distance_squared[i] = std::numeric_limits<double>::infinity();
    out.projection[i] = 0.0;
  }
}

}  // namespace varimix::kernels
