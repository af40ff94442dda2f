#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>

namespace varimix {

/// The days of a backtest by the state of one day (first digit) and of the next (second digit); 1 is a failure.
struct FailureTransitions {
  std::int64_t n00 = 0;
  std::int64_t n01 = 0;
  std::int64_t n10 = 0;
  std::int64_t n11 = 0;
  bool operator==(const FailureTransitions&) const = default;
};

/// What the tests of failures need of a backtest: how many days there were, on how many of them the loss exceeded its
/// value at risk (failures), and how many days lie between one failure and the next. A mergeable value of integers:
/// pieces that are merged in the order of time give the counts of one pass, whatever the pieces.
/// Memory: one number for each different distance of two failures, at most sqrt(2 days) of them.
class BacktestCounts {
 public:
  /// How often each distance in days, from one failure to the next, occurred; 1 is the next day.
  using Durations = std::map<std::int64_t, std::int64_t>;

  BacktestCounts() = default;
  /// Returns the counts with these parts, as the functions below give them. Throws std::invalid_argument for parts that
  /// no days have.
  [[nodiscard]] static BacktestCounts restored(std::int64_t days, std::int64_t days_before_first,
                                               std::int64_t days_after_last, const Durations& durations);

  /// Adds the next day.
  void add(bool is_failure);
  /// Adds the next days. A day fails where returns[t] < -value_at_risk[t]; a loss of exactly the value at risk is none.
  /// Throws std::invalid_argument, naming the day, before it adds one, unless both have one size and are finite.
  void add(std::span<const double> returns, std::span<const double> value_at_risk);
  /// Adds the days of `later`, which follow those here.
  void merge(const BacktestCounts& later);

  [[nodiscard]] std::int64_t days() const noexcept { return days_; }
  [[nodiscard]] std::int64_t failures() const noexcept { return failures_; }
  /// Returns the days before the first failure; all of them if there is none.
  [[nodiscard]] std::int64_t days_before_first() const noexcept { return before_first_; }
  /// Returns the days after the last failure; all of them if there is none.
  [[nodiscard]] std::int64_t days_after_last() const noexcept { return after_last_; }
  [[nodiscard]] const Durations& durations() const noexcept { return durations_; }
  [[nodiscard]] FailureTransitions transitions() const;
  /// Returns whether the first day failed; nothing before it.
  [[nodiscard]] std::optional<bool> first() const noexcept;
  /// Returns whether the last day failed; nothing before the first.
  [[nodiscard]] std::optional<bool> last() const noexcept;
  bool operator==(const BacktestCounts&) const = default;

 private:
  std::int64_t days_ = 0;
  std::int64_t failures_ = 0;
  std::int64_t before_first_ = 0;
  std::int64_t after_last_ = 0;
  Durations durations_;
};

}  // namespace varimix
