#include "near_quantile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tail_quantile.hpp"

namespace varimix {
namespace {

/// Returns -x with Phi(x) = alpha <= 1/2, to 3e-3 (Abramowitz and Stegun 1964, formula 26.2.22).
double rough_normal_quantile(double alpha) {
  const double t = std::sqrt(-2.0 * std::log(alpha));
  return t - (2.30753 + 0.27061 * t) / (1.0 + (0.99229 + 0.04481 * t) * t);
}

}  // namespace

double near_quantile(const PreparedLaw& law, double alpha) {
  constexpr int kIterations = 12;       // 5 or 6 usually suffice
  constexpr double kLargestStep = 1.0;  // a factor e in the distance
  constexpr double kLast = 1e-9;        // a step after which the next is rounding: the order is 1.6
  constexpr double kEnd = std::numeric_limits<double>::infinity();
  if (alpha > 0.5) return quantile_of(law, alpha, Tail::kLower);
  const double target = std::log(alpha);
  const auto excess = [&](double w) {
    return law.log_tail(law.centre() + law.scale() * std::sinh(w), Tail::kLower) - target;
  };
  const double z = rough_normal_quantile(alpha);
  double before = -std::asinh(z);
  double at_before = excess(before);
  const double slope = std::hypot(1.0, z) * std::max(z, 1.0);  // of the normal law's log P in w
  double w = before - std::clamp(at_before / slope, -kLargestStep, kLargestStep);
  double low = -kEnd;
  double high = kEnd;
  for (int k = 0; k < kIterations; ++k) {
    const double at_w = excess(w);
    if (at_w == 0.0) return law.centre() + law.scale() * std::sinh(w);
    (at_w > 0.0 ? high : low) = w;
    const double step = -at_w * (w - before) / (at_w - at_before);
    if (!std::isfinite(step)) break;
    // The last step is taken in x, which w may resolve too coarsely.
    if (std::abs(step) < kLast) return law.centre() + law.scale() * (std::sinh(w) + step * std::cosh(w));
    const double next = w + std::clamp(step, -kLargestStep, kLargestStep);
    if (next <= low || next >= high) break;
    before = w;
    at_before = at_w;
    w = next;
  }
  return quantile_of(law, alpha, Tail::kLower);
}

}  // namespace varimix
