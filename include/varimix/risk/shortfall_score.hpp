#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "varimix/risk/backtest_test.hpp"
#include "varimix/risk/shortfall_backtest.hpp"

namespace varimix {

/// Computes the score FZ0 of each day (Patton, Ziegel and Chen 2019, Journal of Econometrics 211:388),
///   S_t = max(-VaR_t - R_t, 0) / (alpha ES_t) + VaR_t / ES_t + log ES_t - 1,
/// whose mean is least at the true VaR and ES, and whose differences do not depend on the unit of returns.
/// Throws std::invalid_argument as ShortfallForecasts says, and if out has another size.
void fz0_score(const ShortfallForecasts& days, std::span<double> out);

/// The mean difference of two series of scores, with its standard error.
struct ScoreDifference {
  BacktestTest test;            ///< statistic = mean / standard_error, two-sided normal p-value
  double mean = 0.0;            ///< of score - other: below 0 where the first forecasts are better
  double standard_error = 0.0;  ///< HAC
  std::int64_t maxlags = 0;
  bool operator==(const ScoreDifference&) const = default;
};

/// Tests that two forecasts are equally good (Diebold and Mariano 1995, Journal of Business and Economic Statistics
/// 13:253). The variance of the mean is that of Newey and West (1987): Bartlett's weights 1 - k/(maxlags + 1) of the
/// autocovariances k <= maxlags, by default floor(4 (n/100)^(2/9)). Not testable with fewer than two days, or where the
/// differences are all equal. Throws std::invalid_argument unless both have one size and are finite, and
/// 0 <= maxlags < n. Cost: O(n maxlags).
[[nodiscard]] ScoreDifference diebold_mariano(std::span<const double> score, std::span<const double> other,
                                              std::optional<std::int64_t> maxlags = std::nullopt);

}  // namespace varimix
