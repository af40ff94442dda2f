#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>

#include "varimix/core/require.hpp"

namespace varimix {

/// Returns whether the loss of a day exceeds its value at risk.
[[nodiscard]] inline bool is_failure(double day_return, double value_at_risk) noexcept {
  return day_return < -value_at_risk;
}

inline void require_alpha(double alpha) { require(alpha > 0.0 && alpha < 1.0, "alpha", "in (0, 1)", alpha); }

/// Throws std::invalid_argument unless every value is finite; the message names its day, from 0.
inline void require_finite(std::span<const double> values, const std::string& name) {
  for (std::size_t t = 0; t < values.size(); ++t) {
    if (!std::isfinite(values[t])) require(false, name + "[" + std::to_string(t) + "]", "finite", values[t]);
  }
}

/// Throws std::invalid_argument unless forecasts are of as many days as returns, and both are finite.
inline void require_days(std::span<const double> returns, std::span<const double> forecasts, const char* name) {
  if (forecasts.size() != returns.size()) {
    require(false, std::string("the days of ") + name,
            "those of returns, " + std::to_string(returns.size()), forecasts.size());
  }
  require_finite(returns, "returns");
  require_finite(forecasts, name);
}

/// Throws std::invalid_argument unless these are returns with their forecasts, of at least one day, and every expected
/// shortfall is > 0 and above its value at risk.
inline void require_shortfalls(std::span<const double> returns, std::span<const double> value_at_risk,
                               std::span<const double> expected_shortfall) {
  require_days(returns, value_at_risk, "value_at_risk");
  require_days(returns, expected_shortfall, "expected_shortfall");
  require(!returns.empty(), "the days of returns", ">= 1", returns.size());
  for (std::size_t t = 0; t < returns.size(); ++t) {
    if (expected_shortfall[t] > 0.0 && expected_shortfall[t] > value_at_risk[t]) continue;
    require(false, "expected_shortfall[" + std::to_string(t) + "]",
            "> 0 and above value_at_risk[" + std::to_string(t) + "]", expected_shortfall[t]);
  }
}

}  // namespace varimix
