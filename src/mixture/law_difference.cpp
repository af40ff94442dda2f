#include "varimix/mixture/law_difference.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "families.hpp"

namespace varimix {
namespace {

/// The law of Y in the gauge in which log Y has its mode at 0.
struct LawOfY {
  double scale;  // it has scale * Y in place of Y: gamma / scale and L_Sigma / sqrt(scale) are those of this gauge
  double a, b;   // a - b = 2p; (a + b)/2 is the curvature of log Y's log density at its mode
};

LawOfY gauge_free(const GigParameters& gig) {
  const double s = 1.0 / y_at_mode_of_log_y(gig);
  return {s, gig.a / s, gig.b * s};
}

/// Returns the lengths of the rows; stably where a square leaves the doubles.
template <class Derived>
Vector row_norms(const Eigen::MatrixBase<Derived>& factor) {
  Vector norms = factor.rowwise().squaredNorm();
  for (Index j = 0; j < norms.size(); ++j) {
    norms(j) = std::isnormal(norms(j)) ? std::sqrt(norms(j)) : factor.row(j).stableNorm();
  }
  return norms;
}

/// Returns the largest entry of AA' - BB' = (DS' + SD')/2, D = A - B, S = A + B, of lower triangles. Column i of the
/// first half of `pairs` is D_i1, S_i1, D_i2, S_i2, ..., and of the second S_i1, D_i1, ...
double largest_difference(const Matrix& pairs) {
  const Index d = pairs.cols() / 2;
  double largest = 0.0;
  for (Index i = 0; i < d; ++i) {
    for (Index j = 0; j <= i; ++j) {
      const double twice = pairs.col(i).head(2 * (j + 1)).dot(pairs.col(d + j).head(2 * (j + 1)));
      largest = std::max(largest, std::abs(twice));
    }
  }
  return 0.5 * largest;
}

}  // namespace

double y_at_mode_of_log_y(const GigParameters& gig) noexcept {
  const double w = std::hypot(gig.p, std::sqrt(gig.a) * std::sqrt(gig.b));
  return gig.p > 0.0 ? (w + gig.p) / gig.a : gig.b / (w - gig.p);
}

template <Subordinator S>
double law_difference(const MeanVarianceMixture<S>& model, const MeanVarianceMixture<S>& other) {
  const LawOfY one = gauge_free(model.subordinator().gig());
  const LawOfY two = gauge_free(other.subordinator().gig());
  const double w = 0.5 * (one.a + one.b);
  const auto unit = model.L_Sigma() / std::sqrt(one.scale);
  // Deviations serve, not variances: a variance below 1e-308 would be 0.
  Vector deviation = row_norms(unit);
  for (Index j = 0; j < model.d(); ++j) {
    deviation(j) = std::hypot(deviation(j), model.gamma()(j) / one.scale / std::sqrt(w));
  }
  const Index d = model.d();
  Matrix pairs(2 * d, 2 * d);
  const double other_root = std::sqrt(two.scale);
  for (Index k = 0; k < d; ++k) {
    for (Index j = k; j < d; ++j) {
      const double mine = unit(j, k) / deviation(j);
      const double theirs = other.L_Sigma()(j, k) / other_root / deviation(j);
      pairs(2 * k, j) = pairs(2 * k + 1, d + j) = mine - theirs;
      pairs(2 * k + 1, j) = pairs(2 * k, d + j) = mine + theirs;
    }
  }
  const auto mu = (model.mu() - other.mu()).cwiseQuotient(deviation);
  const auto gamma = (model.gamma() / one.scale - other.gamma() / two.scale).cwiseQuotient(deviation);
  return std::max({mu.cwiseAbs().maxCoeff(), gamma.cwiseAbs().maxCoeff(), largest_difference(pairs),
                   std::abs(one.a - two.a) / w, std::abs(one.b - two.b) / w});
}

#define VARIMIX_INSTANTIATE(S) \
  template double law_difference(const MeanVarianceMixture<S>&, const MeanVarianceMixture<S>&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
