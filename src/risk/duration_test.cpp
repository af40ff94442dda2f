#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <limits>
#include <utility>

#include "likelihood_ratio.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/risk/backtest.hpp"

namespace varimix {
namespace {

double power_of_days(std::int64_t days, double shape) {
  return days == 0 ? 0.0 : std::pow(static_cast<double>(days), shape);
}

/// Returns d^b - (d - 1)^b.
double step_of(std::int64_t duration, double shape) {
  if (duration == 1) return 1.0;
  const auto d = static_cast<double>(duration);
  return -std::pow(d, shape) * std::expm1(shape * std::log1p(-1.0 / d));
}

/// Returns the largest log-likelihood over theta of durations with P(D > d) = exp(-theta d^b),
///   -theta A + sum_d n_d log(1 - e^{-theta w_d}),  w_d = d^b - (d-1)^b,  A = L^b + T^b + sum_d n_d (d-1)^b.
/// Its slope sum n w/(e^{theta w} - 1) - A is convex and decreasing, so Newton's method climbs to the root from the
/// left; x/(e^x - 1) >= 1 - x/2 gives a point there.
double profile_likelihood(const BacktestCounts& counts, double shape) {
  constexpr int kMostSteps = 100;
  const auto& durations = counts.durations();
  double exposure = power_of_days(counts.days_before_first(), shape) + power_of_days(counts.days_after_last(), shape);
  double completed = 0.0;
  double steps = 0.0;
  for (const auto& [duration, count] : durations) {
    const auto n = static_cast<double>(count);
    exposure += n * power_of_days(duration - 1, shape);
    steps += n * step_of(duration, shape);
    completed += n;
  }
  double theta = completed / (exposure + 0.5 * steps);
  for (int k = 0; k < kMostSteps; ++k) {
    double slope = -exposure;
    double curvature = 0.0;
    for (const auto& [duration, count] : durations) {
      const double w = step_of(duration, shape);
      const double grown = std::expm1(theta * w);
      if (std::isinf(grown)) continue;  // the term is below e^-700
      const double term = static_cast<double>(count) * w / grown;
      slope += term;
      curvature += term * w * (1.0 + 1.0 / grown);
    }
    const double next = theta + slope / curvature;
    const bool is_there = !(next > theta * (1.0 + 4.0 * kEpsilon));
    if (is_there) break;
    theta = next;
  }
  double total = -theta * exposure;
  for (const auto& [duration, count] : durations) {
    total += static_cast<double>(count) * std::log(-std::expm1(-theta * step_of(duration, shape)));
  }
  return total;
}

struct DurationShape {
  double shape;
  double log_likelihood;
};

/// Maximises over the shape: on a grid of its logarithm, then within the neighbours of the best point.
DurationShape fit_duration_shape(const BacktestCounts& counts) {
  constexpr int kGridPoints = 17;  // from 1/kLargestDurationShape by factors of sqrt(2)
  constexpr int kHalfOfBits = std::numeric_limits<double>::digits / 2;
  const double last = std::log(kLargestDurationShape);
  const double step = 2.0 * last / (kGridPoints - 1);
  const auto minus = [&](double log_shape) { return -profile_likelihood(counts, std::exp(log_shape)); };
  int best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int k = 0; k < kGridPoints; ++k) {
    const double value = minus(-last + k * step);
    if (value < least) {
      least = value;
      best = k;
    }
  }
  const double low = -last + std::max(best - 1, 0) * step;
  const double high = -last + std::min(best + 1, kGridPoints - 1) * step;
  const auto [log_shape, value] = boost::math::tools::brent_find_minima(minus, low, high, kHalfOfBits);
  if (value < least) return {std::exp(log_shape), -value};
  return {std::exp(-last + best * step), -least};
}

}  // namespace

DurationTest duration_test(const BacktestCounts& counts) {
  constexpr std::int64_t kFewestFailures = 3;
  constexpr double kNearBound = 1e-6;
  require(counts.days() >= 1, "days", ">= 1", counts.days());
  if (counts.failures() < kFewestFailures || counts.failures() == counts.days()) return {};
  const DurationShape fit = fit_duration_shape(counts);
  const double ratio = std::max(0.0, 2.0 * (fit.log_likelihood - profile_likelihood(counts, 1.0)));
  const bool at_bound = std::abs(std::log(fit.shape)) > std::log(kLargestDurationShape) - kNearBound;
  return {{BacktestStatus::kTested, ratio, chi_square_1_sf(ratio)}, fit.shape, at_bound};
}

}  // namespace varimix
