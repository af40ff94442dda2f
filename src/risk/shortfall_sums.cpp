#include "varimix/risk/shortfall_sums.hpp"

#include "day_of_backtest.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"

namespace varimix {

bool ShortfallSums::add(const TailForecast& day, double alpha, double day_return) {
  if (!is_testable(day, day_return)) return false;
  require(days < kLargestCount, "days", "below 2^53", days);
  ++days;
  if (is_failure(day_return, day.value_at_risk)) failed.add(day_return / day.expected_shortfall);
  scores += fz0_score(day, alpha, day_return);
  e_process.add(e_gain(day, alpha, day_return));
  return true;
}

void ShortfallSums::merge(const ShortfallSums& later) {
  require(days <= kLargestCount - later.days, "the sum of days", "at most 2^53", days + later.days);
  days += later.days;
  failed.sum += later.failed.sum;
  failed.failures += later.failed.failures;
  scores += later.scores;
  e_process.merge(later.e_process);
}

AcerbiSzekely ShortfallSums::acerbi_szekely(double alpha) const {
  AcerbiSzekely of;
  if (failed.failures > 0) of.z1.test = {BacktestStatus::kNotSimulated, failed.z1()};
  if (days > 0) of.z2.test = {BacktestStatus::kNotSimulated, failed.z2(alpha * static_cast<double>(days))};
  return of;
}

}  // namespace varimix
