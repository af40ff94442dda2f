#include "complete_data.hpp"

#include <Eigen/Dense>
#include <cmath>

#include "mixture/families.hpp"

namespace varimix {
namespace {

/// The information of Y about the logarithm of its scale: with each number of its shape, and alone.
struct ScaleInformation {
  Vector with_shape;
  double alone;
};

// The score of log s, where the law is that of sY, is -1 - Y (log f)'(Y); its derivatives have these means.

// log f = (log z)/2 - z (Y + 1/Y - 2)/2 - (3/2) log Y + ...; E[Y] = 1, E[1/Y] = 1 + 1/z.
ScaleInformation scale_information(const InverseGaussian& law) { return {Vector::Constant(1, 0.5), law.lam() + 0.5}; }

// A gamma law of shape and rate alpha: its mean and its shape are orthogonal.
ScaleInformation scale_information(const Gamma& law) { return {Vector::Zero(1), law.alpha()}; }
ScaleInformation scale_information(const InverseGamma& law) { return {Vector::Zero(1), law.alpha()}; }

// log f = (p - 1) log Y - z (Y + 1/Y)/2 + ...; the score is z (Y - 1/Y)/2 - p.
ScaleInformation scale_information(const GeneralizedInverseGaussian& law) {
  const double z = law.a();
  return {Eigen::Vector2d(1.0, -law.p()), 0.5 * z * (law.E_Y() + law.E_inv_Y())};
}

}  // namespace

template <Subordinator S>
CompleteDataCovariance<S>::CompleteDataCovariance(const LocalCoordinates<S>& coordinates)
    : coordinates_(coordinates),
      inv_y_(coordinates.centre().subordinator().E_inv_Y()),
      y_(coordinates.centre().subordinator().E_Y()) {
  is_finite_ = std::isfinite(inv_y_) && std::isfinite(y_);
  if (!is_finite_) return;
  const auto& model = coordinates.centre();
  const Index d = model.d();
  // sY has the law of X with gamma += gamma ds, L += L ds / 2.
  const Vector c = model.L_Sigma().template triangularView<Eigen::Lower>().solve(model.gamma());
  const ScaleInformation scale = scale_information(model.subordinator());
  const Vector no_shape = Vector::Zero(scale.with_shape.size());
  const Vector along = coordinates.reduce({Vector::Zero(d), c, 0.5 * Matrix::Identity(d, d), no_shape});
  const Vector with_shape =
      coordinates.reduce({Vector::Zero(d), Vector::Zero(d), Matrix::Zero(d, d), scale.with_shape});
  const Vector by_shape = at_known_scale(with_shape);
  with_scale_ = along - by_shape;
  variance_of_scale_ = 1.0 / (scale.alone - with_shape.dot(by_shape));
}

template <Subordinator S>
Matrix CompleteDataCovariance<S>::of(const Matrix& gradients) const {
  Matrix at_scale(gradients.rows(), gradients.cols());
  for (Index k = 0; k < gradients.cols(); ++k) at_scale.col(k) = at_known_scale(gradients.col(k));
  const Vector by_scale = gradients.transpose() * with_scale_;
  const Matrix covariance = gradients.transpose() * at_scale + variance_of_scale_ * by_scale * by_scale.transpose();
  return 0.5 * (covariance + covariance.transpose());
}

#define VARIMIX_INSTANTIATE(S) template class CompleteDataCovariance<S>;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
