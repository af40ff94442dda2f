#include "whitened.hpp"

#include "kernels/accumulate.hpp"
#include "kernels/distance.hpp"

namespace varimix {

Matrix whitened(const Matrix& lower, Matrix symmetric) {
  const Index d = lower.rows();
  Vector zero_and_unused = Vector::Zero(4 * d);
  double* const zero = zero_and_unused.data();
  const kernels::RowLaw law{zero, lower.data(), d, zero};
  const auto solve = [&](const Matrix& rows, Matrix& out) {  // L^{-1} of each row
    kernels::distance(law, rows.data(), d, d, d, out.data(), {zero + d, zero + 2 * d, zero + 3 * d});
  };
  Matrix one_side(d, d);
  solve(symmetric, one_side);
  one_side.transposeInPlace();
  Matrix& both_sides = symmetric;
  solve(one_side, both_sides);
  both_sides.triangularView<Eigen::StrictlyUpper>() = both_sides.transpose();  // they differ by roundings
  return symmetric;
}

void add_square(const Matrix& a, double factor, Matrix& inout) {
  const Index n = a.rows();
  const Index d = a.cols();
  Vector work = Vector::Constant(n + n * d + 2 * d, factor);  // a weight for each row, scratch, and sums of no use
  double* const scratch = work.data() + n;
  double* const unused = scratch + n * d;
  kernels::accumulate(a.data(), n, n, d, nullptr, work.data(), scratch, unused, unused + d, inout.data());
}

}  // namespace varimix
