#include "varimix/risk/e_backtest.hpp"

#include <cmath>
#include <cstddef>

#include "backtest_checks.hpp"
#include "day_of_backtest.hpp"

namespace varimix {

EBacktest e_backtest(const ShortfallForecasts& days, std::optional<double> stake, double test_level) {
  require_forecasts(days);
  if (stake) require(*stake >= 0.0 && *stake <= kLargestStake, "stake", "in [0, 0.5]", *stake);
  require(test_level > 0.0 && test_level < 1.0, "test_level", "in (0, 1)", test_level);
  const double log_threshold = -std::log(test_level);
  EBacktest of;
  of.log_e_process.reserve(days.returns.size());
  EProcess process;
  for (std::size_t t = 0; t < days.returns.size(); ++t) {
    process.add(e_gain({days.value_at_risk[t], days.expected_shortfall[t]}, days.alpha, days.returns[t]), stake);
    of.log_e_process.push_back(process.log_last);
    if (!of.rejected_on && process.log_last >= log_threshold) of.rejected_on = static_cast<std::int64_t>(t);
  }
  of.log_largest = process.log_largest;
  of.p_value = process.p_value();
  return of;
}

}  // namespace varimix
