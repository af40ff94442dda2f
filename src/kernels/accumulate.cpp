#include "accumulate.hpp"

namespace varimix::kernels {

double sum(const double* values, Index rows) noexcept {
  double total = 0.0;
#pragma omp simd reduction(+ : total)
  for (Index i = 0; i < rows; ++i) total += values[i];
  return total;
}

void accumulate(const double* x, Index rows, Index leading, Index d, const double* weight, const double* w,
                double* scratch, double* inout_x, double* inout_wx, double* inout_wxx) noexcept {
  for (Index j = 0; j < d; ++j) {
    const double* column = x + j * leading;
    if (weight == nullptr) {
      inout_x[j] += sum(column, rows);
    } else {
#pragma omp simd
      for (Index i = 0; i < rows; ++i) scratch[i] = weight[i] * column[i];
      inout_x[j] += sum(scratch, rows);
    }
#pragma omp simd
    for (Index i = 0; i < rows; ++i) scratch[i] = w[i] * column[i];
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

}  // namespace varimix::kernels
