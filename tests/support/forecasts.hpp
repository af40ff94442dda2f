#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "varimix/random/counter_stream.hpp"
#include "varimix/risk/shortfall_backtest.hpp"
#include "varimix/univariate/univariate_law.hpp"

namespace varimix::tests {

/// The standard normal law, to 1e-8.
inline constexpr UnivariateLaw kNormalLaw{{-0.5, 1e8, 1e8}, 0.0, 0.0, 1.0};

/// Days that keep what ShortfallForecasts views.
struct Days {
  double alpha;
  std::vector<double> returns;
  std::vector<double> value_at_risk;
  std::vector<double> expected_shortfall;

  [[nodiscard]] ShortfallForecasts view() const { return {returns, value_at_risk, expected_shortfall, alpha}; }
};

/// Returns n days whose forecasts are those of one law, without returns.
inline Days days_of(const UnivariateLaw& law, std::size_t n, double alpha) {
  return {alpha, std::vector<double>(n), std::vector<double>(n, -ppf(law, alpha)),
          std::vector<double>(n, expected_shortfall(law, 1.0 - alpha))};
}

/// Draws standard normal returns; each replicate has others.
inline void draw_normal(Days& days, std::uint64_t replicate) {
  CounterStream stream(Key(2026), StreamPurpose::kStarts, replicate);
  for (double& value : days.returns) value = stream.normal();
}

}  // namespace varimix::tests
