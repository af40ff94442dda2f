#include "varimix/mixture/default_init.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "sample_moments.hpp"
#include "varimix/core/constants.hpp"

namespace varimix {
namespace {

std::string from_to(double from, double to) {
  std::ostringstream text;
  text << from << " became " << to;
  return text.str();
}

/// Tail weight and whitened gamma that have the sample's kurtosis and skewness, within their bounds.
struct Shape {
  double tail_weight;
  Vector gamma;
};

Shape feasible_shape(const SampleMoments& moments, Index n, Status& out_status) {
  const Index dimension = moments.mean.size();
  const auto d = static_cast<double>(dimension);
  const double skewness_squared = moments.skewness.squaredNorm();
  const double estimate =
      moments.kurtosis / (d * (d + 2.0)) - 1.0 - 4.0 * skewness_squared / (d * (d + 2.0) * (d + 2.0));
  const double smallest = std::max(kGaussianTailWeight, gaussian_tail_weight_error(static_cast<double>(n), dimension));
  const double v = std::clamp(estimate, std::min(smallest, kLargestInitialTailWeight), kLargestInitialTailWeight);
  if (v != estimate) out_status.add(StatusCode::kTailWeightBound, "tail weight " + from_to(estimate, v));
  Vector gamma = moments.skewness / ((d + 2.0) * v);
  const double share = v * gamma.squaredNorm();
  if (share > kLargestSkewnessShare) {
    gamma *= std::sqrt(kLargestSkewnessShare / share);
    out_status.add(StatusCode::kSkewnessBound, "share of variance " + from_to(share, kLargestSkewnessShare));
  }
  return {v, gamma};
}

/// Standard deviations whose squares a double holds.
Vector squarable(const Vector& deviation, Status& out_status) {
  constexpr double kLargestDeviation = 1e150;
  std::vector<Index> too_large;
  for (Index j = 0; j < deviation.size(); ++j) {
    if (deviation(j) > kLargestDeviation) too_large.push_back(j);
  }
  if (!too_large.empty()) out_status.add(StatusCode::kScaleOverflow, list_columns(too_large));
  return deviation.cwiseMin(kLargestDeviation);
}

}  // namespace

double gaussian_tail_weight_error(double n, Index d) {
  const auto dimension = static_cast<double>(d);
  return std::sqrt(8.0 / (n * dimension * (dimension + 2.0)));
}

template <Subordinator S>
NormalMixture<S> default_init(const RowView& x, Status& out_status) {
  require_rows(x, std::max<Index>(1, x.columns()));
  const SampleMoments moments = sample_moments(x, out_status);
  const Shape shape = feasible_shape(moments, x.rows(), out_status);
  const Matrix root = squarable(moments.deviation, out_status).asDiagonal() * moments.correlation_cholesky;  // S^{1/2}
  const Vector gamma = root * shape.gamma;
  const Matrix inner =
      Matrix::Identity(x.columns(), x.columns()) - shape.tail_weight * shape.gamma * shape.gamma.transpose();
  const Matrix inner_root = inner.llt().matrixL();
  const Matrix L_Sigma = (root * inner_root).template triangularView<Eigen::Lower>();
  return {moments.mean - gamma, gamma, L_Sigma, S::from_expectation(1.0 + shape.tail_weight, 1.0, std::nullopt)};
}

template NormalInverseGaussian default_init(const RowView&, Status&);

}  // namespace varimix
