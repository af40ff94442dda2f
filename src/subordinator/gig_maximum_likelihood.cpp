#include <algorithm>
#include <cmath>

#include "gamma_functions.hpp"
#include "gig_solver.hpp"
#include "moment_checks.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"

namespace varimix {
namespace {

using Fit = ShapeFit<GeneralizedInverseGaussian>;

Fit gaussian_limit(double s2) {
  // InverseGaussian(E[Y], kLargestShape E[Y]): so close to the limit all orders are one law.
  return {GeneralizedInverseGaussian(-0.5, kLargestShape / s2, kLargestShape * s2), ShapeLimit::kGaussian};
}

/// The law of this order and concentration with E[Y] = s2 and E[1/Y] = s1: sqrt(b/a) solves s2/u - s1 u = 2p/z.
GeneralizedInverseGaussian law_of(const GigShape& shape, double s1, double s2) {
  const double order = std::abs(shape.p);
  const double sum = order + std::hypot(order, shape.z * std::sqrt(s1) * std::sqrt(s2));
  if (shape.p >= 0.0) return {shape.p, sum / s2, shape.z * (shape.z / sum) * s2};
  return {shape.p, shape.z * (shape.z / sum) * s1, sum / s1};
}

Fit face_law(double p, double s1, double s2) {
  if (std::abs(p) >= kLargestShape) return gaussian_limit(s2);
  if (p < 0.0) return {GeneralizedInverseGaussian(p, 0.0, -2.0 * p / s1), ShapeLimit::kInverseGammaFace};
  return {GeneralizedInverseGaussian(p, 2.0 * p / s2, 0.0), ShapeLimit::kGammaFace};
}

Fit fit_all(double s1, double s2, double s3) {
  const double tail_weight = std::fma(s1, s2, -1.0);
  const double d1 = std::log(s1) + s3;
  const double d2 = std::log(s2) - s3;
  const double rounding = rounding_of_difference(s3);
  require(tail_weight > -rounding, "E_inv_Y * E_Y", "> 1", s1 * s2);
  require(d1 > -rounding, "E_log_Y", "> -log E_inv_Y", s3);
  require(d2 > -rounding, "E_log_Y", "< log E_Y", s3);
  if (tail_weight < kGaussianTailWeight) return gaussian_limit(s2);
  // A moment at its end, and the product of the other two away from it: the face's end, where the shape is capped.
  const double least = log_minus_digamma(kLargestShape);
  if (d1 <= least) return {face_law(-kLargestShape * (1.0 - kEpsilon), s1, s2).law, ShapeLimit::kGaussian};
  if (d2 <= least) return {face_law(kLargestShape * (1.0 - kEpsilon), s1, s2).law, ShapeLimit::kGaussian};
  const double sum = std::isfinite(tail_weight) ? std::log1p(tail_weight) : std::log(s1) + std::log(s2);
  const double log_scale = std::max({1.0, std::abs(s3), std::abs(std::log(s2))});
  const GigShape shape = solve_gig({d1, d2, sum, 1.0 / tail_weight, log_scale});
  if (shape.z == 0.0) return face_law(shape.p, s1, s2);
  return {law_of(shape, s1, s2)};
}

}  // namespace

Fit GeneralizedInverseGaussian::maximum_likelihood(double E_inv_Y, double E_Y, std::optional<double> E_log_Y,
                                                   const HeldParameters<GeneralizedInverseGaussian>& held) {
  require_moment(E_inv_Y, "E_inv_Y");
  require_moment(E_Y, "E_Y");
  const double log_y = required_log_moment(E_log_Y);
  (void)held;
  return fit_all(E_inv_Y, E_Y, log_y);
}

}  // namespace varimix
