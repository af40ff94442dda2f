#include "whitened.hpp"

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

}  // namespace

Matrix whitened(const Matrix& lower, Matrix symmetric) {
  const Index d = lower.rows();
  double* const zero = scratch_of_thread(d * d + 4 * d);
  double* const unused = zero + d;
  double* const one_side = unused + 3 * d;
  std::fill_n(zero, d, 0.0);
  const kernels::RowLaw law{zero, lower.data(), d, zero};
  const auto solve = [&](const double* rows, double* out) {  // L^{-1} of each row
    kernels::distance(law, rows, d, d, d, out, {unused, unused + d, unused + 2 * d});
  };
  solve(symmetric.data(), one_side);
  Eigen::Map<Matrix>(one_side, d, d).transposeInPlace();
  solve(one_side, symmetric.data());
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
