#include "varimix/risk/backtest_counts.hpp"

#include <cmath>
#include <cstddef>

#include "backtest_checks.hpp"
#include "day_of_backtest.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"

namespace varimix {

BacktestCounts BacktestCounts::restored(std::int64_t days, std::int64_t days_before_first, std::int64_t days_after_last,
                                        const Durations& durations) {
  const auto is_count = [](std::int64_t value) { return value >= 0 && value <= kLargestCount; };
  require(is_count(days), "days", "from 0 to 2^53", days);
  require(days_before_first >= 0 && days_before_first <= days, "days_before_first", "from 0 to days",
          days_before_first);
  require(days_after_last >= 0 && days_after_last <= days, "days_after_last", "from 0 to days", days_after_last);
  BacktestCounts counts;
  counts.days_ = days;
  counts.before_first_ = days_before_first;
  counts.after_last_ = days_after_last;
  std::int64_t between = 0;
  std::int64_t gaps = 0;
  for (const auto& [duration, count] : durations) {
    require(duration >= 1 && duration <= days, "a duration", "from 1 to days", duration);
    require(count >= 1 && count <= (days - between) / duration, "the count of a duration",
            ">= 1 and within the days there are", count);
    between += duration * count;
    gaps += count;
  }
  const bool is_without = days_before_first == days && days_after_last == days && durations.empty();
  const std::int64_t total = days_before_first + between + 1 + days_after_last;
  require(is_without || total == days, "the days before, between and after the failures, with one", "all days", total);
  counts.failures_ = is_without ? 0 : gaps + 1;
  counts.durations_ = durations;
  return counts;
}

void BacktestCounts::add(bool is_failure) {
  require(days_ < kLargestCount, "days", "below 2^53", days_);
  ++days_;
  if (!is_failure) {
    ++after_last_;
    if (failures_ == 0) ++before_first_;
    return;
  }
  if (failures_ > 0) ++durations_[after_last_ + 1];
  ++failures_;
  after_last_ = 0;
}

void BacktestCounts::add(std::span<const double> returns, std::span<const double> value_at_risk) {
  require_days(returns, value_at_risk, "value_at_risk");
  require(days_ <= kLargestCount - static_cast<std::int64_t>(returns.size()), "days", "at most 2^53", days_);
  for (std::size_t t = 0; t < returns.size(); ++t) add(is_failure(returns[t], value_at_risk[t]));
}

void BacktestCounts::merge(const BacktestCounts& later) {
  if (&later == this) {  // its durations would change while they are added
    merge(BacktestCounts(later));
    return;
  }
  require(days_ <= kLargestCount - later.days_, "the sum of days", "at most 2^53", days_ + later.days_);
  if (later.failures_ == 0) {
    if (failures_ == 0) before_first_ += later.days_;
    after_last_ += later.days_;
  } else {
    if (failures_ == 0) {
      before_first_ += later.before_first_;
    } else {
      ++durations_[after_last_ + 1 + later.before_first_];
    }
    for (const auto& [duration, count] : later.durations_) durations_[duration] += count;
    after_last_ = later.after_last_;
  }
  failures_ += later.failures_;
  days_ += later.days_;
}

FailureTransitions BacktestCounts::transitions() const {
  if (days_ == 0) return {};
  FailureTransitions of;
  const auto next_day = durations_.find(1);
  of.n11 = next_day == durations_.end() ? 0 : next_day->second;
  if (failures_ > 0) {
    of.n01 = failures_ - of.n11 - (before_first_ == 0 ? 1 : 0);
    of.n10 = failures_ - of.n11 - (after_last_ == 0 ? 1 : 0);
  }
  of.n00 = days_ - 1 - of.n01 - of.n10 - of.n11;
  return of;
}

std::optional<bool> BacktestCounts::first() const noexcept {
  return days_ == 0 ? std::nullopt : std::optional(before_first_ == 0);
}

std::optional<bool> BacktestCounts::last() const noexcept {
  return days_ == 0 ? std::nullopt : std::optional(after_last_ == 0);
}

}  // namespace varimix
