#include "gig_solver.hpp"

#include <algorithm>
#include <boost/math/tools/roots.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "gamma_functions.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix {
namespace {

// Rounding of d1 and d2: what is closer to a face than this is on it.
constexpr double kFaceRounding = 4e-15;
constexpr double kSolved = 1e-11;     // relative, of S and of the distances to the faces
constexpr double kTinyLogZ = -150.0;  // e^-300 in sqrt(ab)^2: on the face to rounding
constexpr int kMostSteps = 12;

/// The target in the solver's coordinates: S = d1 + d2, and between the faces a = 0 (tau = 0) and b = 0 (tau = 1) the
/// fraction tau = (d1 - g(a0)) / W, W = S - 2 g(a0).
struct Goal {
  double sum, shape_sup, width, tau;
};

/// D1 = log R- + u, D2 = log R+ - u with u = d/dp log K_p(z), at (p, x = log z): what d1 and d2 are of a law.
/// From them, as of the target, the sum, a(S) = 1/(1 - e^{-S}), W and tau; each with its derivatives.
struct GoalAt {
  double value, by_p, by_x;
};
struct Evaluation {
  GoalAt sum, shape, tau;
};

Evaluation evaluate_at(double p, double x) {
  const double z = std::exp(x);
  const BesselKSecondOrder k = bessel_k_second_order(p, z);
  const double minus = k.value.ratio_minus;
  const double plus = k.value.ratio_plus;
  const BesselKDerivatives& slope = k.derivatives;
  const GoalAt log_minus = {std::log(minus), slope.dratio_minus_dnu / minus, z * slope.dratio_minus_dz / minus};
  const GoalAt log_plus = {std::log(plus), slope.dratio_plus_dnu / plus, z * slope.dratio_plus_dz / plus};
  // d/dz log K = -(R- + R+)/2.
  const GoalAt u = {k.value.dlog_dnu, slope.d2log_dnu2, -0.5 * z * (slope.dratio_minus_dnu + slope.dratio_plus_dnu)};
  const GoalAt sum = {log_minus.value + log_plus.value, log_minus.by_p + log_plus.by_p, log_minus.by_x + log_plus.by_x};
  const double shape = -1.0 / std::expm1(-sum.value);
  const double shape_slope = -shape * (shape - 1.0);
  const double face = log_minus_digamma(shape);
  const double face_slope = log_minus_digamma_slope(shape) * shape_slope;
  const double width = sum.value - 2.0 * face;
  const double tau = (log_minus.value + u.value - face) / width;
  const auto tau_slope = [&](double d1, double s) {
    return (d1 - face_slope * s - tau * (s - 2.0 * face_slope * s)) / width;
  };
  return {sum,
          {shape, shape_slope * sum.by_p, shape_slope * sum.by_x},
          {tau, tau_slope(log_minus.by_p + u.by_p, sum.by_p), tau_slope(log_minus.by_x + u.by_x, sum.by_x)}};
}

double logit(double tau) { return std::log(tau / (1.0 - tau)); }

/// Exact to second order in 1/a0 near the Gaussian limit, and a good guess elsewhere.
GigShape start_of(const Goal& goal) {
  constexpr double kModerateSum = 0.7;
  const double rho = 2.0 * goal.tau - 1.0;
  if (goal.sum < kModerateSum) {
    const double w = goal.shape_sup - 1.0 + rho * rho;
    return {w * rho, w * std::sqrt(1.0 - rho * rho)};
  }
  const double p = goal.shape_sup * rho;
  return {p, std::exp(std::log(goal.shape_sup - 0.999 * std::abs(p)) + 0.3)};
}

bool is_solved(const Goal& goal, const Evaluation& at) {
  const double tolerance = std::max(kSolved * goal.width * std::min(goal.tau, 1.0 - goal.tau), kFaceRounding);
  return std::abs(at.sum.value / goal.sum - 1.0) < kSolved &&
         std::abs(at.tau.value - goal.tau) * goal.width < tolerance;
}

/// One step of Newton's method on log((a(S) - c)/(a0 - c)) and logit(tau), c = max(|p|, 1): both nearly linear.
bool newton_step(const Goal& goal, const Evaluation& at, double& p, double& x) {
  const double c = std::max(std::abs(p), 1.0);
  const double c_p = std::abs(p) > 1.0 ? std::copysign(1.0, p) : 0.0;
  const double over = at.shape.value - c;
  const double r1 = std::log(over / (goal.shape_sup - c));
  const double r1_p = (at.shape.by_p - c_p) / over + c_p / (goal.shape_sup - c);
  const double r1_x = at.shape.by_x / over;
  const double tau_scale = at.tau.value * (1.0 - at.tau.value);
  const double r2 = logit(at.tau.value) - logit(goal.tau);
  const double r2_p = at.tau.by_p / tau_scale;
  const double r2_x = at.tau.by_x / tau_scale;
  const double determinant = r1_p * r2_x - r1_x * r2_p;
  double dp = (r1_x * r2 - r2_x * r1) / determinant;
  double dx = (r2_p * r1 - r1_p * r2) / determinant;
  if (!std::isfinite(dp) || !std::isfinite(dx)) return false;
  if (std::abs(p + dp) >= goal.shape_sup) {
    dp = 0.9 * (std::copysign(goal.shape_sup, dp) - p);
    dx = -(r1 + r1_p * dp) / r1_x;
  }
  constexpr double kLongest = 3.0;
  constexpr double kFarX = -4.0;
  const double lowest = x < kFarX ? 1.5 * x : -kLongest;
  p += dp;
  x += std::clamp(dx, lowest, kLongest);
  return true;
}

/// log z where the sum is the goal's, for this order.
double x_for_sum(const Goal& goal, double p) {
  const auto excess = [&](double x) { return evaluate_at(p, x).sum.value - goal.sum; };
  double high = std::log(goal.shape_sup) + 2.0;
  double low = high - 4.0;
  while (excess(high) > 0.0) high += 2.0;
  while (low > kTinyLogZ && excess(low) < 0.0) low = 2.0 * low - high;
  if (low <= kTinyLogZ) return kTinyLogZ;
  std::uintmax_t iterations = 100;
  const auto found =
      boost::math::tools::toms748_solve(excess, low, high, boost::math::tools::eps_tolerance<double>(50), iterations);
  return 0.5 * (found.first + found.second);
}

/// The last resort, where Newton's method has not come to an end: the order by bisection, log z inside.
GigShape solve_nested(const Goal& goal) {
  const auto excess = [&](double p) { return evaluate_at(p, x_for_sum(goal, p)).tau.value - goal.tau; };
  const double limit = std::nextafter(goal.shape_sup, 0.0);
  std::uintmax_t iterations = 200;
  const auto found =
      boost::math::tools::bisect(excess, -limit, limit, boost::math::tools::eps_tolerance<double>(50), iterations);
  const double p = 0.5 * (found.first + found.second);
  return {p, std::exp(x_for_sum(goal, p))};
}

}  // namespace

GigShape solve_gig(const GigTarget& target) noexcept {
  const double face = log_minus_digamma(target.shape_sup);
  Goal goal = {target.sum, target.shape_sup, target.sum - 2.0 * face, 0.0};
  const double rounding = kFaceRounding * target.log_scale;
  if (target.d1 - face <= rounding) return {-inverse_log_minus_digamma(target.d1), 0.0};
  if (target.d2 - face <= rounding) return {inverse_log_minus_digamma(target.d2), 0.0};
  goal.tau = (target.d1 - face) / goal.width;
  const GigShape start = start_of(goal);
  constexpr double kGaussianSum = 1e-4;
  if (goal.sum < kGaussianSum) return start;
  double p = start.p;
  double x = std::log(start.z);
  for (int step = 0; step < kMostSteps; ++step) {
    if (x < kTinyLogZ) return {p, 0.0};
    const Evaluation at = evaluate_at(p, x);
    if (is_solved(goal, at)) return {p, std::exp(x)};
    if (!newton_step(goal, at, p, x)) break;
  }
  return solve_nested(goal);
}

}  // namespace varimix
