#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "varimix/core/types.hpp"
#include "varimix/random/key.hpp"
#include "varimix/risk/backtest_test.hpp"
#include "varimix/univariate/univariate_law.hpp"

namespace varimix {

/// The returns R_t of a backtest beside the value at risk and the expected shortfall (ES) that were forecast for each
/// day, both positive where they are losses, at tail probability alpha. A day fails where R_t < -VaR_t; its indicator
/// is I_t. Functions that take it throw std::invalid_argument, naming the day, unless alpha is in [1e-50, 1), there is a
/// day, all three have one size and are finite, ES_t > 0, ES_t > VaR_t, and no quotient of them is beyond 1e50.
struct ShortfallForecasts {
  std::span<const double> returns;
  std::span<const double> value_at_risk;
  std::span<const double> expected_shortfall;
  double alpha;
};

/// How a null law is simulated.
struct NullSimulation {
  Key key;
  std::int64_t replicates = 5000;  ///< >= 1, and enough for a critical value: test_level (replicates + 1) >= 1
  double test_level = 0.05;        ///< size of the test whose critical value is given, in (0, 1)
};

/// Computes out[i] = F_day^-1(u[i]), the quantiles of the law that was forecast for a day (from 0), 0 < u < alpha.
/// It is called from several threads at once.
using TailQuantile = std::function<void(Index day, std::span<const double> u, std::span<double> out)>;

/// A statistic that is low where losses are larger than forecast, with its critical value: the test of size test_level
/// rejects below it.
struct SimulatedTest {
  BacktestTest test;
  std::optional<double> critical_value = std::nullopt;
  bool operator==(const SimulatedTest&) const = default;
};

/// The tests of Acerbi and Szekely (2014, "Back-testing expected shortfall", Risk, December):
///   Z1 = 1 + sum_t (R_t I_t / ES_t) / N,   Z2 = 1 + sum_t R_t I_t / (n alpha ES_t),   N = sum_t I_t,
/// which are 0 in the mean where forecasts are right. Z1 sees the size of losses given that days fail, and is not
/// testable where none does; Z2 sees their number too.
struct AcerbiSzekely {
  SimulatedTest z1;
  SimulatedTest z2;
  bool operator==(const AcerbiSzekely&) const = default;
};

/// Computes the statistics alone: their status is kNotSimulated.
[[nodiscard]] AcerbiSzekely acerbi_szekely(const ShortfallForecasts& days);
/// Computes them with p-values, (1 + #{Z* <= Z}) / (replicates + 1), and critical values. The Z* are drawn from the law
/// of each day: U uniform, R = F_t^-1(U) only where U < alpha. Z1 is taken over the replicates in which a day fails; it is
/// not testable if there are none. Throws std::invalid_argument for settings outside their domains, and for a quantile
/// that is not finite.
/// Cost: replicates uniform numbers a day, and a quantile for each draw below alpha. The same key gives the same bits
/// for any number of threads.
[[nodiscard]] AcerbiSzekely acerbi_szekely(const ShortfallForecasts& days, const TailQuantile& quantile,
                                           const NullSimulation& simulation);
/// Does so for the laws of the days, or one law of all days. Where a day has more than 33 draws below alpha, its
/// quantiles come from a table of so many points, to 2e-4 of their distance from F_t^-1(alpha). Throws std::invalid_argument for another number of laws.
[[nodiscard]] AcerbiSzekely acerbi_szekely(const ShortfallForecasts& days, std::span<const UnivariateLaw> laws,
                                           const NullSimulation& simulation);

/// Tests that losses beyond the value at risk have the mean ES_t, against a larger one (McNeil and Frey 2000, Journal of
/// Empirical Finance 7:271). Residuals of the failures are r_t = (-R_t - ES_t) / ES_t, in units of the day's ES as no
/// other scale is given; t = mean(r) sqrt(N) / sd(r), and its null law is that of bootstrap samples of the centred
/// residuals (Efron and Tibshirani 1993, section 16.4): p = (1 + #{t* >= t}) / (replicates + 1). Not testable with
/// fewer than two failures, or equal residuals. Cost: replicates times N draws.
[[nodiscard]] BacktestTest mcneil_frey(const ShortfallForecasts& days, const Key& key, std::int64_t replicates = 5000);

}  // namespace varimix
