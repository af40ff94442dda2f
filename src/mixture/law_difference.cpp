#include "varimix/mixture/law_difference.hpp"

#include <algorithm>
#include <cmath>

#include "families.hpp"

namespace varimix {
namespace {

/// gamma, the factor of Sigma and the law of Y in the gauge in which log Y has its mode at 0.
struct GaugeFree {
  Vector gamma;
  Matrix factor;
  double a, b;  // a - b = 2p; (a + b)/2 is the curvature of log Y's log density at its mode
};

template <Subordinator S>
GaugeFree gauge_free(const MeanVarianceMixture<S>& model) {
  const GigParameters gig = model.subordinator().gig();
  const double s = 1.0 / y_at_mode_of_log_y(gig);
  return {model.gamma() / s, model.L_Sigma() / std::sqrt(s), gig.a / s, gig.b * s};
}

/// Returns the lengths of the rows; stably where a square leaves the doubles.
Vector row_norms(const Matrix& factor) {
  Vector norms = factor.rowwise().squaredNorm();
  for (Index j = 0; j < norms.size(); ++j) {
    norms(j) = std::isnormal(norms(j)) ? std::sqrt(norms(j)) : factor.row(j).stableNorm();
  }
  return norms;
}

/// Returns the largest entry of AA' - BB' = (DS' + SD')/2, D = A - B, S = A + B, of lower triangles.
double largest_difference(const Matrix& a, const Matrix& b) {
  const Matrix difference = a - b;
  const Matrix product = difference.triangularView<Eigen::Lower>() * (a + b).transpose();
  double largest = 0.0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = j; i < a.rows(); ++i) largest = std::max(largest, std::abs(product(i, j) + product(j, i)));
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
  const GaugeFree one = gauge_free(model);
  const GaugeFree two = gauge_free(other);
  const double w = 0.5 * (one.a + one.b);
  // Deviations serve, not variances: a variance below 1e-308 would be 0.
  Vector deviation = row_norms(one.factor);
  for (Index j = 0; j < model.d(); ++j) deviation(j) = std::hypot(deviation(j), one.gamma(j) / std::sqrt(w));
  const Vector mu = (model.mu() - other.mu()).cwiseQuotient(deviation);
  const Vector gamma = (one.gamma - two.gamma).cwiseQuotient(deviation);
  const Matrix unit = one.factor.array().colwise() / deviation.array();
  const Matrix other_unit = two.factor.array().colwise() / deviation.array();
  return std::max({mu.cwiseAbs().maxCoeff(), gamma.cwiseAbs().maxCoeff(), largest_difference(unit, other_unit),
                   std::abs(one.a - two.a) / w, std::abs(one.b - two.b) / w});
}

#define VARIMIX_INSTANTIATE(S) \
  template double law_difference(const MeanVarianceMixture<S>&, const MeanVarianceMixture<S>&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
