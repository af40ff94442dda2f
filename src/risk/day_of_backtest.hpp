#pragma once

#include <algorithm>
#include <cmath>

#include "varimix/risk/portfolio.hpp"

namespace varimix {

// What a backtest takes of one day, whose return is R.

/// Forecasts are in units of the returns that they are for. Within these bounds no sum of squares overflows.
inline constexpr double kLargestRatio = 1e50;
inline constexpr double kLeastAlpha = 1e-50;

/// Returns whether the loss of a day exceeds its value at risk.
[[nodiscard]] inline bool is_failure(double day_return, double value_at_risk) noexcept {
  return day_return < -value_at_risk;
}

/// Returns whether tests of the expected shortfall take the day, as ShortfallForecasts says.
[[nodiscard]] inline bool is_testable(const TailForecast& day, double day_return) noexcept {
  const double excess = day.expected_shortfall - day.value_at_risk;
  return day.expected_shortfall > 0.0 && excess > 0.0 && std::isfinite(day.expected_shortfall) &&
         std::abs(day_return) <= kLargestRatio * std::min(day.expected_shortfall, excess) &&
         std::abs(day.value_at_risk) <= kLargestRatio * day.expected_shortfall;
}

/// Returns e - 1, e = max(-R - VaR, 0) / (alpha (ES - VaR)).
[[nodiscard]] inline double e_gain(const TailForecast& day, double alpha, double day_return) noexcept {
  const double excess = std::max(-day_return - day.value_at_risk, 0.0);
  return excess / (day.expected_shortfall - day.value_at_risk) / alpha - 1.0;
}

/// Returns the score FZ0.
[[nodiscard]] inline double fz0_score(const TailForecast& day, double alpha, double day_return) noexcept {
  const double shortfall = day.expected_shortfall;
  const double excess = std::max(-day.value_at_risk - day_return, 0.0);
  return excess / shortfall / alpha + day.value_at_risk / shortfall + std::log(shortfall) - 1.0;
}

}  // namespace varimix
