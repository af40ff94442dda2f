#include "varimix/em/drift_detector.hpp"

#include <algorithm>
#include <cmath>

namespace varimix {

void ScoreMoments::add(const ScoreMoments& other) {
  if (!(other.weight > 0.0)) return;
  const double total = weight + other.weight;
  const double difference = other.mean - mean;
  deviation += other.deviation + difference * difference * weight * (other.weight / total);
  mean += difference * (other.weight / total);
  weight = total;
}

bool DriftDetector::add(const ScoreMoments& scores) {
  const bool is_impossible = !std::isfinite(scores.mean) || !std::isfinite(scores.deviation);
  if (!is_impossible) pooled.add(scores);
  if (!is_impossible && pooled.weight < kBlockWeight) return false;
  bool signal = is_impossible;
  if (!signal && reference.weight >= kReferenceWeight && reference.deviation > 0.0) {
    const double variance = reference.deviation / reference.weight;
    const double error = std::sqrt(variance * (1.0 / pooled.weight + 1.0 / reference.weight));
    cusum = std::max(0.0, cusum + (reference.mean - pooled.mean) / error - kSlack);
    signal = cusum >= kHeight;
  }
  if (signal) {
    *this = DriftDetector{.pooled = {}, .reference = {}, .cusum = 0.0, .changes = changes + 1};
  } else {
    reference.add(pooled);
    pooled = {};
  }
  return signal;
}

}  // namespace varimix
