#include "varimix/risk/e_backtest.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "backtest_checks.hpp"

namespace varimix {
namespace {

/// The stake from the days before: sums of e - 1 and of its square.
struct AdaptiveStake {
  double sum = 0.0;
  double squares = 0.0;

  [[nodiscard]] double value() const noexcept {
    return squares > 0.0 ? std::clamp(sum / squares, 0.0, kLargestStake) : 0.0;
  }
  void add(double gain) noexcept {
    sum += gain;
    squares += gain * gain;
  }
};

}  // namespace

EBacktest e_backtest(const ShortfallForecasts& days, std::optional<double> stake, double test_level) {
  require_forecasts(days);
  if (stake) require(*stake >= 0.0 && *stake <= kLargestStake, "stake", "in [0, 0.5]", *stake);
  require(test_level > 0.0 && test_level < 1.0, "test_level", "in (0, 1)", test_level);
  const double log_threshold = -std::log(test_level);
  EBacktest of;
  of.log_e_process.reserve(days.returns.size());
  AdaptiveStake adaptive;
  double log_process = 0.0;
  for (std::size_t t = 0; t < days.returns.size(); ++t) {
    const double excess = std::max(-days.returns[t] - days.value_at_risk[t], 0.0);
    const double gain = excess / (days.expected_shortfall[t] - days.value_at_risk[t]) / days.alpha - 1.0;
    log_process += std::log1p(stake.value_or(adaptive.value()) * gain);
    adaptive.add(gain);
    of.log_e_process.push_back(log_process);
    of.log_largest = std::max(of.log_largest, log_process);
    if (!of.rejected_on && log_process >= log_threshold) of.rejected_on = static_cast<std::int64_t>(t);
  }
  of.p_value = std::exp(-of.log_largest);
  return of;
}

}  // namespace varimix
