#include "tail_step.hpp"

#include <algorithm>
#include <cmath>

#include "log_y_density.hpp"

namespace varimix {
namespace {

// A step h errs by e^{-2 pi^2 / (k h^2)} on a Gaussian integrand of curvature k; the largest step is for e^{-e^v}, which
// is analytic in |Im v| < pi/2.
constexpr double kLargestStep = 0.2;
constexpr double kStepInWidths = 0.5;

}  // namespace

double step_for(double curvature) noexcept { return std::min(kLargestStep, kStepInWidths / std::sqrt(curvature)); }

double step_for(const simd::MixtureIntegrand& f) noexcept {
  constexpr double kExponent = 45.0;  // e^-45 is negligible
  const double curvature = f.a + f.b;
  if (f.delta < 0.0) return step_for(curvature + 0.5 * (f.c * f.c + f.g * f.g));
  const double step = step_for(curvature);
  const double cg = f.c * f.g;
  if (!(cg > 0.0)) return step;
  const double crossing = std::log(f.c / f.g);
  const double at_crossing = cg + f.a * std::exp(crossing) + f.b * std::exp(-crossing);
  const double exponent = kExponent + std::min(log_weight(f.slope, f.a, f.b, crossing), 0.0);
  return exponent > 0.0 ? std::min(step, kStepInWidths * std::sqrt(kExponent / (exponent * at_crossing))) : step;
}

}  // namespace varimix
