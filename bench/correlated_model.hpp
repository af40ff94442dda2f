#pragma once

#include <Eigen/Dense>

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix::bench {

/// Returns the model that the benchmarks of passes and of kernels share: correlations of 0.3, and mu and gamma that differ
/// from column to column.
template <Subordinator S>
MeanVarianceMixture<S> correlated_model(Index d, const S& law) {
  constexpr double kCorrelation = 0.3;
  const Matrix sigma = (1.0 - kCorrelation) * Matrix::Identity(d, d) + Matrix::Constant(d, d, kCorrelation);
  return {Vector::LinSpaced(d, -0.1, 0.1), Vector::LinSpaced(d, 0.3, -0.3), Matrix(Eigen::LLT<Matrix>(sigma).matrixL()),
          law};
}

}  // namespace varimix::bench
