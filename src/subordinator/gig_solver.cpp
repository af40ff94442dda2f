#include "gig_solver.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "gamma_functions.hpp"
#include "monotone_root.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix {
namespace {

// The rounding of d1 and d2: a target closer to a face than this is on it.
constexpr double kFaceRounding = 4e-15;
constexpr double kNearlySolved = 1e-7;  // a step from residuals r1, r2 below this leaves their square
constexpr double kTinyLogZ = -150.0;    // below this ab < e^-300, and the law is on the face to rounding
constexpr double kGaussianSum = 1e-4;   // below this the start, which errs by S^3, is the solution to rounding
constexpr int kMostSteps = 12;
// These bound a step: in log z, where it may go farther if log z is far below 0 already, and in p, where it goes most
// of the way to the bound of |p|.
constexpr double kLongestStep = 3.0;
constexpr double kFarX = -4.0;
constexpr double kFarXFactor = 1.5;
constexpr double kWayToTheEnd = 0.9;

/// The target in the solver's coordinates: S = d1 + d2, a0 - 1 = 1/(e^S - 1), and the fraction tau = (d1 - g(a0)) / W
/// of the way from the face a = 0 (tau = 0) to the face b = 0 (tau = 1), W = S - 2 g(a0), g(x) = log x - digamma(x).
/// The rest 1 - tau comes from d2, so that it keeps its digits.
struct Goal {
  double sum, excess, width, tau, one_less_tau;
  [[nodiscard]] double shape_sup() const { return 1.0 + excess; }
};

struct LogShape {
  double p, x;  // x = log z
};

/// A coordinate of a law at (p, x = log z), with its derivatives by p and x.
struct GoalAt {
  double value, by_p, by_x;
};
/// The coordinates sum, a0 - 1 and tau of a law, from its D1 = log R- + u and D2 = log R+ - u, u = d/dp log K_p(z),
/// which are d1 and d2 at the solution.
struct Evaluation {
  GoalAt sum, excess, tau;
  double one_less_tau;
};

Evaluation evaluate_at(double p, double x) {
  const double z = std::exp(x);
  const BesselKSecondOrder k = bessel_k_second_order(p, z);
  const double minus = k.value.ratio_minus;
  const double plus = k.value.ratio_plus;
  const BesselKDerivatives& slope = k.derivatives;
  const GoalAt log_minus = {std::log(minus), slope.dratio_minus_dnu / minus, z * slope.dratio_minus_dz / minus};
  const GoalAt log_plus = {std::log(plus), slope.dratio_plus_dnu / plus, z * slope.dratio_plus_dz / plus};
  // d/dz log K is -(R- + R+)/2.
  const GoalAt u = {k.value.dlog_dnu, slope.d2log_dnu2, -0.5 * z * (slope.dratio_minus_dnu + slope.dratio_plus_dnu)};
  const GoalAt sum = {log_minus.value + log_plus.value, log_minus.by_p + log_plus.by_p, log_minus.by_x + log_plus.by_x};
  const double excess = 1.0 / std::expm1(sum.value);
  const double shape = 1.0 + excess;
  const double shape_slope = -shape * excess;
  const double face = log_minus_digamma(shape);
  const double face_slope = log_minus_digamma_slope(shape) * shape_slope;
  const double width = sum.value - 2.0 * face;
  const double tau = (log_minus.value + u.value - face) / width;
  const auto tau_slope = [&](double d1, double s) {
    return (d1 - face_slope * s - tau * (s - 2.0 * face_slope * s)) / width;
  };
  return {sum,
          {excess, shape_slope * sum.by_p, shape_slope * sum.by_x},
          {tau, tau_slope(log_minus.by_p + u.by_p, sum.by_p), tau_slope(log_minus.by_x + u.by_x, sum.by_x)},
          (log_plus.value - u.value - face) / width};
}

/// Returns a start for heavy tails, where z is small and |p| < 1. Its p has g(p) = d2 where b is nearly 0, g(-p) = d1
/// where a is, and is 0 half-way. Its z then solves S = 2 L - 2 log(2 sinh(p (L - C)) / p) + log(pi p / sin(pi p)), the
/// first terms in z, L = log(2/z) and C Euler's constant.
GigShape heavy_start(double d1, double d2) {
  // |p| is kept away from 0 and 1, where the formula is 0/0 or of another form.
  constexpr double kLeastOrder = 1e-3;
  constexpr double kMostOrder = 0.99;
  constexpr int kSteps = 3;
  const double p = inverse_log_minus_digamma(d2) - inverse_log_minus_digamma(d1);
  const double order = std::clamp(std::abs(p), kLeastOrder, kMostOrder);
  const double log_sine = std::log(std::numbers::pi * order / std::sin(std::numbers::pi * order));
  const double goal = d1 + d2 - log_sine;
  double l = 0.5 * (d1 + d2) / (1.0 - order);
  for (int step = 0; step < kSteps; ++step) {
    const double reach = order * (l - std::numbers::egamma);
    const double log_two_sinh = reach + std::log(-std::expm1(-2.0 * reach));
    const double excess = 2.0 * (l - log_two_sinh + std::log(order)) - goal;
    l = std::max(l - 0.5 * excess / (1.0 - order / std::tanh(reach)), 1.0);
  }
  return {p, 2.0 * std::exp(-l)};
}

/// Returns where the solver starts: exact to second order in 1/a0 near the Gaussian limit, and a good guess elsewhere.
GigShape start_of(const Goal& goal) {
  constexpr double kModerateSum = 0.7;
  const double rho = goal.tau - goal.one_less_tau;
  if (goal.sum < kModerateSum) {
    const double w = goal.excess + rho * rho;
    return {w * rho, 2.0 * w * std::sqrt(goal.tau * goal.one_less_tau)};
  }
  constexpr double kHeavySum = 5.0;
  if (goal.sum > kHeavySum) {
    const double face = 0.5 * (goal.sum - goal.width);
    return heavy_start(goal.tau * goal.width + face, goal.one_less_tau * goal.width + face);
  }
  const double p = goal.shape_sup() * rho;
  // Here z is about e^0.3 (a0 - |p|), which is fitted to the solutions; kShare keeps it above 0.
  constexpr double kShare = 0.999;
  constexpr double kFactor = 1.35;
  return {p, kFactor * (goal.shape_sup() - kShare * std::abs(p))};
}

/// Newton's step on r1 = log((A - c)/(a0 - c)) and r2 = logit(T) - logit(tau), which are nearly linear. A and T are a0
/// and tau of the law at hand, a0 and tau those of the goal; c = max(|p|, 1).
struct NewtonStep {
  double dp, dx;
  bool is_last;  // true if the residuals are so small that the step leaves rounding only
};

NewtonStep newton_step(const Goal& goal, const Evaluation& at, const LogShape& here) {
  const auto& [p, x] = here;
  const double c_less_one = std::max(std::abs(p) - 1.0, 0.0);
  const double c_p = std::abs(p) > 1.0 ? std::copysign(1.0, p) : 0.0;
  const double over = at.excess.value - c_less_one;
  const double goal_over = goal.excess - c_less_one;
  const double r1 = std::log(over / goal_over);
  const double r1_p = (at.excess.by_p - c_p) / over + c_p / goal_over;
  const double r1_x = at.excess.by_x / over;
  const double tau_scale = at.tau.value * at.one_less_tau;
  double r2 = std::log(at.tau.value / goal.tau * (goal.one_less_tau / at.one_less_tau));
  // D1 and D2 are differences of terms of size |x|: a residual within their rounding counts as 0.
  const double rounding = kFaceRounding * std::max(1.0, std::abs(x));
  const double r1_rounding = rounding * (1.0 + at.excess.value) * at.excess.value / over;
  const double r2_rounding = rounding / (goal.width * std::min(goal.tau, goal.one_less_tau));
  const bool is_last = std::abs(r1) < kNearlySolved + r1_rounding && std::abs(r2) < kNearlySolved + r2_rounding;
  if (std::abs(r2) < r2_rounding) r2 = 0.0;
  const double r2_p = at.tau.by_p / tau_scale;
  const double r2_x = at.tau.by_x / tau_scale;
  const double determinant = r1_p * r2_x - r1_x * r2_p;
  double dp = (r1_x * r2 - r2_x * r1) / determinant;
  double dx = (r2_p * r1 - r1_p * r2) / determinant;
  if (std::abs(p + dp) >= goal.shape_sup()) {
    dp = kWayToTheEnd * (std::copysign(goal.shape_sup(), dp) - p);
    dx = -(r1 + r1_p * dp) / r1_x;
  }
  const double lowest = x < kFarX ? kFarXFactor * x : -kLongestStep;
  return {dp, std::clamp(dx, lowest, kLongestStep), is_last};
}

/// Returns the log z at which a law of order p has the goal's sum, kTinyLogZ where it lies below that.
double x_for_sum(const Goal& goal, double p) {
  const auto excess = [&](double x) { return goal.sum - evaluate_at(p, x).sum.value; };
  constexpr double kHighest = 100.0;
  return increasing_root(excess, std::log(goal.shape_sup()), 2.0, kTinyLogZ, kHighest);
}

/// Solves where Newton's method has not come to an end: an outer root finder for p, an inner one for log z.
LogShape solve_nested(const Goal& goal) {
  const auto excess = [&](double p) { return evaluate_at(p, x_for_sum(goal, p)).tau.value - goal.tau; };
  const double limit = std::nextafter(goal.shape_sup(), 0.0);
  const double p = increasing_root(excess, 0.0, 0.5 * limit, -limit, limit);
  return {p, x_for_sum(goal, p)};
}

LogShape newton(const Goal& goal, LogShape at) {
  for (int step = 0; step < kMostSteps && at.x > kTinyLogZ; ++step) {
    const NewtonStep next = newton_step(goal, evaluate_at(at.p, at.x), at);
    if (!std::isfinite(next.dp) || !std::isfinite(next.dx)) break;
    at = {at.p + next.dp, at.x + next.dx};
    if (next.is_last) return at;
  }
  return at.x > kTinyLogZ ? solve_nested(goal) : at;
}

}  // namespace

GigShape solve_gig(const GigTarget& target) noexcept {
  const double face = log_minus_digamma(1.0 + target.excess);
  const double above_first = target.d1 - face;
  const double above_second = target.d2 - face;
  const double rounding = kFaceRounding * target.log_scale;
  const GigShape nearest_face = above_first < above_second ? GigShape{-inverse_log_minus_digamma(target.d1), 0.0}
                                                           : GigShape{inverse_log_minus_digamma(target.d2), 0.0};
  if (std::min(above_first, above_second) <= rounding) return nearest_face;
  const double width = above_first + above_second;
  const Goal goal = {target.sum, target.excess, width, above_first / width, above_second / width};
  const GigShape start = start_of(goal);
  if (goal.sum < kGaussianSum) return start;
  const LogShape solution = newton(goal, {start.p, std::log(start.z)});
  return solution.x <= kTinyLogZ ? nearest_face : GigShape{solution.p, std::exp(solution.x)};
}

}  // namespace varimix
