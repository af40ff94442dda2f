#include "varimix/em/drift_detector.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "varimix/core/weights.hpp"

namespace varimix {
namespace {

/// The charts of all slacks, as one array: their parts above 0 are taken without a jump, which would be mispredicted
/// for every other row.
using Charts = Eigen::Array<double, DriftDetector::kSlacks.size(), 1>;

constexpr double kFarthest = 1e100;  // the squares of scores far beyond this would overflow

/// What the weights of a block of rows alone say of the reference before each row. It is computed apart from the scores,
/// because the charts' next row waits for every root and division in their loop.
struct WeightsBefore {
  static constexpr std::size_t kRows = 64;
  using Numbers = std::array<double, kRows + 1>;  // one more, for the row after the last

  WeightsBefore(double weight_before, std::span<const double> weights, std::size_t count) noexcept {
    double total = weight_before;
    for (std::size_t i = 0; i < count; ++i) {
      own[i] = weight_of(weights, static_cast<Index>(i));
      weight[i] = total;
      total += own[i];
    }
    weight[count] = total;
    for (std::size_t i = 0; i <= count; ++i) {
      variance_of_mean[i] = 1.0 / weight[i];
      error_of_mean[i] = std::sqrt(variance_of_mean[i]);
      largest_share[i] = weight[i] >= DriftDetector::kLeastToBound
                             ? DriftDetector::kLargest * DriftDetector::kLargest * variance_of_mean[i]
                             : std::numeric_limits<double>::infinity();
    }
    for (std::size_t i = 0; i < count; ++i) share[i] = own[i] * variance_of_mean[i + 1];
    if (weight_before == 0.0) variance_of_mean[0] = error_of_mean[0] = 0.0;
  }

  Numbers own;               // the row's own weight
  Numbers weight;            // of all rows before
  Numbers share;             // of the row in the weight with it
  Numbers variance_of_mean;  // of the reference's mean, as a share of a row's variance; 0 before the first row
  Numbers error_of_mean;     // its root
  Numbers largest_share;     // of the sum of squared deviations, that the square of a row's own is not to exceed
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
  const WeightsBefore before(reference.weight, weights, scores.size());
  const Charts slacks = Charts::Map(kSlacks.data());
  const Charts heights = Charts::Map(kHeights.data());
  ScoreMoments moments;
  Charts fall, rise;
  Charts highest;  // that the charts have been; no row waits for it
  const auto begin = [&] {
    moments = reference;
    fall = Charts::Map(falls.data());
    rise = Charts::Map(rises.data());
    highest.setZero();
  };
  const auto take_row = [&](std::size_t i) {
    double score = std::clamp(scores[i], -kFarthest, kFarthest);
    const double difference = score - moments.mean;
    const double variance = moments.deviation * before.variance_of_mean[i];
    // The root is taken of rows that are far off alone: the next row waits for what this one adds to the reference.
    if (difference * difference > moments.deviation * before.largest_share[i] && variance > 0.0) {
      score = moments.mean + std::copysign(kLargest * std::sqrt(variance), difference);
    }
    if (before.weight[i] >= kReferenceWeight && variance > 0.0) {
      const double z = (moments.mean - score) / std::sqrt(variance * (1.0 + before.variance_of_mean[i]));
      const Charts slack = slacks + before.error_of_mean[i];
      fall = (fall + before.own[i] * (z - slack)).max(0.0);
      rise = (rise + before.own[i] * (-z - slack)).max(0.0);
      highest = highest.max(fall.max(rise));
    }
    moments.add(score, before.own[i], before.share[i]);
  };
  begin();
  for (std::size_t i = 0; i < scores.size(); ++i) take_row(i);
  if ((highest < heights).all()) {
    reference = moments;
    Charts::Map(falls.data()) = fall;
    Charts::Map(rises.data()) = rise;
    return {scores.size()};
  }
  begin();
  std::size_t taken = 0;
  while ((highest < heights).all()) take_row(taken++);
  *this = DriftDetector{.changes = changes + 1};
  return {taken, (rise >= heights).any() ? Signal::kBetter : Signal::kWorse};
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
