#include "varimix/risk/backtest.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>

#include "backtest_checks.hpp"
#include "likelihood_ratio.hpp"

namespace varimix {

double count_log_ratio(double count, double a, double b) noexcept {
  return count == 0.0 ? 0.0 : count * std::log(a / b);
}

// A chi-square number with 1 degree of freedom is the square of a standard normal one.
double chi_square_1_sf(double x) noexcept { return std::erfc(std::sqrt(0.5 * x)); }

double chi_square_2_sf(double x) noexcept { return std::exp(-0.5 * x); }

namespace {

void require_counts(const BacktestCounts& counts) { require(counts.days() >= 1, "days", ">= 1", counts.days()); }

double coverage_ratio(double x, double n, double alpha) noexcept {
  const double hits = count_log_ratio(x, x, n * alpha);
  const double rest = x == 0.0 ? -n * std::log1p(-alpha) : count_log_ratio(n - x, n - x, n * (1.0 - alpha));
  return std::max(0.0, 2.0 * (hits + rest));
}

/// Returns the probability of all counts whose likelihood ratio is no smaller than the one observed. Two counts may have
/// one ratio (alpha = 1/2), so that rounding must not part them.
double exact_p_value(double n, double alpha, double observed) {
  constexpr double kRounding = 1e-10;
  const double least = observed - kRounding * std::max(1.0, observed);
  const boost::math::binomial_distribution<double> law(n, alpha);
  double p = 0.0;
  for (double x = 0.0; x <= n; ++x) {
    if (coverage_ratio(x, n, alpha) >= least) p += boost::math::pdf(law, x);
  }
  return std::min(p, 1.0);
}

/// Returns the largest log-likelihood of a and b draws of two kinds.
double two_kinds(double a, double b) noexcept { return count_log_ratio(a, a, a + b) + count_log_ratio(b, b, a + b); }

}  // namespace

BacktestTest kupiec(const BacktestCounts& counts, double alpha) {
  require_alpha(alpha);
  require_counts(counts);
  const auto n = static_cast<double>(counts.days());
  const double ratio = coverage_ratio(static_cast<double>(counts.failures()), n, alpha);
  const double p = counts.days() < kExactDays ? exact_p_value(n, alpha, ratio) : chi_square_1_sf(ratio);
  return {BacktestStatus::kTested, ratio, p};
}

BacktestTest christoffersen_independence(const BacktestCounts& counts) {
  require_counts(counts);
  const FailureTransitions of = counts.transitions();
  const bool is_testable = of.n00 + of.n01 > 0 && of.n10 + of.n11 > 0 && of.n00 + of.n10 > 0 && of.n01 + of.n11 > 0;
  if (!is_testable) return {};
  const auto n00 = static_cast<double>(of.n00);
  const auto n01 = static_cast<double>(of.n01);
  const auto n10 = static_cast<double>(of.n10);
  const auto n11 = static_cast<double>(of.n11);
  const double ratio =
      std::max(0.0, 2.0 * (two_kinds(n00, n01) + two_kinds(n10, n11) - two_kinds(n00 + n10, n01 + n11)));
  return {BacktestStatus::kTested, ratio, chi_square_1_sf(ratio)};
}

BacktestTest christoffersen_coverage(const BacktestCounts& counts, double alpha) {
  const BacktestTest coverage = kupiec(counts, alpha);
  const BacktestTest independence = christoffersen_independence(counts);
  if (independence.status != BacktestStatus::kTested) return {};
  const double ratio = coverage.statistic + independence.statistic;
  return {BacktestStatus::kTested, ratio, chi_square_2_sf(ratio)};
}

TrafficLight traffic_light(const BacktestCounts& counts, double alpha) {
  constexpr double kYellowFrom = 0.95;
  constexpr double kRedFrom = 0.9999;
  require_alpha(alpha);
  require_counts(counts);
  const auto x = static_cast<double>(counts.failures());
  const boost::math::binomial_distribution<double> law(static_cast<double>(counts.days()), alpha);
  const double at_most = boost::math::cdf(law, x);
  const double at_least = x == 0.0 ? 1.0 : boost::math::cdf(boost::math::complement(law, x - 1.0));
  const TrafficZone zone = at_most >= kRedFrom      ? TrafficZone::kRed
                           : at_most >= kYellowFrom ? TrafficZone::kYellow
                                                    : TrafficZone::kGreen;
  return {zone, at_most, at_least};
}

}  // namespace varimix
