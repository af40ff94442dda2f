#include <algorithm>
#include <cmath>

#include "gamma_functions.hpp"
#include "gig_held.hpp"
#include "gig_solver.hpp"
#include "moment_checks.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"

namespace varimix {
namespace {

using Fit = ShapeFit<GeneralizedInverseGaussian>;

Fit gaussian_limit(double s2) {
  // This is InverseGaussian(E[Y], kLargestShape E[Y]): so close to the limit the laws of all orders are one.
  return {GeneralizedInverseGaussian(-0.5, kLargestShape / s2, kLargestShape * s2), ShapeLimit::kGaussian};
}

Fit face_law(double p, double s1, double s2) {
  if (std::abs(p) >= kLargestShape) return gaussian_limit(s2);
  if (p < 0.0) return {GeneralizedInverseGaussian(p, 0.0, -2.0 * p / s1), ShapeLimit::kInverseGammaFace};
  return {GeneralizedInverseGaussian(p, 2.0 * p / s2, 0.0), ShapeLimit::kGammaFace};
}

void require_feasible(const YMoments& m) {
  const double rounding = rounding_of_difference(m.log_y);
  require(std::fma(m.inv_y, m.y, -1.0) > -rounding, "E_inv_Y * E_Y", "> 1", m.inv_y * m.y);
  require(std::log(m.inv_y) + m.log_y > -rounding, "E_log_Y", "> -log E_inv_Y", m.log_y);
  require(std::log(m.y) - m.log_y > -rounding, "E_log_Y", "< log E_Y", m.log_y);
}

Fit fit_all(const YMoments& moments) {
  const auto& [s1, s2, s3] = moments;
  const double tail_weight = std::fma(s1, s2, -1.0);
  const double d1 = std::log(s1) + s3;
  const double d2 = std::log(s2) - s3;
  if (tail_weight < kGaussianTailWeight) return gaussian_limit(s2);
  // A moment may be at its end while the tail weight is not 0: the maximum is then the end of a face, where the shape
  // is capped.
  const double least = log_minus_digamma(kLargestShape);
  if (d1 <= least) return {face_law(-kLargestShape * (1.0 - kEpsilon), s1, s2).law, ShapeLimit::kGaussian};
  if (d2 <= least) return {face_law(kLargestShape * (1.0 - kEpsilon), s1, s2).law, ShapeLimit::kGaussian};
  const double sum = std::isfinite(tail_weight) ? std::log1p(tail_weight) : std::log(s1) + std::log(s2);
  const double log_scale = std::max({1.0, std::abs(s3), std::abs(std::log(s2))});
  const GigShape shape = solve_gig({d1, d2, sum, 1.0 / tail_weight, log_scale});
  if (shape.z == 0.0) return face_law(shape.p, s1, s2);
  return {gig_of_shape(shape.p, shape.z, moments)};
}

}  // namespace

Fit GeneralizedInverseGaussian::maximum_likelihood(double E_inv_Y, double E_Y, std::optional<double> E_log_Y,
                                                   const HeldParameters<GeneralizedInverseGaussian>& held) {
  require_moment(E_inv_Y, "E_inv_Y");
  require_moment(E_Y, "E_Y");
  const YMoments moments = {E_inv_Y, E_Y, required_log_moment(E_log_Y)};
  require_feasible(moments);
  return held.any() ? gig_maximum_with_held(moments, held.values) : fit_all(moments);
}

}  // namespace varimix
