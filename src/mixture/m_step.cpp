#include "varimix/mixture/m_step.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <utility>

#include "varimix/core/constants.hpp"
#include "varimix/mixture/cholesky.hpp"

namespace varimix {
namespace {

// E[Y] within a factor of this of 1, and a tail weight below it, keep the parameters of every law of Y normal doubles.
constexpr double kLargestMoment = 1e140;

// A tail weight s1 s2 - 1 this far below zero is the rounding of a Gaussian limit, not an infeasible eta.
constexpr double kTailWeightRounding = 1e-13;

/// F of the M-step; without the row of s2 and s4 in the Gaussian limit, where gamma = 0 and that row does not enter.
Matrix bordered_matrix(const Expectations& eta, bool with_gamma) {
  const Index d = eta.d();
  const Index border = with_gamma ? 2 : 1;
  Matrix f(border + d, border + d);
  f(0, 0) = eta.inv_y;
  f.block(border, 0, d, 1) = eta.x_inv_y;
  if (with_gamma) {
    f(1, 0) = 1.0;
    f(1, 1) = eta.y;
    f.block(border, 1, d, 1) = eta.x;
  }
  f.block(border, border, d, d) = eta.xx_inv_y;
  return f;
}

/// Least pivots of the factorisation: the floor, and what is only rounding of the diagonal entry.
Vector least_pivots(const Matrix& f, Index border, const Vector& floor, double s2) {
  Vector least = kPivotRoundings * kEpsilon * f.diagonal();
  least.head(border).setZero();
  if (floor.size() > 0) least.tail(floor.size()) = least.tail(floor.size()).cwiseMax(floor / s2);
  return least;
}

bool pivots_exceed(const Matrix& factor, const Vector& least) {
  return (factor.diagonal().array().square() > least.array()).all();
}

}  // namespace

template <Subordinator S>
MStepResult<S> m_step(const Expectations& eta, const Vector& floor, BelowFloor below_floor) {
  MStepResult<S> result;
  if (const char* statistic = eta.first_not_finite(); *statistic != '\0') {
    result.infeasible = statistic;
    return result;
  }
  const double tail_weight = std::fma(eta.inv_y, eta.y, -1.0);
  if (!(eta.y > 0.0 && tail_weight > -kTailWeightRounding && std::isfinite(tail_weight))) {
    result.infeasible = "E[1/Y] E[Y] > 1";
    return result;
  }
  if (!(eta.y < kLargestMoment && eta.y > 1.0 / kLargestMoment && tail_weight < kLargestMoment)) {
    result.infeasible = "E[Y] and the tail weight within the range of doubles";
    return result;
  }
  result.gaussian_limit = tail_weight < kGaussianTailWeight;
  const Index d = eta.d();
  const Index border = result.gaussian_limit ? 1 : 2;
  const Matrix f = bordered_matrix(eta, !result.gaussian_limit);
  const Vector least = least_pivots(f, border, floor, eta.y);

  const Eigen::LLT<Matrix> llt(f);
  Matrix factor = llt.matrixL();
  if (llt.info() != Eigen::Success || !pivots_exceed(factor, least)) {
    if (below_floor == BelowFloor::kInfeasible || !(least.tail(d).minCoeff() > 0.0)) {
      result.infeasible = "E[XX'/Y] positive definite beside the other statistics";
      return result;
    }
    std::vector<Index> raised;
    factor = raised_cholesky(f, least, raised);
    for (const Index j : raised) result.raised_columns.push_back(j - border);
  }
  Vector mu = factor.block(border, 0, d, 1) / factor(0, 0);
  Vector gamma = Vector::Zero(d);
  double inv_y = eta.inv_y;
  if (result.gaussian_limit) {
    inv_y = (1.0 + kGaussianTailWeight) / eta.y;
  } else {
    gamma = factor.block(border, 1, d, 1) / factor(1, 1);
    mu -= factor(1, 0) / factor(0, 0) * gamma;
  }
  if (!mu.allFinite() || !gamma.allFinite() || !factor.allFinite()) {
    result.infeasible = "mu, gamma and Sigma within the range of doubles";
    return result;
  }
  result.model.emplace(eta.origin + mu, std::move(gamma), factor.bottomRightCorner(d, d),
                       S::from_expectation(inv_y, eta.y, eta.log_y));
  return result;
}

template MStepResult<InverseGaussian> m_step(const Expectations&, const Vector&, BelowFloor);

}  // namespace varimix
