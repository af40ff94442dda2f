#include "varimix/em/drift_detector.hpp"

#include <algorithm>
#include <cmath>

namespace varimix {
namespace {

/// Is std::max(0.0, x) without a jump, which would be mispredicted for every other row.
double part_above_zero(double x) noexcept { return 0.5 * (x + std::abs(x)); }

}  // namespace

double ScoreMoments::deviation_of_one() const noexcept { return weight > 0.0 ? std::sqrt(deviation / weight) : 0.0; }

auto DriftDetector::add(double given, double weight) noexcept -> Signal {
  constexpr double kFarthest = 1e100;  // the squares of scores far beyond this would overflow
  const double score = std::clamp(given, -kFarthest, kFarthest);
  const double of_mean = reference.weight > 0.0 ? 1.0 / reference.weight : 0.0;  // its variance, as a share of a row's
  const double variance = reference.deviation * of_mean;
  const double difference = score - reference.mean;
  double bounded = score;
  // The root is taken of rows that are far off alone: the next row waits for what this one adds to the reference.
  if (reference.weight >= kLeastToBound && difference * difference > kLargest * kLargest * variance && variance > 0.0) {
    bounded = reference.mean + std::copysign(kLargest * std::sqrt(variance), difference);
  }
  Signal signal = Signal::kNone;
  if (reference.weight >= kReferenceWeight && variance > 0.0) {
    const double z = (reference.mean - bounded) / std::sqrt(variance * (1.0 + of_mean));
    const double error_of_mean = std::sqrt(of_mean);
    for (std::size_t k = 0; k < kSlacks.size(); ++k) {
      const double slack = kSlacks[k] + error_of_mean;
      falls[k] = part_above_zero(falls[k] + weight * (z - slack));
      rises[k] = part_above_zero(rises[k] + weight * (-z - slack));
      if (falls[k] >= kHeights[k]) signal = Signal::kWorse;
      if (rises[k] >= kHeights[k]) signal = Signal::kBetter;
    }
  }
  if (signal == Signal::kNone) {
    reference.add(bounded, weight);
  } else {
    *this = DriftDetector{.changes = changes + 1};
  }
  return signal;
}

double DriftDetector::level() const noexcept {
  double level = 0.0;
  for (std::size_t k = 0; k < kSlacks.size(); ++k) {
    for (const double part : {falls[k] / kHeights[k], -rises[k] / kHeights[k]}) {
      if (std::abs(part) > std::abs(level)) level = part;
    }
  }
  return level;
}

}  // namespace varimix
