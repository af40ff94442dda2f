#pragma once

#include "varimix/risk/backtest_counts.hpp"
#include "varimix/risk/backtest_test.hpp"

namespace varimix {

// Tests of the failures of a value at risk. Each throws std::invalid_argument unless alpha, the probability of a
// failure, is in (0, 1), and there is a day. n days have x failures. 0 log 0 is 0.

/// Below so many days the p-value of Kupiec's test is exact.
inline constexpr std::int64_t kExactDays = 500;

/// Tests that failures have probability alpha, by the likelihood ratio (Kupiec 1995, Journal of Derivatives 3:73)
///   LR_uc = 2 [x log(x / (n alpha)) + (n - x) log((n - x) / (n (1 - alpha)))],
/// which is -2n log(1 - alpha) for x = 0 and -2n log(alpha) for x = n. The p-value is that of chi-square with one degree
/// of freedom; for n < kExactDays the binomial probability of all counts whose LR_uc is no smaller.
/// Always testable. Cost: O(1), O(n) below kExactDays.
[[nodiscard]] BacktestTest kupiec(const BacktestCounts& counts, double alpha);

/// Tests that a failure does not depend on the day before (Christoffersen 1998, International Economic Review 39:841):
///   LR_ind = 2 [l(n00, n01) + l(n10, n11) - l(n00 + n10, n01 + n11)],  l(a, b) = a log(a/(a+b)) + b log(b/(a+b)),
/// chi-square with one degree of freedom. Not testable where a margin of the table of transitions is 0, so that LR_ind
/// is 0 whatever the law: no failure, all failures, one failure on the first or on the last day.
[[nodiscard]] BacktestTest christoffersen_independence(const BacktestCounts& counts);

/// Tests both (Christoffersen 1998): LR_cc = LR_uc + LR_ind, chi-square with two degrees of freedom. Not testable where
/// independence is not.
[[nodiscard]] BacktestTest christoffersen_coverage(const BacktestCounts& counts, double alpha);

/// The test of durations, and the shape of their law: below 1 where failures cluster.
struct DurationTest {
  BacktestTest test;
  double shape =
      1.0;  ///< b, the estimate within [1/kLargestDurationShape, kLargestDurationShape]; 1 where it is not testable
  bool at_bound = false;  ///< the likelihood grows to the end of that interval; the true LR is larger
  bool operator==(const DurationTest&) const = default;
};
inline constexpr double kLargestDurationShape = 16.0;

/// Tests that failures have no memory, by the days from one to the next: the durations d have the discrete Weibull law
/// P(D > d) = exp(-theta d^b) (Nakagawa and Osaki 1975, IEEE Transactions on Reliability 24:300), geometric for b = 1.
/// The days before the first failure and after the last are censored durations, P(D > L). It is the test of
/// Christoffersen and Pelletier (2004, Journal of Financial Econometrics 2:84) in the discrete form of Haas (2005,
/// Journal of Risk 8(2):17), whose null law is that of days, not its continuous limit. The likelihood ratio of b = 1 is
/// chi-square with one degree of freedom. Not testable with fewer than three failures, or failures only.
/// Cost: some 30 maximisations over theta, each O(different durations) times 5 to 10 Newton steps.
[[nodiscard]] DurationTest duration_test(const BacktestCounts& counts);

/// The zones of the Basel Committee (1996, "Supervisory framework for the use of backtesting").
enum class TrafficZone { kGreen, kYellow, kRed };
template <>
inline constexpr std::array<std::string_view, 3> kWords<TrafficZone> = {"green", "yellow", "red"};

/// The traffic light: where P(N <= x) lies for N binomial (n, alpha).
struct TrafficLight {
  TrafficZone zone;
  double cdf;  ///< P(N <= x): green below 0.95, red from 0.9999 on
  double sf;   ///< P(N >= x), the p-value of too many failures
  bool operator==(const TrafficLight&) const = default;
};
[[nodiscard]] TrafficLight traffic_light(const BacktestCounts& counts, double alpha);

}  // namespace varimix
