#include "varimix/risk/portfolio_backtest.hpp"

#include <algorithm>
#include <cmath>

#include "day_of_backtest.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// Returns w'x of a row; a column of weight 0 counts for nothing, whatever its value.
double return_of(const Vector& weights, const RowView& rows, Index row) {
  double sum = 0.0;
  for (Index j = 0; j < weights.size(); ++j) {
    if (weights(j) != 0.0) sum += weights(j) * rows(row, j);
  }
  return sum;
}

void check_count(std::int64_t value, const char* name, std::int64_t largest = kLargestCount) {
  require(value >= 0 && value <= largest, name, "from 0 to " + std::to_string(largest), value);
}

}  // namespace

bool WatchedPortfolio::operator==(const WatchedPortfolio& other) const {
  return name == other.name && alpha == other.alpha && weights.size() == other.weights.size() &&
         weights == other.weights;
}

void PortfolioBacktest::add(const WatchedPortfolio& portfolio, const std::optional<TailForecast>& day,
                            const RowView& rows) {
  for (Index i = 0; i < rows.rows(); ++i) {
    const double day_return = return_of(portfolio.weights, rows, i);
    if (std::isnan(day_return)) {
      ++without_return;
    } else if (!day) {
      ++without_forecast;
    } else {
      counts.add(is_failure(day_return, day->value_at_risk));
      (void)shortfall.add(*day, portfolio.alpha, day_return);  // shortfall.days says how many were taken
    }
  }
}

void PortfolioBacktest::merge(const PortfolioBacktest& later) {
  counts.merge(later.counts);
  shortfall.merge(later.shortfall);
  without_return += later.without_return;
  without_forecast += later.without_forecast;
}

void PortfolioBacktest::check() const {
  const EProcess& e = shortfall.e_process;
  check_count(without_return, "without_return");
  check_count(without_forecast, "without_forecast");
  check_count(shortfall.days, "shortfall.days", counts.days());
  check_count(shortfall.failed.failures, "shortfall.failures", std::min(shortfall.days, counts.failures()));
  for (const double value : {shortfall.failed.sum, shortfall.scores, e.gains, e.squares, e.log_last, e.log_largest}) {
    require(std::isfinite(value), "a sum of the backtest", "finite", value);
  }
  require(e.squares >= 0.0, "e_process.squares", ">= 0", e.squares);
  require(e.log_largest >= std::max(0.0, e.log_last), "e_process.log_largest", ">= 0 and >= log_last", e.log_largest);
}

void merge_backtests(std::vector<PortfolioBacktest>& inout, const std::vector<PortfolioBacktest>& later) {
  for (std::size_t k = 0; k < later.size(); ++k) inout[k].merge(later[k]);
}

void check_portfolios(const std::vector<WatchedPortfolio>& portfolios, Index d) {
  for (std::size_t k = 0; k < portfolios.size(); ++k) {
    const WatchedPortfolio& portfolio = portfolios[k];
    require(!portfolio.name.empty(), "the name of a portfolio", "not empty", "''");
    const auto has_its_name = [&](const WatchedPortfolio& other) { return other.name == portfolio.name; };
    const auto before = portfolios.begin() + static_cast<std::ptrdiff_t>(k);
    require(std::none_of(portfolios.begin(), before, has_its_name), "the name of a portfolio", "that of one alone",
            "'" + portfolio.name + "' twice");
    const std::string weights = "the weights of portfolio '" + portfolio.name + "'";
    require_dimension(portfolio.weights.size(), d, weights.c_str());
    require(portfolio.weights.allFinite() && portfolio.weights.cwiseAbs().maxCoeff() > 0.0, weights,
            "finite and not all 0", "others");
    require(portfolio.alpha >= kLeastAlpha && portfolio.alpha < 1.0, "the alpha of portfolio '" + portfolio.name + "'",
            "in [1e-50, 1)", portfolio.alpha);
  }
}

}  // namespace varimix
