#include "accumulate.hpp"

namespace varimix::simd {

double sum(const double* values, Index rows) noexcept {
  double total = 0.0;
#pragma omp simd reduction(+ : total)
  for (Index i = 0; i < rows; ++i) total += values[i];
  return total;
}

void accumulate(const double* x, Index rows, Index leading, Index d, const double* w, double* scratch, double* inout_x,
                double* inout_wx, double* inout_wxx) noexcept {
  for (Index j = 0; j < d; ++j) {
    const double* column = x + j * leading;
#pragma omp simd
    for (Index i = 0; i < rows; ++i) scratch[i] = w[i] * column[i];
    inout_x[j] += sum(column, rows);
    inout_wx[j] += sum(scratch, rows);
    for (Index k = 0; k <= j; ++k) {
      const double* other = x + k * leading;
      double total = 0.0;
#pragma omp simd reduction(+ : total)
      for (Index i = 0; i < rows; ++i) total += scratch[i] * other[i];
      inout_wxx[k * d + j] += total;
    }
  }
}

}  // namespace varimix::simd
