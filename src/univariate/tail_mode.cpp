#include "tail_mode.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numbers>

#include "special/normal_tail_coefficients.hpp"
#include "varimix/core/constants.hpp"

namespace varimix {
namespace {

constexpr double kInverseRootTwoPi = 0.5 * std::numbers::inv_sqrtpi * std::numbers::sqrt2;

/// Returns e^{u^2/2} Phi(-u) for u >= 0.
double scaled_normal_tail(double u) noexcept {
  const double q = (u - simd::kNormalTailScale) / (u + simd::kNormalTailScale);
  double value = 0.0;
  for (auto c = std::rbegin(simd::kScaledTail); c != std::rend(simd::kScaledTail); ++c) value = value * q + *c;
  return value / (u + 1.0);
}

/// Returns h = d/du log Phi(u) = phi(u) / Phi(u).
double normal_hazard(double u) noexcept {
  if (u < 0.0) return kInverseRootTwoPi / scaled_normal_tail(-u);
  const double damped = std::exp(-0.5 * u * u);
  return kInverseRootTwoPi * damped / (1.0 - damped * scaled_normal_tail(u));
}

struct Slopes {
  double first;
  double minus_second;
};

/// Returns the derivatives of the integrand's logarithm at s, from u' = -(c e^{-s/2} + g e^{s/2})/2 and u'' = u/4.
Slopes slopes_at(const TailShape& f, double s) noexcept {
  constexpr double kExponentialTail = -1e4;  // below this -(log Phi)'' = h (u + h) is 1 to 1e-8, and cancels
  const double root = std::exp(0.5 * s);
  const double c = f.c / root;
  const double g = f.g * root;
  const double u = c - g;
  const double du = -0.5 * (c + g);
  const double hazard = normal_hazard(u);
  const double bend = u < kExponentialTail ? 1.0 : hazard * (u + hazard);
  const double up = std::expm1(s);
  const double down = std::expm1(-s);
  return {f.slope - f.a * up + f.b * down + hazard * du,
          f.a * (up + 1.0) + f.b * (down + 1.0) + bend * du * du - 0.25 * hazard * u};
}

/// Returns the mode as if Phi were e^{-u^2/2}: that of a generalised inverse Gaussian, in the form that does not
/// cancel.
double exponential_mode(const TailShape& f) noexcept {
  const double p = f.slope + f.a - f.b;
  const double a = f.a + 0.5 * f.g * f.g;
  const double b = f.b + 0.5 * f.c * f.c;
  const double w = std::hypot(p, 2.0 * std::sqrt(a) * std::sqrt(b));
  return p >= 0.0 ? std::log((p + w) / (2.0 * a)) : std::log(2.0 * b / (w - p));
}

/// Returns the mode without Phi, 0, where u >= 0 there. Else returns the mode with Phi's exponential tail, or the zero
/// of u if it lies between the two.
double first_guess(const TailShape& f) noexcept {
  if (f.c >= f.g) return 0.0;
  const double s = exponential_mode(f);
  const double root = std::exp(0.5 * s);
  return f.c / root < f.g * root ? s : std::log(f.c / f.g);
}

}  // namespace

double tail_mode(const TailShape& shape) noexcept {
  constexpr double kWithin = 0.1;       // the last step, in the integrand's width
  constexpr double kLargestStep = 2.0;  // bounds Newton's step where the integrand is nearly exponential
  constexpr double kLeastBend = 0.01;
  constexpr double kRounding = 4.0 * kEpsilon;
  constexpr int kIterations = 60;  // 3 or 4 usually suffice; a step that leaves the bracket goes to its middle
  double s = first_guess(shape);
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kIterations; ++i) {
    const Slopes at = slopes_at(shape, s);
    const double bend = std::max(at.minus_second, kLeastBend);
    const double step = std::clamp(at.first / bend, -kLargestStep, kLargestStep);
    if (std::abs(step) < std::max(kWithin / std::sqrt(bend), kRounding * std::abs(s))) return s + step;
    (at.first > 0.0 ? low : high) = s;
    const double next = s + step;
    s = next > low && next < high ? next : 0.5 * (low + high);
  }
  return s;
}

}  // namespace varimix
