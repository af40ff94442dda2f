#include "varimix/risk/shortfall_backtest.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "backtest_checks.hpp"
#include "day_of_backtest.hpp"
#include "tail_table.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/random/counter_stream.hpp"
#include "varimix/risk/shortfall_sums.hpp"

namespace varimix {
namespace {

/// The streams here are others than those of the same key elsewhere: a user may draw the returns by the same seed.
enum class BacktestDraws : std::uint64_t { kReturns = 1, kResamples = 2 };

Key backtest_key(const Key& key, BacktestDraws draws) {
  constexpr std::uint64_t kBacktest = 0x6261636b74657374;  // "backtest" in ASCII
  const std::array<std::uint64_t, 4> words = {key.words()[0], key.words()[1], kBacktest,
                                              static_cast<std::uint64_t>(draws)};
  return Key::from_words(words);
}

void require_replicates(std::int64_t replicates) {
  constexpr std::int64_t kMost = 100'000'000;  // of which sums and counts take 1.6 GB
  require(replicates >= 1 && replicates <= kMost, "replicates", "from 1 to 1e8", replicates);
}

void require_simulation(const NullSimulation& simulation) {
  require_replicates(simulation.replicates);
  const double level = simulation.test_level;
  require(level > 0.0 && level < 1.0, "test_level", "in (0, 1)", level);
  require(level * static_cast<double>(simulation.replicates + 1) >= 1.0, "replicates", "at least 1/test_level - 1",
          simulation.replicates);
}

FailureSums observed_sums(const ShortfallForecasts& days) {
  FailureSums sums;
  for (std::size_t t = 0; t < days.returns.size(); ++t) {
    if (!is_failure(days.returns[t], days.value_at_risk[t])) continue;
    sums.add(days.returns[t] / days.expected_shortfall[t]);
  }
  return sums;
}

double expected_failures(const ShortfallForecasts& days) {
  return days.alpha * static_cast<double>(days.returns.size());
}

/// The draws of one day below alpha, with their replicates.
struct DayDraws {
  std::vector<std::int64_t> replicates;
  std::vector<double> quantiles;
};

DayDraws draws_of_day(Index day, double alpha, const TailQuantile& quantile, const Key& key, std::int64_t replicates) {
  CounterStream stream(key, StreamPurpose::kModelRows, static_cast<std::uint64_t>(day));
  DayDraws draws;
  std::vector<double> u;
  for (std::int64_t r = 0; r < replicates; ++r) {
    const double drawn = stream.uniform();
    if (!(drawn < alpha)) continue;
    draws.replicates.push_back(r);
    u.push_back(drawn);
  }
  draws.quantiles.resize(u.size());
  quantile(day, u, draws.quantiles);
  return draws;
}

/// Returns the sums of each replicate. Threads draw some days at a time, which are then added in order.
std::vector<FailureSums> simulated_sums(const ShortfallForecasts& days, const TailQuantile& quantile,
                                        const NullSimulation& simulation) {
  constexpr Index kDaysAtATime = 64;
  constexpr double kLargestDraw = 1e150;  // sums of which, over alpha, are doubles
  const Key key = backtest_key(simulation.key, BacktestDraws::kReturns);
  std::vector<FailureSums> sums(static_cast<std::size_t>(simulation.replicates));
  const auto n = static_cast<Index>(days.returns.size());
  for (Index first = 0; first < n; first += kDaysAtATime) {
    std::vector<DayDraws> drawn(static_cast<std::size_t>(std::min(kDaysAtATime, n - first)));
    parallel_for(static_cast<Index>(drawn.size()), [&](Index k) {
      drawn[static_cast<std::size_t>(k)] = draws_of_day(first + k, days.alpha, quantile, key, simulation.replicates);
    });
    for (std::size_t k = 0; k < drawn.size(); ++k) {
      const std::size_t day = static_cast<std::size_t>(first) + k;
      for (std::size_t i = 0; i < drawn[k].quantiles.size(); ++i) {
        const double quantile_by_shortfall = drawn[k].quantiles[i] / days.expected_shortfall[day];
        if (!(std::abs(quantile_by_shortfall) <= kLargestDraw)) {
          require(false, of_day("laws", day), of_day("of returns within 1e150 times expected_shortfall", day),
                  drawn[k].quantiles[i]);
        }
        sums[static_cast<std::size_t>(drawn[k].replicates[i])].add(quantile_by_shortfall);
      }
    }
  }
  return sums;
}

/// Returns the test of a statistic against draws of its null law, of which it rejects the lowest.
SimulatedTest lower_tail_test(double statistic, std::vector<double> drawn, double test_level) {
  if (drawn.empty()) return {};
  const auto size = static_cast<double>(drawn.size());
  const auto as_low = std::count_if(drawn.begin(), drawn.end(), [&](double z) { return z <= statistic; });
  SimulatedTest test{{BacktestStatus::kTested, statistic, (1.0 + static_cast<double>(as_low)) / (size + 1.0)}};
  const double rank = std::floor(test_level * (size + 1.0));
  if (rank < 1.0) return test;
  const auto at = drawn.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
  std::nth_element(drawn.begin(), at, drawn.end());
  test.critical_value = *at;
  return test;
}

struct MeanAndDeviation {
  double mean;
  double deviation;
};

MeanAndDeviation moments_of(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0.0;
  for (const double value : values) mean += value / n;
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / (n - 1.0))};
}

