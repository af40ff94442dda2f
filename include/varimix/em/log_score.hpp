#pragma once

#include <cstdint>
#include <limits>

namespace varimix {

/// The prequential score of a state: the log densities that its models gave to rows before they learned from them
/// (Dawid 1984).
struct LogScore {
  double half_life = 0.0;      ///< rows, by weight, after which a score counts half in `recent`
  double total = 0.0;          ///< sum of weight times log f, nats
  double weight = 0.0;         ///< weight of the rows scored
  double recent_total = 0.0;   ///< `total`, forgotten exponentially
  double recent_weight = 0.0;  ///< `weight`, forgotten exponentially
  /// Weight of the rows that were not scored, because the model gave them density 0 (log f = -inf).
  double impossible = 0.0;

  /// Adds rows of total weight `w` and mean log-likelihood `mean`, which is finite.
  void add(double mean, double w);
  /// Returns the mean over all rows, nats per row; 0 before the first.
  [[nodiscard]] double mean() const noexcept { return weight > 0.0 ? total / weight : 0.0; }
  /// Returns the mean over recent rows, which forgets exponentially, nats per row; 0 before the first.
  [[nodiscard]] double recent() const noexcept { return recent_weight > 0.0 ? recent_total / recent_weight : 0.0; }
  bool operator==(const LogScore&) const = default;
};

/// Early stopping on the prequential score: a fit ends when `patience` steps have not raised the best recent score by
/// `min_gain` nats per row.
struct EarlyStopping {
  std::int64_t patience = 20;  ///< steps, >= 1
  double min_gain = 1e-4;      ///< nats per row, finite and >= 0

  /// Throws std::invalid_argument for settings outside their domains.
  void check() const;
  bool operator==(const EarlyStopping&) const = default;
};

/// Watches the score of one fit for early stopping.
class EarlyStop {
 public:
  explicit EarlyStop(const EarlyStopping& rule) : rule_(rule) {}
  /// Returns true if the fit is to stop, given the score after one more step.
  [[nodiscard]] bool operator()(double recent_score);

 private:
  EarlyStopping rule_;
  double best_ = -std::numeric_limits<double>::infinity();
  std::int64_t steps_since_ = 0;
};

}  // namespace varimix
