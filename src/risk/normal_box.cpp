#include "normal_box.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <limits>

#include "truncated_normal.hpp"

namespace varimix {
namespace {

/// psi and its derivatives at a point (z, tilt), each without its last element.
struct Psi {
  double value;
  Vector gradient;
  Matrix hessian;
};

Psi psi_at(const NormalBox& bounds, const Matrix& slopes, const Vector& point) {
  const Index k = bounds.lower.size();
  const Index m = k - 1;
  const auto z = point.head(m);
  const auto tilt = point.tail(m);
  Psi psi{0.5 * tilt.squaredNorm() - z.dot(tilt), Vector(2 * m), Matrix::Zero(2 * m, 2 * m)};
  Vector mean(k);
  Vector curvature(k);
  for (Index i = 0; i < k; ++i) {
    const Index before = std::min(i, m);
    const double shift = slopes.row(i).head(before).dot(z.head(before)) + (i < m ? tilt(i) : 0.0);
    const NormalInterval part = normal_interval(bounds.lower(i) - shift, bounds.upper(i) - shift);
    psi.value += part.log_probability;
    mean(i) = part.mean;
    curvature(i) = part.variance_less_one;
  }
  const Matrix below = slopes.leftCols(m).triangularView<Eigen::StrictlyLower>();  // (k, m)
  psi.gradient << below.transpose() * mean - tilt, tilt - z + mean.head(m);
  psi.hessian.topLeftCorner(m, m) = below.transpose() * curvature.asDiagonal() * below;
  psi.hessian.bottomLeftCorner(m, m) = curvature.head(m).asDiagonal() * below.topRows(m);
  psi.hessian.bottomLeftCorner(m, m).diagonal().array() -= 1.0;
  psi.hessian.topRightCorner(m, m) = psi.hessian.bottomLeftCorner(m, m).transpose();
  psi.hessian.bottomRightCorner(m, m).diagonal() = (1.0 + curvature.head(m).array()).matrix();
  return psi;
}

/// Moves a point along a Newton step until the gradient is smaller. Returns false where it does not get smaller.
bool move(const NormalBox& bounds, const Matrix& slopes, const Vector& step, Vector& point, Psi& psi) {
  constexpr int kMostHalvings = 20;
  constexpr double kLeastGain = 1e-4;  // Armijo's constant
  double size = 1.0;
  for (int halving = 0; halving < kMostHalvings; ++halving, size *= 0.5) {
    const Vector next = point - size * step;
    Psi at_next = psi_at(bounds, slopes, next);
    if (at_next.gradient.allFinite() && at_next.gradient.norm() <= (1.0 - kLeastGain * size) * psi.gradient.norm()) {
      point = next;
      psi = std::move(at_next);
      return true;
    }
  }
  return false;
}

/// A point (z, tilt) and psi there.
struct Solution {
  Vector point;
  Psi psi;
  [[nodiscard]] bool is_met() const {
    constexpr double kSmallGradient = 1e-6;
    return psi.gradient.norm() <= kSmallGradient * (1.0 + point.norm());
  }
};

Solution newton(const NormalBox& bounds, const Matrix& slopes, const Vector& start) {
  constexpr int kMostSteps = 50;
  Solution solution{start, psi_at(bounds, slopes, start)};
  for (int k = 0; k < kMostSteps && !solution.is_met() && solution.psi.gradient.allFinite(); ++k) {
    const Vector step = solution.psi.hessian.partialPivLu().solve(solution.psi.gradient);
    if (!step.allFinite() || !move(bounds, slopes, step, solution.point, solution.psi)) break;
  }
  return solution;
}

}  // namespace

Matrix slopes_of(const BoxLaw& box) {
  const auto factor = box.factor.topLeftCorner(box.k(), box.k());
  return factor.diagonal().cwiseInverse().asDiagonal() * factor;
}

void bounds_given(const BoxLaw& box, double y, NormalBox& out_bounds) {
  const Index k = box.k();
  const auto unit = box.factor.diagonal().head(k).array() * std::sqrt(y);
  const Vector centre = box.mu.head(k) + box.gamma.head(k) * y;
  out_bounds.lower = (box.lower - centre).array() / unit;
  out_bounds.upper = (box.upper - centre).array() / unit;
}

Tilt tilt_of(const NormalBox& bounds, const Matrix& slopes, const Tilt& start) {
  const Index k = bounds.lower.size();
  const Index m = k - 1;
  if (m == 0) return {Vector::Zero(1), Vector::Zero(1), log_normal_interval(bounds.lower(0), bounds.upper(0)), true};
  Solution best = newton(bounds, slopes, (Vector(2 * m) << start.place.head(m), start.tilt.head(m)).finished());
  if (!best.is_met()) {
    Solution other = newton(bounds, slopes, Vector::Zero(2 * m));
    if (other.is_met() || !best.psi.gradient.allFinite()) best = std::move(other);
  }
  Tilt tilt{Vector::Zero(k), Vector::Zero(k), best.psi.value, best.is_met()};
  tilt.place.head(m) = best.point.head(m);
  tilt.tilt.head(m) = best.point.tail(m);
  return tilt;
}

double draw_within(CounterStream& stream, const NormalBox& bounds, const Matrix& slopes, const Vector& tilt,
                   Vector& out_z) {
  double psi = 0.0;
  for (Index i = 0; i < bounds.lower.size(); ++i) {
    const double shift = slopes.row(i).head(i).dot(out_z.head(i)) + tilt(i);
    const double lower = bounds.lower(i) - shift;
    const double upper = bounds.upper(i) - shift;
    const double log_probability = log_normal_interval(lower, upper);
    if (!(log_probability > -kNoBound)) return -kNoBound;
    out_z(i) = tilt(i) + draw_normal_within(stream, lower, upper);
    psi += 0.5 * tilt(i) * tilt(i) - out_z(i) * tilt(i) + log_probability;
  }
  return psi;
}

}  // namespace varimix
