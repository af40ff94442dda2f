#include "varimix/mixture/default_init.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <concepts>
#include <sstream>
#include <string>
#include <vector>

#include "available_moments.hpp"
#include "mixture/families.hpp"
#include "sample_moments.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

std::string from_to(double from, double to) {
  std::ostringstream text;
  text << from << " became " << to;
  return text.str();
}

/// The tail weight and whitened gamma that have the sample's kurtosis and skewness, within their bounds.
struct Shape {
  double tail_weight;
  Vector gamma;
};

/// Returns v gamma shortened by what Gaussian rows would show of it (James and Stein 1961). Near the Gaussian limit v is
/// small, and noise over v would be a start from which the likelihood is a long, bent ridge.
Vector beyond_noise(const Vector& t, double n) {
  const auto d = static_cast<double>(t.size());
  const double square = t.squaredNorm();
  const double noise = 2.0 * d / (n * (d + 2.0));
  return noise < square ? Vector(t * (1.0 - noise / square)) : Vector::Zero(t.size());
}

/// Returns the gamma along t whose part v gamma'gamma of the variance is `share`.
Vector gamma_of_share(const Vector& t, double v, double share) { return t * (std::sqrt(share / v) / t.norm()); }

Shape feasible_shape(const SampleMoments& moments, Status& out_status) {
  const Index dimension = moments.mean.size();
  const auto d = static_cast<double>(dimension);
  const Vector t = beyond_noise(moments.skewness / (d + 2.0), moments.rows);  // this is v gamma
  const double excess = moments.kurtosis / (d * (d + 2.0)) - 1.0;
  double v = excess - 4.0 * t.squaredNorm() / d;
  const auto share = [&] { return t.squaredNorm() / v; };
  const bool too_skewed = excess > 0.0 && !(v > 0.0 && share() <= kLargestSkewnessShare);
  if (too_skewed) v = excess / (1.0 + 4.0 * kLargestSkewnessShare / d);  // this has the kurtosis with the largest share

  const double smallest = std::max(kGaussianTailWeight, gaussian_tail_weight_error(moments.rows, dimension));
  const double bounded = std::clamp(v, std::min(smallest, kLargestInitialTailWeight), kLargestInitialTailWeight);
  if (bounded != v) out_status.add(StatusCode::kTailWeightBound, "tail weight " + from_to(v, bounded));
  v = bounded;
  if (share() <= kLargestSkewnessShare) return {v, t / v};
  out_status.add(StatusCode::kSkewnessBound, "share of variance " + from_to(share(), kLargestSkewnessShare));
  return {v, gamma_of_share(t, v, kLargestSkewnessShare)};
}

/// Returns the standard deviations, cut off so that a double holds their squares.
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
S law_of_variance(double v) {
  if constexpr (std::same_as<S, Gamma>) {
    return {1.0 / v, 1.0 / v};
  } else if constexpr (std::same_as<S, InverseGamma>) {
    return {2.0 + 1.0 / v, 1.0 + 1.0 / v};
  } else if constexpr (std::same_as<S, GeneralizedInverseGaussian>) {
    return {-0.5, 1.0 / v, 1.0 / v};
  } else {
    static_assert(std::same_as<S, InverseGaussian>);
    return {1.0, 1.0 / v};
  }
}

template <Subordinator S>
MeanVarianceMixture<S> default_init(const RowView& x, Status& out_status, Missing missing) {
  require_shape(x, std::max<Index>(1, x.columns()));
  const AskMoments ask = [&](const MomentRequest& request) { return moment_partial(request, x); };
  return default_init<S>(ask, out_status, missing);
}

template <Subordinator S>
MeanVarianceMixture<S> default_init(const AskMoments& ask, Status& out_status, Missing missing) {
  const MomentPartial ranges = answer_to({.pass = MomentPass::kRanges, .missing = missing}, ask);
  const SampleMoments moments =
      ranges.gaps ? available_moments(ask, ranges, out_status) : sample_moments(ask, ranges, out_status);
  const Index d = moments.mean.size();
  const bool is_finite = moments.mean.allFinite() && moments.deviation.allFinite() && moments.skewness.allFinite() &&
                         std::isfinite(moments.kurtosis);
  require(is_finite, "X", "columns whose range is a double", "a larger one");
  const Shape shape = feasible_shape(moments, out_status);
  const Matrix root = squarable(moments.deviation, out_status).asDiagonal() * moments.correlation_cholesky;  // S^{1/2}
  const Vector gamma = root * shape.gamma;
  const Matrix inner = Matrix::Identity(d, d) - shape.tail_weight * shape.gamma * shape.gamma.transpose();
  const Matrix inner_root = inner.llt().matrixL();
  const Matrix L_Sigma = (root * inner_root).template triangularView<Eigen::Lower>();
  return {moments.mean - gamma, gamma, L_Sigma, law_of_variance<S>(shape.tail_weight)};
}

#define VARIMIX_INSTANTIATE(S)                                                    \
  template S law_of_variance<S>(double);                                          \
  template MeanVarianceMixture<S> default_init(const RowView&, Status&, Missing); \
  template MeanVarianceMixture<S> default_init(const AskMoments&, Status&, Missing);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
