#pragma once

#include <Eigen/Core>

#include "varimix/core/types.hpp"
#include "varimix/subordinator/generalized_inverse_gaussian.hpp"
#include "varimix/subordinator/gig_parameters.hpp"
#include "varimix/subordinator/inverse_gaussian.hpp"
#include "varimix/subordinator/subordinator.hpp"

namespace varimix {

/// The shape of a law with one is psi = log(u + kShapeShift).
inline constexpr double kShapeShift = 0.1;

/// How many numbers psi the shape of a law of Y has: what remains of its parameters in one gauge.
template <Subordinator S>
inline constexpr int kShapeCount = static_cast<int>(S::kParameterNames.size()) - 1;

template <Subordinator S>
using ShapeVector = Eigen::Matrix<double, kShapeCount<S>, 1>;

/// The law of Y in the gauge of its shape, and the derivatives of its exponential family in psi. The sufficient
/// statistics are t = (1/Y, Y, log Y) with the natural parameters theta = (-b/2, -a/2, p - 1) of GIG(p, a, b).
struct ShapePoint {
  using Columns = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, 3, 2>;
  using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, 2, 2>;
  GigParameters law;
  Eigen::Vector3d mean;  ///< E[t]; one whose row of `slope` is 0 may be infinite or left out
  Columns slope;         ///< d theta / d psi (3, number of psi); rows of 0 where theta does not depend on psi
  Square information;    ///< slope' Cov(t) slope: the information of a value of Y about psi
  /// Returns the derivative in psi_j of the log density of Y, slope_j' (t - E[t]). Statistics
  /// whose slope is 0, which may be infinite, are left out.
  [[nodiscard]] double score(const Eigen::Vector3d& t, Index j) const {
    double sum = 0.0;
    for (Index i = 0; i < 3; ++i) {
      if (slope(i, j) != 0.0) sum += slope(i, j) * (t(i) - mean(i));
    }
    return sum;
  }
};

/// The shape of a law of Y in coordinates in which steps are well scaled: psi = log(u + 0.1) with u = 1/lam for the
/// inverse Gaussian, 1/alpha for the gamma laws, because near the Gaussian limit u, and in the tails log u, is nearly
/// normal; psi = (p, log sqrt(ab)) for the GIG. The gauge is E[Y] = 1; that of the inverse gamma law is E[1/Y] = 1,
/// which exists for every alpha.
template <Subordinator S>
struct ShapeCoordinates {
  /// Returns e such that Y/e is in the gauge of the shape.
  [[nodiscard]] static double scale(const S& law);
  /// Returns psi of a law, within the bounds.
  [[nodiscard]] static ShapeVector<S> shape(const S& law, double least_alpha);
  /// Returns the law of a shape, in its gauge.
  [[nodiscard]] static S law(const ShapeVector<S>& psi);
  [[nodiscard]] static ShapePoint point(const ShapeVector<S>& psi);
  /// Returns psi within its bounds: 1e-4 <= u <= 1e4, alpha >= 0.2 and >= `least_alpha` for the gamma laws;
  /// |p| <= 40, -5 <= log sqrt(ab) <= 6.
  [[nodiscard]] static ShapeVector<S> within_bounds(const ShapeVector<S>& psi, double least_alpha);
  /// Returns the bound at which a shape lies.
  [[nodiscard]] static ShapeLimit limit(const ShapeVector<S>& psi, double least_alpha);
};

}  // namespace varimix
