#include "varimix/risk/shortfall_score.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "backtest_checks.hpp"
#include "day_of_backtest.hpp"

namespace varimix {
namespace {

/// Newey and West (1994, Review of Economic Studies 61:631) for Bartlett's weights.
std::int64_t default_maxlags(double n) {
  constexpr double kFactor = 4.0;
  constexpr double kDays = 100.0;
  constexpr double kPower = 2.0 / 9.0;
  return std::min(static_cast<std::int64_t>(kFactor * std::pow(n / kDays, kPower)), static_cast<std::int64_t>(n) - 1);
}

/// Throws std::invalid_argument unless no sum of squares of the scores overflows.
void require_scores(std::span<const double> scores, const std::string& name) {
  constexpr double kLargest = 1e150;
  for (std::size_t t = 0; t < scores.size(); ++t) {
    if (std::abs(scores[t]) <= kLargest) continue;
    require(false, of_day(name, t), "finite and within 1e150", scores[t]);
  }
}

double autocovariance(std::span<const double> centred, std::size_t lag) {
  double sum = 0.0;
  for (std::size_t t = lag; t < centred.size(); ++t) sum += centred[t] * centred[t - lag];
  return sum / static_cast<double>(centred.size());
}

/// Returns sum_k w_k autocovariance(k) over |k| <= maxlags, which Bartlett's weights keep >= 0 but for rounding.
double long_run_variance(std::span<const double> centred, std::int64_t maxlags) {
  double variance = autocovariance(centred, 0);
  for (std::int64_t lag = 1; lag <= maxlags; ++lag) {
    const double weight = 1.0 - static_cast<double>(lag) / static_cast<double>(maxlags + 1);
    variance += 2.0 * weight * autocovariance(centred, static_cast<std::size_t>(lag));
  }
  return std::max(0.0, variance);
}

}  // namespace

void fz0_score(const ShortfallForecasts& days, std::span<double> out) {
  require_forecasts(days);
  require(out.size() == days.returns.size(), "the size of out", "that of returns", out.size());
  for (std::size_t t = 0; t < out.size(); ++t) {
    out[t] = fz0_score({days.value_at_risk[t], days.expected_shortfall[t]}, days.alpha, days.returns[t]);
  }
}

ScoreDifference diebold_mariano(std::span<const double> score, std::span<const double> other,
                                std::optional<std::int64_t> maxlags) {
  require(other.size() == score.size(), "the size of other", "that of score, " + std::to_string(score.size()),
          other.size());
  require(!score.empty(), "the size of score", ">= 1", score.size());
  require_scores(score, "score");
  require_scores(other, "other");
  const auto n = static_cast<double>(score.size());
  const std::int64_t lags = maxlags.value_or(default_maxlags(n));
  require(lags >= 0 && lags < static_cast<std::int64_t>(score.size()), "maxlags", ">= 0 and below the days", lags);
  std::vector<double> differences(score.size());
  double mean = 0.0;
  for (std::size_t t = 0; t < score.size(); ++t) {
    differences[t] = score[t] - other[t];
    mean += differences[t] / n;
  }
  ScoreDifference of{.test = {}, .mean = mean, .standard_error = 0.0, .maxlags = lags};
  const auto [least, largest] = std::minmax_element(differences.begin(), differences.end());
  if (*least == *largest) return of;
  for (double& difference : differences) difference -= mean;
  of.standard_error = std::sqrt(long_run_variance(differences, lags) / n);
  if (!(of.standard_error > 0.0)) return of;
  const double statistic = mean / of.standard_error;
  of.test = {BacktestStatus::kTested, statistic, std::erfc(std::abs(statistic) / std::sqrt(2.0))};
  return of;
}

}  // namespace varimix
