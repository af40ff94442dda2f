#pragma once

#include <cstdint>

namespace varimix {

/// Weighted count, mean and sum of squared deviations of rows' log-likelihoods; mergeable.
struct ScoreMoments {
  double weight = 0.0;
  double mean = 0.0;
  double deviation = 0.0;  ///< sum of weight (score - mean)^2

  void add(const ScoreMoments& other);
  bool operator==(const ScoreMoments&) const = default;
};

/// Tells from the prequential scores alone when rows stop being as those before them: a one-sided CUSUM (Page 1954,
/// Biometrika 41:100) that starts itself (Hawkins 1987). Scores are pooled into blocks of kBlockWeight rows. With the mean m
/// and the standard deviation s of all scores since the start, or since the last signal, of total weight n >= kReferenceWeight,
/// a block of weight w and mean b adds
///   C = max(0, C + (m - b) / (s sqrt(1/w + 1/n)) - kSlack),
/// and a signal is given, and the reference starts anew, when C >= kHeight. A fall of the score by half a standard deviation of
/// a block's mean is never told from chance; one by two of them is told after about seven blocks.
/// False alarms: on independent rows of any of the families at most one in 1,000 blocks, 64,000 rows
/// (test DriftDetector.GivesAtMostOneFalseAlarmInAThousandBlocks). Rows that depend on each other, as volatility that clusters
/// makes them, do drift by this measure. A rising score is no signal: learning makes it rise.
struct DriftDetector {
  static constexpr double kBlockWeight = 64.0;       // long-tailed scores are near enough to normal in the mean of 64
  static constexpr double kReferenceWeight = 512.0;  // eight blocks: the reference's error is a third of a block's
  static constexpr double kSlack = 0.5;              // Page's choice for a shift of one standard deviation
  static constexpr double kHeight = 10.0;            // by simulation: one false alarm in more than 1,000 blocks

  /// Takes the scores of one batch; returns whether it gives a signal. A score of -inf is one.
  bool add(const ScoreMoments& scores);
  /// C / kHeight: 1 at a signal. After a signal 0.
  [[nodiscard]] double level() const noexcept { return cusum / kHeight; }
  bool operator==(const DriftDetector&) const = default;

  ScoreMoments pooled = {};
  ScoreMoments reference = {};
  double cusum = 0.0;
  std::int64_t changes = 0;  ///< signals given so far
};

}  // namespace varimix
