#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace varimix {

/// The weight, mean and sum of squared deviations of rows' log-likelihoods.
struct ScoreMoments {
  double weight = 0.0;
  double mean = 0.0;
  double deviation = 0.0;  ///< sum of weight (score - mean)^2

  void add(double score, double w) noexcept { add(score, w, w / (weight + w)); }
  /// Does the same, given w's share in the weight with it.
  void add(double score, double w, double share) noexcept {
    const double difference = score - mean;
    deviation += difference * difference * weight * share;
    mean += difference * share;
    weight += w;
  }
  /// Returns the standard deviation of a score; 0 before the first score.
  [[nodiscard]] double deviation_of_one() const noexcept;
  bool operator==(const ScoreMoments&) const = default;
};

/// Tells from the prequential scores alone when rows stop being like those before them. It uses CUSUM charts (Page
/// 1954, Biometrika 41:100) that start themselves (Hawkins 1987), row by row. Let m and s be the mean and the standard
/// deviation of all scores since the start or the last signal, and n >= kReferenceWeight their total weight. A row of
/// weight w and score l has
///   z = (m - l) / (s sqrt(1 + 1/n)), brought within [-kLargest, kLargest],
/// and updates two charts for each slack k of kSlacks, one for falls and one for rises,
///   C = max(0, C + w (z - k - 1/sqrt(n))),   C = max(0, C + w (-z - k - 1/sqrt(n))),
/// where 1/sqrt(n) allows for the error of m.
/// A signal is given, and the reference starts anew, when a chart reaches its height in kHeights. The large slack sees
/// rows that are far off at once: four rows that are six standard deviations off give a signal. The small slack sees a
/// change that is slight and lasts. A change of the mean by less than the small slack is not told from chance. No
/// single row of weight 1 suffices for a signal. Independent rows of one law of any of the families give at most one
/// false alarm in 64,000 rows (test DriftDetector.GivesAtMostOneFalseAlarmIn64000Rows). Rows that depend on each other,
/// for example by volatility that clusters, do drift by this measure; and a model that learns from a poor start makes
/// scores rise.
struct DriftDetector {
  static constexpr double kReferenceWeight = 64.0;  // rows: the mean is then known to an eighth of a row's deviation
  static constexpr double kLargest = 6.0;  // standard deviations that a row counts at most, in charts and reference
  static constexpr double kLeastToBound = 32.0;  // weight behind s from which scores are brought within kLargest s of m
  static constexpr std::array<double, 2> kSlacks = {0.5, 0.2};
  static constexpr std::array<double, 2> kHeights = {20.0, 40.0};  // by simulation: 0.15 alarms in 64,000 rows at most

  /// The signal that a row gave.
  enum class Signal { kNone, kWorse, kBetter };

  /// How many rows were taken, and the signal that the last of them gave.
  struct Taken {
    std::size_t rows = 0;
    Signal signal = Signal::kNone;
  };

  /// Takes the finite scores of rows of weights > 0 in their order, up to and with the first that gives a signal; a
  /// score beyond +-1e100 counts as +-1e100. `weights` is as long as `scores`, or empty for ones.
  Taken add(std::span<const double> scores, std::span<const double> weights) noexcept;
  /// Takes one row.
  Signal add(double score, double weight) noexcept { return add({&score, 1}, {&weight, 1}).signal; }
  /// Returns the chart that is nearest to its height, as a fraction of it: > 0 if scores have fallen, < 0 if they have
  /// risen; 0 before the reference is complete, and after a signal.
  [[nodiscard]] double level() const noexcept;
  bool operator==(const DriftDetector&) const = default;

  ScoreMoments reference = {};
  std::array<double, kSlacks.size()> falls = {};
  std::array<double, kSlacks.size()> rises = {};
  std::int64_t changes = 0;  ///< signals given so far

 private:
  Taken add_block(std::span<const double> scores, std::span<const double> weights) noexcept;
};

}  // namespace varimix