/// Returns mean / deviation; of equal values the limit, +-inf, or 0.
double ratio_of(const MeanAndDeviation& of) { return of.mean == 0.0 ? 0.0 : of.mean / of.deviation; }

std::vector<double> failure_residuals(const ShortfallForecasts& days) {
  std::vector<double> residuals;
  for (std::size_t t = 0; t < days.returns.size(); ++t) {
    if (!is_failure(days.returns[t], days.value_at_risk[t])) continue;
    residuals.push_back((-days.returns[t] - days.expected_shortfall[t]) / days.expected_shortfall[t]);
  }
  return residuals;
}

}  // namespace

AcerbiSzekely acerbi_szekely(const ShortfallForecasts& days) {
  require_forecasts(days);
  const FailureSums sums = observed_sums(days);
  AcerbiSzekely of;
  if (sums.failures > 0) of.z1.test = {BacktestStatus::kNotSimulated, sums.z1()};
  of.z2.test = {BacktestStatus::kNotSimulated, sums.z2(expected_failures(days))};
  return of;
}

AcerbiSzekely acerbi_szekely(const ShortfallForecasts& days, const TailQuantile& quantile,
                             const NullSimulation& simulation) {
  require_forecasts(days);
  require_simulation(simulation);
  const FailureSums observed = observed_sums(days);
  const double expected = expected_failures(days);
  std::vector<double> z1;
  std::vector<double> z2;
  for (const FailureSums& sums : simulated_sums(days, quantile, simulation)) {
    if (sums.failures > 0) z1.push_back(sums.z1());
    z2.push_back(sums.z2(expected));
  }
  AcerbiSzekely of;
  if (observed.failures > 0) of.z1 = lower_tail_test(observed.z1(), std::move(z1), simulation.test_level);
  of.z2 = lower_tail_test(observed.z2(expected), std::move(z2), simulation.test_level);
  return of;
}

AcerbiSzekely acerbi_szekely(const ShortfallForecasts& days, std::span<const UnivariateLaw> laws,
                             const NullSimulation& simulation) {
  require_forecasts(days);
  require(laws.size() == 1 || laws.size() == days.returns.size(), "laws",
          "one, or one of each day, " + std::to_string(days.returns.size()), laws.size());
  const auto of_each = [&](Index day, std::span<const double> u, std::span<double> out) {
    const UnivariateLaw& law = laws[static_cast<std::size_t>(day)];
    if (u.size() > static_cast<std::size_t>(kTailTablePoints)) {
      TailTable(law, days.alpha).quantiles(u, out);
    } else {
      ppf(law, u, out);
    }
  };
  if (laws.size() > 1 || days.returns.size() == 1) return acerbi_szekely(days, of_each, simulation);
  const TailTable table(laws[0], days.alpha);
  const auto of_all = [&table](Index /*day*/, std::span<const double> u, std::span<double> out) {
    table.quantiles(u, out);
  };
  return acerbi_szekely(days, of_all, simulation);
}

BacktestTest mcneil_frey(const ShortfallForecasts& days, const Key& key, std::int64_t replicates) {
  require_forecasts(days);
  require_replicates(replicates);
  const std::vector<double> residuals = failure_residuals(days);
  if (residuals.size() < 2) return {};
  const MeanAndDeviation observed = moments_of(residuals);
  const auto [least, largest] = std::minmax_element(residuals.begin(), residuals.end());
  if (*least == *largest) return {};
  const double ratio = ratio_of(observed);
  const Key own = backtest_key(key, BacktestDraws::kResamples);
  std::vector<double> sample(residuals.size());
  std::int64_t as_high = 0;
  for (std::int64_t r = 0; r < replicates; ++r) {
    CounterStream stream(own, StreamPurpose::kBatchRows, static_cast<std::uint64_t>(r));
    for (double& value : sample) value = residuals[stream.below(residuals.size())] - observed.mean;
    if (ratio_of(moments_of(sample)) >= ratio) ++as_high;
  }
  const double p = (1.0 + static_cast<double>(as_high)) / (static_cast<double>(replicates) + 1.0);
  return {BacktestStatus::kTested, ratio * std::sqrt(static_cast<double>(residuals.size())), p};
}

}  // namespace varimix
