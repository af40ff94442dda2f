#include "whitened.hpp"

#include "kernels/accumulate.hpp"
#include "kernels/distance.hpp"

namespace varimix {

Matrix whitened(const Matrix& lower, const Matrix& symmetric) {
  const Index d = lower.rows();
  Vector zero_and_unused = Vector::Zero(4 * d);
  double* const zero = zero_and_unused.data();
  const kernels::RowLaw law{zero, lower.data(), d, zero};
  const auto solved = [&](const Matrix& rows) {  // L^{-1} of each row
    Matrix out(d, d);
    kernels::distance(law, rows.data(), d, d, d, out.data(), {zero + d, zero + 2 * d, zero + 3 * d});
    return out;
  };
  Matrix one_side = solved(symmetric);
  one_side.transposeInPlace();
  Matrix both_sides = solved(one_side);
  both_sides.triangularView<Eigen::StrictlyUpper>() = both_sides.transpose();  // they differ by roundings
  return both_sides;
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
