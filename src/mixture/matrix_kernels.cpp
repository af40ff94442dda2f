#include "matrix_kernels.hpp"

#include <algorithm>

#include "kernels/accumulate.hpp"
#include "kernels/distance.hpp"

namespace varimix {
namespace {

/// Returns memory for so many numbers, which a thread keeps: steps ask for the same again and again.
double* scratch_of_thread(Index numbers) {
  thread_local Vector kept;
  if (kept.size() < numbers) kept.resize(numbers);
  return kept.data();
}

/// Writes L^{-1} of each of d rows. `scratch` has 4 d numbers.
void solve_rows(const Matrix& lower, const double* rows, double* scratch, double* out) {
  const Index d = lower.cols();
  double* const zero = scratch;
  double* const unused = scratch + d;
  std::fill_n(zero, d, 0.0);
  kernels::distance({zero, lower.data(), lower.rows(), zero}, rows, d, d, d, out, {unused, unused + d, unused + 2 * d});
}

}  // namespace

Matrix inverse_of(const Matrix& lower) {
  const Index d = lower.cols();
  const Matrix units = Matrix::Identity(d, d);
  Matrix inverse(d, d);
  solve_rows(lower, units.data(), scratch_of_thread(4 * d), inverse.data());
  inverse.transposeInPlace();
  return inverse;
}

Matrix whitened(const Matrix& lower, Matrix symmetric) {
  const Index d = lower.rows();
  double* const scratch = scratch_of_thread(d * d + 4 * d);
  double* const one_side = scratch + 4 * d;
  solve_rows(lower, symmetric.data(), scratch, one_side);
  Eigen::Map<Matrix>(one_side, d, d).transposeInPlace();
  solve_rows(lower, one_side, scratch, symmetric.data());
  symmetric.triangularView<Eigen::StrictlyUpper>() = symmetric.transpose();  // they differ by roundings
  return symmetric;
}

void add_square(const Matrix& a, double factor, Matrix& inout) {
  const Index n = a.rows();
  const Index d = a.cols();
  double* const weight = scratch_of_thread(n + n * d + 2 * d);  // of each row; then scratch, and sums of no use
  double* const scratch = weight + n;
  double* const unused = scratch + n * d;
  std::fill_n(weight, n, factor);
  std::fill_n(unused, 2 * d, 0.0);
  kernels::accumulate(a.data(), n, n, d, nullptr, weight, scratch, unused, unused + d, inout.data());
}

}  // namespace varimix
