#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>

#include "day_of_backtest.hpp"
#include "varimix/core/require.hpp"
#include "varimix/risk/shortfall_backtest.hpp"

namespace varimix {

inline void require_alpha(double alpha) { require(alpha > 0.0 && alpha < 1.0, "alpha", "in (0, 1)", alpha); }

/// Returns "name[t]".
[[nodiscard]] inline std::string of_day(const std::string& name, std::size_t t) {
  std::string text = name;
  text.append(1, '[').append(std::to_string(t)).append(1, ']');
  return text;
}

/// Throws std::invalid_argument unless every value is finite; the message names its day, from 0.
inline void require_finite(std::span<const double> values, const std::string& name) {
  for (std::size_t t = 0; t < values.size(); ++t) {
    if (!std::isfinite(values[t])) require(false, of_day(name, t), "finite", values[t]);
  }
}

/// Throws std::invalid_argument unless forecasts are of as many days as returns, and both are finite.
inline void require_days(std::span<const double> returns, std::span<const double> forecasts, const char* name) {
  if (forecasts.size() != returns.size()) {
    require(false, std::string("the days of ") + name, "those of returns, " + std::to_string(returns.size()),
            forecasts.size());
  }
  require_finite(returns, "returns");
  require_finite(forecasts, name);
}

/// Throws std::invalid_argument unless these are returns with their forecasts, as ShortfallForecasts says.
inline void require_forecasts(const ShortfallForecasts& days) {
  const double alpha = days.alpha;
  require(alpha >= kLeastAlpha && alpha < 1.0, "alpha", "in [1e-50, 1)", alpha);
  require_days(days.returns, days.value_at_risk, "value_at_risk");
  require_days(days.returns, days.expected_shortfall, "expected_shortfall");
  require(!days.returns.empty(), "the days of returns", ">= 1", days.returns.size());
  for (std::size_t t = 0; t < days.returns.size(); ++t) {
    const double value_at_risk = days.value_at_risk[t];
    const double shortfall = days.expected_shortfall[t];
    if (is_testable({value_at_risk, shortfall}, days.returns[t])) continue;
    if (!(shortfall > 0.0 && shortfall > value_at_risk)) {
      require(false, of_day("expected_shortfall", t), of_day("> 0 and above value_at_risk", t), shortfall);
    }
    const double unit = kLargestRatio * std::min(shortfall, shortfall - value_at_risk);
    if (!(std::abs(days.returns[t]) <= unit)) {
      require(false, of_day("returns", t), "within 1e50 times expected_shortfall, and its distance from value_at_risk",
              days.returns[t]);
    }
    if (!(std::abs(value_at_risk) <= kLargestRatio * shortfall)) {
      require(false, of_day("value_at_risk", t), "within 1e50 times expected_shortfall", value_at_risk);
    }
  }
}

}  // namespace varimix
