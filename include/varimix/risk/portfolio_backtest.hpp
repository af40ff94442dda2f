#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "varimix/core/members.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/core/types.hpp"
#include "varimix/risk/backtest_counts.hpp"
#include "varimix/risk/portfolio.hpp"
#include "varimix/risk/shortfall_sums.hpp"

namespace varimix {

/// A portfolio whose risk a stream forecasts, and tests by the rows that come. Its return of a row is w'x.
struct WatchedPortfolio {
  std::string name;
  Vector weights;       ///< w (d)
  double alpha = 0.01;  ///< probability of the tail, in [1e-50, 1)

  static constexpr auto kMembers =
      std::tuple(member("name", &WatchedPortfolio::name), member("weights", &WatchedPortfolio::weights),
                 member("alpha", &WatchedPortfolio::alpha));
  bool operator==(const WatchedPortfolio& other) const;
};

/// The backtest of one portfolio in a stream: a mergeable value that holds no row. A row is a day, in the order in which
/// rows come; its forecast was made before any row of its batch was learned.
struct PortfolioBacktest {
  BacktestCounts counts = {};         ///< days and failures of the value at risk
  ShortfallSums shortfall = {};       ///< of the days whose expected shortfall is finite and > 0 (ShortfallForecasts)
  std::int64_t without_return = 0;    ///< rows that are no day: a column held is missing, or w'x is no number
  std::int64_t without_forecast = 0;  ///< rows that are no day: the value at risk was beyond 1e100 standard units

  static constexpr auto kMembers =
      std::tuple(member("counts", &PortfolioBacktest::counts), member("shortfall", &PortfolioBacktest::shortfall),
                 member("without_return", &PortfolioBacktest::without_return),
                 member("without_forecast", &PortfolioBacktest::without_forecast));

  /// Adds rows (n, d), in the order of time, whose forecast is `day`; nothing if there was none. A column of weight 0
  /// may be missing.
  void add(const WatchedPortfolio& portfolio, const std::optional<TailForecast>& day, const RowView& rows);
  /// Adds the days of `later`, which follow those here: the tests of failures are those of one pass over all days.
  void merge(const PortfolioBacktest& later);
  /// Throws std::invalid_argument for numbers that no days come to.
  void check() const;
  bool operator==(const PortfolioBacktest&) const = default;
};

/// Adds the days of `later` to those of the same portfolios.
void merge_backtests(std::vector<PortfolioBacktest>& inout, const std::vector<PortfolioBacktest>& later);

/// Throws std::invalid_argument unless these are portfolios of d columns, of different names that are not empty, with
/// weights that are finite and not all 0.
void check_portfolios(const std::vector<WatchedPortfolio>& portfolios, Index d);

}  // namespace varimix
