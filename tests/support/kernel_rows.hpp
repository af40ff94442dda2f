#pragma once

#include <Eigen/Dense>
#include <limits>
#include <utility>

#include "kernels/distance.hpp"
#include "kernels/exponents.hpp"
#include "support/models.hpp"
#include "varimix/core/constants.hpp"

/// Blocks of rows, for the kernels that compute on them.
namespace varimix::tests::kernel_rows {

using LongVector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;
using LongMatrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;

inline constexpr double kTolerance = 1e-13;

/// Rows stored as columns about an origin, a law, and what the distance kernel computes.
struct Rows {
  Rows(Index n, Index d, Matrix cholesky)
      : count(n), columns(kBlockRows, d), factor(std::move(cholesky)), direction(gaussian_rows(1, d, 3).transpose()) {
    columns.setConstant(std::numeric_limits<double>::quiet_NaN());  // beyond the rows
    const RowMatrix whitened = gaussian_rows(n, d, 7);
    for (Index i = 0; i < n; ++i) columns.row(i) = (factor * whitened.row(i).transpose()).transpose();
  }
  void compute() {
    kernels::distance(law(), columns.data(), count, kBlockRows, columns.cols(), v.data(),
                      {q.data(), projection.data(), misalignment.data()});
  }
  Index compute_with_exponents(const kernels::PosteriorLaw& posterior, double floor, Vector& out_q,
                               Vector& out_exponent) {
    return kernels::distances_and_exponents(law(), posterior, direction.squaredNorm(), floor, columns.data(), count,
                                            kBlockRows, columns.cols(), v.data(), out_q.data(), out_exponent.data(),
                                            {});
  }
  [[nodiscard]] kernels::RowLaw law() const {
    return {mu.data(), factor.data(), factor.rows(), direction.data(), 1.25, 0.75};
  }
  Index count;
  Matrix columns, factor;
  Vector direction;
  Vector mu = Vector::Zero(columns.cols());
  Matrix v = Matrix::Zero(kBlockRows, columns.cols());
  Vector q = Vector::Zero(kBlockRows), projection = q, misalignment = q;
};

}  // namespace varimix::tests::kernel_rows
