#include "tail_moments.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "log_y_density.hpp"
#include "sharp_tail.hpp"
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

TailFrame frame_of(const UnivariateLaw& law, double q, double y0) {
  constexpr double kUnresolved = 0x1p100;  // from this concentration on doubles do not resolve Y about its mode
  const auto [p, a, b] = law.gig;
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
  frame.integrand.step = step_for(frame.integrand);
  return frame;
}

/// Returns the tail where the normal part is narrow beside gamma Y, else nothing. In s = log(Y/y0), or -log(Y/y0) for
/// g < 0, it is what the step of Phi leaves of Y's law.
std::optional<SharpTail> sharp_tail_of(const UnivariateLaw& law, double q, double y0) {
  const double centred = q - law.mu;
  const double c = centred / (law.sigma * std::sqrt(y0));
  const double g = law.gamma * std::sqrt(y0) / law.sigma;
  if (!(c * g > 1.0)) return std::nullopt;
  const double y = centred / law.gamma;
  SharpTail tail{.slope = slope_at(law.gig, y0),
                 .a = 0.5 * law.gig.a * y0,
                 .b = 0.5 * law.gig.b / y0,
                 .crossing = log_ratio(y, y0),
                 .root_cg = std::sqrt(c * g),
                 .delta = std::fma(-law.gamma, y, centred) / (law.sigma * std::sqrt(y)),
                 .left_rate = law.gig.p};
  if (g < 0.0) {
    tail.slope = -tail.slope;
    std::swap(tail.a, tail.b);
    tail.crossing = -tail.crossing;
    tail.left_rate = -law.gig.p;
  }
  if (!is_sharp(tail)) return std::nullopt;
  return tail;
}

TailMoments sharp_moments(const UnivariateLaw& law, double q, double y0, const SharpTail& tail) {
  const double toward_large = law.gamma < 0.0 ? -1.0 : 1.0;  // the sign with which s is log Y
  const double y = (q - law.mu) / law.gamma;
  const auto [reference, probability] = sharp_probability(tail);
  const double root = std::sqrt(y) * sharp_density(tail, 0.5 * toward_large).sum / probability;
  if (law.gig.a == 0.0 && law.gamma < 0.0 && law.gig.p >= -1.0) return {kNoMean, kNoMean, root, 0};
  SharpTail times_y = tail;
  times_y.slope += toward_large;
  times_y.left_rate += toward_large;
  const auto [log_factor, sum] = sharp_probability(times_y);
  SharpTail of_excess = tail;
  if (law.gamma < 0.0) of_excess.left_rate -= 1.0;
  const double excess = sharp_excess(of_excess, 0.5 * toward_large).sum / probability;
  return {law.sigma * std::sqrt(y) * excess, y0 * std::exp(log_factor - reference) * (sum / probability), root, 0};
}

}  // namespace

TailMoments tail_moments(const UnivariateLaw& law, double q) {
  const double y0 = mode_of_y(law.gig);
  if (const auto sharp = sharp_tail_of(law, q, y0)) return sharp_moments(law, q, y0, *sharp);
  const TailFrame frame = frame_of(law, q, y0);
  const auto [sum, nodes] = simd::tail_sums(frame.integrand, frame.left, frame.right, frame.exists);
  const auto mean = [&, &sums = sum](std::size_t factor, double unit) {
    return frame.exists[factor] ? unit * (sums[factor] / sums[kProbabilityOfTail]) : kNoMean;
  };
  const double root = std::sqrt(frame.y);
  return {mean(kExcessInTail, law.sigma * root), mean(kYInTail, frame.y), mean(kRootInTail, root), nodes};
}

}  // namespace varimix
