#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace varimix {

/// Weighted count, mean and sum of squared deviations of rows' log-likelihoods.
struct ScoreMoments {
  double weight = 0.0;
  double mean = 0.0;
  double deviation = 0.0;  ///< sum of weight (score - mean)^2

  void add(double score, double w);
  /// Standard deviation; 0 before the first.
  [[nodiscard]] double deviation_of_one() const noexcept;
  bool operator==(const ScoreMoments&) const = default;
};

/// Tells from the prequential scores alone when rows stop being as those before them: CUSUM charts (Page 1954, Biometrika
/// 41:100) that start themselves (Hawkins 1987), row by row. With the mean m and the standard deviation s of all scores since
/// the start, or since the last signal, of total weight n >= kReferenceWeight, a row of weight w and score l has
///   z = (m - l) / (s sqrt(1 + 1/n)), brought within [-kLargest, kLargest],
/// and adds to two charts for each slack k of kSlacks, one for falls and one for rises,
///   C = max(0, C + w (z - k - 1/sqrt(n))),   C = max(0, C + w (-z - k - 1/sqrt(n))),
/// where 1/sqrt(n) allows for the error of m.
/// A signal is given, and the reference starts anew, when a chart reaches its height in kHeights. The large slack sees at once
/// that rows are far off: four of six standard deviations; the small one what is slight and lasts. A change of the mean by less
/// than the small slack is not told from chance. No one row of weight 1 gives a signal.
/// False alarms: on independent rows of any of the families, under one law, at most one in 64,000 rows
/// (test DriftDetector.GivesAtMostOneFalseAlarmIn64000Rows). Rows that depend on each other, as volatility that clusters makes
/// them, do drift by this measure; and a model that learns from a poor start makes scores rise.
struct DriftDetector {
  static constexpr double kReferenceWeight = 64.0;  // rows: the mean is then known to an eighth of a row's deviation
  static constexpr double kLargest = 6.0;           // one row adds no more, and moves the reference no more, than this
  static constexpr double kLeastToBound = 32.0;     // rows behind s before scores are brought within kLargest of it
  static constexpr std::array<double, 2> kSlacks = {0.5, 0.2};
  static constexpr std::array<double, 2> kHeights = {20.0, 40.0};  // by simulation: 0.15 alarms in 64,000 rows at most

  /// What a row said.
  enum class Signal { kNone, kWorse, kBetter };

  /// Takes the finite score of one row of weight > 0; beyond +-1e100 as that.
  Signal add(double score, double weight);
  /// The chart that is nearest to its height, as a fraction of it: > 0 if scores have fallen, < 0 if they have risen. 0 before
  /// the reference is complete, and after a signal.
  [[nodiscard]] double level() const noexcept;
  bool operator==(const DriftDetector&) const = default;

  ScoreMoments reference = {};
  std::array<double, kSlacks.size()> falls = {};
  std::array<double, kSlacks.size()> rises = {};
  std::int64_t changes = 0;  ///< signals given so far
};

}  // namespace varimix
