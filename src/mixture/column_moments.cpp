#include "varimix/mixture/column_moments.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <utility>

#include "families.hpp"

namespace varimix {
namespace {

/// Returns the roots of the diagonal of Sigma, whose squares may leave the doubles.
Vector dispersion_scales(const Matrix& L_Sigma) {
  Vector scales(L_Sigma.rows());
  for (Index j = 0; j < scales.size(); ++j) scales(j) = L_Sigma.row(j).head(j + 1).transpose().stableNorm();
  return scales;
}

/// Returns the covariance of the columns of X / scales.
template <Subordinator S>
Matrix scaled_covariance(const MeanVarianceMixture<S>& model, const Vector& scales) {
  Matrix root = model.L_Sigma();
  for (Index j = 0; j < root.rows(); ++j) root.row(j) /= scales(j);
  return MeanVarianceMixture<S>(Vector::Zero(model.d()), model.gamma().cwiseQuotient(scales), std::move(root),
                                model.subordinator())
      .cov();
}

}  // namespace

template <Subordinator S>
Vector column_std(const MeanVarianceMixture<S>& model) {
  const Vector scales = dispersion_scales(model.L_Sigma());
  return scales.cwiseProduct(scaled_covariance(model, scales).diagonal().cwiseSqrt());
}

template <Subordinator S>
Matrix correlation(const MeanVarianceMixture<S>& model) {
  const Matrix covariance = scaled_covariance(model, dispersion_scales(model.L_Sigma()));
  const Vector deviations = covariance.diagonal().cwiseSqrt();
  Matrix result(model.d(), model.d());
  for (Index j = 0; j < model.d(); ++j) {
    result(j, j) = std::isfinite(deviations(j)) ? 1.0 : std::numeric_limits<double>::quiet_NaN();
    for (Index k = j + 1; k < model.d(); ++k) {
      result(j, k) = result(k, j) = covariance(k, j) / deviations(k) / deviations(j);
    }
  }
  return result;
}

#define VARIMIX_INSTANTIATE(S)                                        \
  template Vector column_std<S>(const MeanVarianceMixture<S>& model); \
  template Matrix correlation<S>(const MeanVarianceMixture<S>& model);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
