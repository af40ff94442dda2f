#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "varimix/risk/e_process.hpp"
#include "varimix/risk/shortfall_backtest.hpp"

namespace varimix {

/// The e-process of a backtest, day by day.
struct EBacktest {
  std::vector<double> log_e_process;                       ///< log M_t after each day
  double log_largest = 0.0;                                ///< log of sup M_t, M_0 = 1 included
  double p_value = 1.0;                                    ///< 1 / sup M_t, valid whenever one looks
  std::optional<std::int64_t> rejected_on = std::nullopt;  ///< first day, from 0, with M_t >= 1/test_level
  bool operator==(const EBacktest&) const = default;
};

/// Tests that VaR_t and ES_t are not too low, at any time one likes to look (Wang, Wang and Ziegel 2022, "E-backtesting",
/// arXiv:2209.00991): e_t = max(-R_t - VaR_t, 0) / (alpha (ES_t - VaR_t)) has a mean of at most 1 given the past where
/// they are right, so that M_t = prod (1 - lambda_s + lambda_s e_s) exceeds 1/test_level at some time with probability
/// test_level at most (Ville 1939). lambda is fixed, in [0, kLargestStake], or chosen from the days before alone: the
/// maximum of the second-order expansion of their mean log growth,
///   lambda_t = sum (e_s - 1) / sum (e_s - 1)^2, brought within [0, kLargestStake].
/// Always testable. Throws std::invalid_argument as ShortfallForecasts says, and for settings outside their domains.
/// Cost: O(n).
[[nodiscard]] EBacktest e_backtest(const ShortfallForecasts& days, std::optional<double> stake = std::nullopt,
                                   double test_level = 0.05);

}  // namespace varimix
