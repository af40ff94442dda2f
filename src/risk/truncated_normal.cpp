#include "truncated_normal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "varimix/core/constants.hpp"
#include "varimix/special/log_normal_cdf.hpp"

namespace varimix {
namespace {

/// Returns log P by the density at the middle and two more terms of its series.
double log_narrow_interval(double middle, double width) noexcept {
  const double m = middle * middle;
  const double w = width * width;
  constexpr double kSecond = 1.0 / 24.0;
  constexpr double kFourth = 1.0 / 1920.0;
  const double series = w * (kSecond * (m - 1.0) + kFourth * w * (m * m - 6.0 * m + 3.0));
  return -0.5 * (m + kLogTwoPi) + std::log(width) + std::log1p(series);
}

/// Returns phi(x) / P.
double density_ratio(double x, double log_probability) noexcept {
  return std::isinf(x) ? 0.0 : std::exp(-0.5 * (x * x + kLogTwoPi) - log_probability);
}

/// Returns a draw beyond lower > 0: x^2/2 is exponential beyond lower^2/2, and x is accepted with probability lower/x.
double draw_in_tail(CounterStream& stream, double lower, double upper) noexcept {
  const double range = std::expm1(0.5 * (lower - upper) * (lower + upper));
  while (true) {
    const double beyond = -2.0 * std::log1p((1.0 - stream.uniform()) * range);
    const double x = lower + beyond / (lower + std::sqrt(lower * lower + beyond));
    if (stream.uniform() * x <= lower) return std::min(x, upper);
  }
}

}  // namespace

double log_normal_interval(double lower, double upper) noexcept {
  if (lower > 0.0) return log_normal_interval(-upper, -lower);
  if (lower == -kNoBound) return log_normal_cdf(upper);
  const double width = upper - lower;
  const double middle = lower + 0.5 * width;
  constexpr double kNarrow =
      1e-3;  // the next term of the series is below 1e-18, the difference of the tails keeps 13 digits
  if (width * std::max(1.0, std::abs(middle)) < kNarrow) return log_narrow_interval(middle, width);
  if (upper > 0.0) return std::log1p(-std::exp(log_normal_cdf(lower)) - std::exp(log_normal_cdf(-upper)));
  const double larger = log_normal_cdf(upper);
  return larger == -kNoBound ? larger : larger + std::log1p(-std::exp(log_normal_cdf(lower) - larger));
}

NormalInterval normal_interval(double lower, double upper) noexcept {
  const double log_probability = log_normal_interval(lower, upper);
  const double at_lower = density_ratio(lower, log_probability);
  const double at_upper = density_ratio(upper, log_probability);
  const double mean = at_lower - at_upper;
  const double ends = (at_lower > 0.0 ? lower * at_lower : 0.0) - (at_upper > 0.0 ? upper * at_upper : 0.0);
  return {log_probability, mean, std::clamp(ends - mean * mean, -1.0, 0.0)};
}

double draw_normal_within(CounterStream& stream, double lower, double upper) noexcept {
  if (upper < 0.0) return -draw_normal_within(stream, -upper, -lower);
  constexpr double kTail = 0.66;  // beyond it a Rayleigh draw is accepted more often than once in two trials
  if (lower > kTail) return draw_in_tail(stream, lower, upper);
  constexpr double kShort = 1.5;
  if (upper - lower > kShort) {
    while (true) {
      const double x = stream.normal();
      if (lower <= x && x <= upper) return x;
    }
  }
  const double peak = std::max(lower, 0.0);
  while (true) {
    const double x = std::min(lower + (upper - lower) * stream.uniform(), upper);
    if (std::log(stream.uniform()) <= 0.5 * (peak - x) * (peak + x)) return x;
  }
}

}  // namespace varimix
