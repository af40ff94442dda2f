#pragma once

#include <cmath>

#include "model_frame.hpp"
#include "shape_coordinates.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// A model in the gauge of its shape.
template <Subordinator S>
struct InShapeGauge {
  InShapeGauge(const MeanVarianceMixture<S>& model, double least_alpha)
      : scale(ShapeCoordinates<S>::scale(model.subordinator())),
        mu(model.mu()),
        gamma(model.gamma() * scale),
        sigma_factor(model.L_Sigma() * std::sqrt(scale)),
        psi(ShapeCoordinates<S>::shape(model.subordinator(), least_alpha)) {}
  double scale;      // Y / scale is in the gauge
  const Vector& mu;  // the model's own, which must outlive this
  Vector gamma;
  Matrix sigma_factor;
  ShapeVector<S> psi;
};

/// Returns the difference of two models in the frame of the second.
template <Subordinator S>
[[nodiscard]] Direction difference(const InShapeGauge<S>& from, const InShapeGauge<S>& to, const ModelFrame& frame) {
  const Matrix sigma =
      to.sigma_factor * to.sigma_factor.transpose() - from.sigma_factor * from.sigma_factor.transpose();
  return {frame.into(Vector(to.mu - from.mu)), frame.into(Vector(to.gamma - from.gamma)), frame.into(sigma),
          to.psi - from.psi};
}

}  // namespace varimix
