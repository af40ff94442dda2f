#include "tail_moments.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "log_y_density.hpp"
#include "tail_mode.hpp"
#include "tail_step.hpp"
#include "tail_sums.hpp"

namespace varimix {
namespace {

constexpr double kNoMean = std::numeric_limits<double>::infinity();

using simd::kExcessInTail;
using simd::kProbabilityOfTail;
using simd::kRootInTail;
using simd::kYInTail;

/// The integrands of a tail about a point y of Y, and how they end.
struct TailFrame {
  simd::MixtureIntegrand integrand;
  simd::TailEnds left, right;
  std::array<bool, simd::kTailFactors> exists;
  double y;
};

/// For a = 0 and v -> inf the weight goes as e^{p v}. There Phi(u) -> 1 and u -> |g| e^{v/2} for g < 0, both factors go
/// to constants for g = 0, and all vanish for g > 0.
void set_right_end(double p, TailFrame& inout_frame) {
  const double g = inout_frame.integrand.g;
  if (g > 0.0) return;
  auto& rate = inout_frame.right.rate;
  rate[kProbabilityOfTail] = -p;
  rate[kYInTail] = -p - 1.0;
  rate[kRootInTail] = g < 0.0 ? 0.0 : -p - 0.5;
  rate[kExcessInTail] = g < 0.0 ? -p - 1.0 : -p - 0.5;
  for (const std::size_t i : {kYInTail, kExcessInTail}) inout_frame.exists[i] = rate[i] > 0.0;
  if (g == 0.0) inout_frame.exists[kRootInTail] = rate[kRootInTail] > 0.0;
}

/// For b = 0 and v -> -inf the weight goes as e^{p v}. There Phi(u) -> 1 and u -> c e^{-v/2} for c > 0, both factors go
/// to constants for c = 0, and all vanish for c < 0.
void set_left_end(double p, TailFrame& inout_frame) {
  const double c = inout_frame.integrand.c;
  if (c < 0.0) return;
  auto& rate = inout_frame.left.rate;
  rate[kProbabilityOfTail] = p;
  rate[kYInTail] = p + 1.0;
  rate[kRootInTail] = c > 0.0 ? 0.0 : p + 0.5;
  rate[kExcessInTail] = c > 0.0 ? p : p + 0.5;
}

/// Returns the step that serves Phi(u) and phi(u). The weight times phi(u) is that of a generalised inverse Gaussian
/// law, whose curvature at the mode is its concentration.
double step_of(const simd::MixtureIntegrand& f) {
  const double p = f.slope + f.a - f.b;
  const double a = f.a + 0.5 * f.g * f.g;
  const double b = f.b + 0.5 * f.c * f.c;
  return std::min(step_for(f), step_for(std::hypot(p, 2.0 * std::sqrt(a) * std::sqrt(b))));
}

TailFrame frame_of(const UnivariateLaw& law, double q) {
  constexpr double kUnresolved = 0x1p100;  // from this concentration on doubles do not resolve Y about its mode
  const auto [p, a, b] = law.gig;
  const double y0 = mode_of_y(law.gig);
  const double a0 = 0.5 * a * y0;
  const double b0 = 0.5 * b / y0;
  const bool is_narrow = a0 + b0 > kUnresolved;
  const double centred = q - law.mu;
  const double s = tail_mode({.slope = is_narrow ? 0.0 : slope_at(law.gig, y0),
                              .a = a0,
                              .b = b0,
                              .c = centred / (law.sigma * std::sqrt(y0)),
                              .g = law.gamma * std::sqrt(y0) / law.sigma});
  const double y = y0 * std::exp(s);
  const double deviation_of_x = law.sigma * std::sqrt(y);
  TailFrame frame{.integrand = {.slope = is_narrow ? b0 * std::expm1(-s) - a0 * std::expm1(s) : slope_at(law.gig, y),
                                .a = 0.5 * a * y,
                                .b = 0.5 * b / y,
                                .c = centred / deviation_of_x,
                                .g = law.gamma * std::sqrt(y) / law.sigma,
                                .delta = std::fma(-law.gamma, y, centred) / deviation_of_x,
                                .step = 0.0},
                  .left = {},
                  .right = {},
                  .exists = {true, true, true, true},
                  .y = y};
  if (a == 0.0) set_right_end(p, frame);
  if (b == 0.0) set_left_end(p, frame);
  frame.integrand.step = step_of(frame.integrand);
  return frame;
}

}  // namespace

TailMoments tail_moments(const UnivariateLaw& law, double q) {
  const TailFrame frame = frame_of(law, q);
  const auto [sum, nodes] = simd::tail_sums(frame.integrand, frame.left, frame.right, frame.exists);
  const auto mean = [&, &sums = sum](std::size_t factor, double unit) {
    return frame.exists[factor] ? unit * (sums[factor] / sums[kProbabilityOfTail]) : kNoMean;
  };
  const double root = std::sqrt(frame.y);
  return {mean(kExcessInTail, law.sigma * root), mean(kYInTail, frame.y), mean(kRootInTail, root), nodes};
}

}  // namespace varimix
