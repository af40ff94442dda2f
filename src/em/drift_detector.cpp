#include "varimix/em/drift_detector.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "varimix/core/weights.hpp"

namespace varimix {
namespace {

/// Is std::max(0.0, x) without a jump, which would be mispredicted for every other row.
double part_above_zero(double x) noexcept { return 0.5 * (x + std::abs(x)); }

/// What the weights of a block of rows alone say of the reference before each row. It is computed apart from the scores,
/// because the charts' next row waits for every root and division in their loop.
struct WeightsBefore {
  static constexpr std::size_t kRows = 64;
  using Numbers = std::array<double, kRows>;

  WeightsBefore(double weight_before, std::span<const double> weights, std::size_t count) noexcept {
    double total = weight_before;
    for (std::size_t i = 0; i < count; ++i) {
      own[i] = weight_of(weights, static_cast<Index>(i));
      weight[i] = total;
      total += own[i];
      share[i] = total;
    }
    for (std::size_t i = 0; i < count; ++i) {
      share[i] = own[i] / share[i];
      variance_of_mean[i] = 1.0 / weight[i];
      error_of_mean[i] = std::sqrt(variance_of_mean[i]);
    }
    if (weight_before == 0.0) variance_of_mean[0] = error_of_mean[0] = 0.0;
  }

  Numbers own;               // the row's own weight
  Numbers weight;            // of all rows before
  Numbers share;             // of the row in the weight with it
  Numbers variance_of_mean;  // of the reference's mean, as a share of a row's variance; 0 before the first row
  Numbers error_of_mean;     // its root
};

}  // namespace

double ScoreMoments::deviation_of_one() const noexcept { return weight > 0.0 ? std::sqrt(deviation / weight) : 0.0; }

auto DriftDetector::add(std::span<const double> scores, std::span<const double> weights) noexcept -> Taken {
  Taken taken;
  while (taken.signal == Signal::kNone && taken.rows < scores.size()) {
    const std::size_t count = std::min(WeightsBefore::kRows, scores.size() - taken.rows);
    const Taken block =
        add_block(scores.subspan(taken.rows, count), weights.empty() ? weights : weights.subspan(taken.rows, count));
    taken = {taken.rows + block.rows, block.signal};
  }
  return taken;
}

auto DriftDetector::add_block(std::span<const double> scores, std::span<const double> weights) noexcept -> Taken {
  constexpr double kFarthest = 1e100;  // the squares of scores far beyond this would overflow
  const WeightsBefore before(reference.weight, weights, scores.size());
  WeightsBefore::Numbers below_mean, variances, z;
  ScoreMoments moments = reference;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double score = std::clamp(scores[i], -kFarthest, kFarthest);
    const double variance = moments.deviation * before.variance_of_mean[i];
    const double difference = score - moments.mean;
    double bounded = score;
    // The root is taken of rows that are far off alone: the next row waits for what this one adds to the reference.
    if (before.weight[i] >= kLeastToBound && difference * difference > kLargest * kLargest * variance &&
        variance > 0.0) {
      bounded = moments.mean + std::copysign(kLargest * std::sqrt(variance), difference);
    }
    below_mean[i] = moments.mean - bounded;
    variances[i] = before.weight[i] >= kReferenceWeight ? variance * (1.0 + before.variance_of_mean[i]) : 0.0;
    moments.add(bounded, before.own[i], before.share[i]);
  }
  for (std::size_t i = 0; i < scores.size(); ++i) z[i] = below_mean[i] / std::sqrt(variances[i]);
  std::array<double, 2> fall = falls, rise = rises;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!(variances[i] > 0.0)) continue;
    bool fell = false, rose = false;
    for (std::size_t k = 0; k < kSlacks.size(); ++k) {
      const double slack = kSlacks[k] + before.error_of_mean[i];
      fall[k] = part_above_zero(fall[k] + before.own[i] * (z[i] - slack));
      rise[k] = part_above_zero(rise[k] + before.own[i] * (-z[i] - slack));
      fell |= fall[k] >= kHeights[k];
      rose |= rise[k] >= kHeights[k];
    }
    if (fell || rose) {
      *this = DriftDetector{.changes = changes + 1};
      return {i + 1, rose ? Signal::kBetter : Signal::kWorse};
    }
  }
  reference = moments;
  falls = fall;
  rises = rise;
  return {scores.size()};
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
