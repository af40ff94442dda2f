#include "sharp_tail.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <numbers>

#include "log_y_density.hpp"

namespace varimix {
namespace {

using GaussRule = boost::math::quadrature::gauss<double, 20>;

/// The |u| beyond which Phi(u) is 0 or 1 to 1e-20.
constexpr double kStepEnd = 9.5;

double weight_of(const SharpTail& f, double s) noexcept { return log_weight(f.slope, f.a, f.b, s); }

double curvature(const SharpTail& f, double s) noexcept { return f.a * std::exp(s) + f.b * std::exp(-s); }

double slope_of(const SharpTail& f, double s) noexcept { return f.slope - f.a * std::expm1(s) + f.b * std::expm1(-s); }

/// Returns the s at which u(s) is u.
double place_of(const SharpTail& f, double u) noexcept {
  return f.crossing - 2.0 * std::asinh((u - f.delta) / (2.0 * f.root_cg));
}

/// Returns the integral over s < end of e^{weight - reference} factor(s), in panels over which e^{weight} changes by
/// e^20 at most.
template <class Factor>
double mass_to_the_left(const SharpTail& f, double end, double reference, Factor&& factor) {
  constexpr double kWidest = 1.0;
  constexpr double kWidths = 3.0;
  constexpr double kFall = 12.0;
  constexpr double kNegligible = 0x1p-60;
  constexpr double kNothing = 0x1p-56;
  const auto integrand = [&](double s) { return std::exp(weight_of(f, s) - reference) * factor(s); };
  double sum = 0.0;
  for (double high = end;;) {
    const double low =
        high - std::min({kWidest, kWidths / std::sqrt(curvature(f, high)), kFall / std::abs(slope_of(f, high))});
    if (!(low < high)) return sum;  // doubles do not resolve what is left
    const double part = GaussRule::integrate(integrand, low, high);
    sum += part;
    high = low;
    if (low < 0.0 && !(part > kNegligible * sum)) return sum;
    const bool is_exponential = f.b == 0.0 && f.a * std::exp(low) < kNothing && std::exp(low - f.crossing) < kNothing;
    if (is_exponential) return sum + integrand(low) / f.left_rate;
  }
}

/// Returns the integral over the step itself of e^{weight - reference} factor(s, u), by the variable u.
template <class Factor>
double mass_of_the_step(const SharpTail& f, double reference, Factor&& factor) {
  constexpr int kPanels = 4;  // 20 points in each integrate e^{-u^2/2} to rounding
  const auto integrand = [&](double u) {
    const double s = place_of(f, u);
    return std::exp(weight_of(f, s) - reference) * factor(s, u) * 2.0 / std::hypot(u - f.delta, 2.0 * f.root_cg);
  };
  constexpr double kWidth = 2.0 * kStepEnd / kPanels;
  double sum = 0.0;
  for (int k = 0; k < kPanels; ++k) {
    sum += GaussRule::integrate(integrand, -kStepEnd + k * kWidth, -kStepEnd + (k + 1) * kWidth);
  }
  return sum;
}

double normal_cdf(double u) noexcept { return 0.5 * std::erfc(-u / std::numbers::sqrt2); }

double normal_density(double u) noexcept {
  constexpr double kInverseRootTwoPi = 0.5 * std::numbers::inv_sqrtpi * std::numbers::sqrt2;
  return kInverseRootTwoPi * std::exp(-0.5 * u * u);
}

/// Returns the log of the largest weight: that at the step if it is left of the mode, else that at the mode, which is
/// 0.
double reference_of(const SharpTail& f) noexcept { return f.crossing < 0.0 ? weight_of(f, f.crossing) : 0.0; }

}  // namespace

bool is_sharp(const SharpTail& tail) noexcept {
  constexpr double kSharpness = 300.0;    // widths of the step in a width of the weight: 3000 nodes would cost the same
  constexpr double kSlope = 0.1;          // the largest change of the weight's logarithm over a width of the step
  constexpr double kNegligible = -100.0;  // a step where the weight is below e^-100 is none
  const double k = curvature(tail, tail.crossing);
  if (!(tail.root_cg > kSharpness * std::sqrt(k + 1.0)) ||
      !(std::abs(slope_of(tail, tail.crossing)) < kSlope * tail.root_cg))
    return false;
  return tail.crossing < 0.0 || weight_of(tail, tail.crossing) > kNegligible;
}

SharpSum sharp_probability(const SharpTail& tail) {
  const double reference = reference_of(tail);
  const double below = mass_to_the_left(tail, place_of(tail, kStepEnd), reference, [](double) { return 1.0; });
  const double step = mass_of_the_step(tail, reference, [](double, double u) { return normal_cdf(u); });
  return {reference, below + step};
}

SharpSum sharp_excess(const SharpTail& tail, double half_power) {
  const double reference = reference_of(tail);
  const auto root_of_y = [&](double s) { return std::exp(half_power * (s - tail.crossing)); };
  const auto u_at = [&](double s) { return tail.delta - 2.0 * tail.root_cg * std::sinh(0.5 * (s - tail.crossing)); };
  const double below =
      mass_to_the_left(tail, place_of(tail, kStepEnd), reference, [&](double s) { return root_of_y(s) * u_at(s); });
  // For u < 0 the terms cancel to a part in u^2, where they count for little.
  const double step = mass_of_the_step(
      tail, reference, [&](double s, double u) { return root_of_y(s) * (u * normal_cdf(u) + normal_density(u)); });
  return {reference, below + step};
}

SharpSum sharp_density(const SharpTail& tail, double half_power) {
  const double reference = reference_of(tail);
  return {reference, mass_of_the_step(tail, reference, [&](double s, double u) {
            return std::exp(half_power * (s - tail.crossing)) * normal_density(u);
          })};
}

}  // namespace varimix
