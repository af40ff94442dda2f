#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace varimix::tests {

/// The false-alarm rate of every statistical test here: one in a million for a random seed. The seeds are fixed, so
/// that a test that passed once passes always; the rate says how much a failure after a change means.
inline constexpr double kFalseAlarmRate = 1e-6;

/// A standard normal number exceeds this in absolute value with probability kFalseAlarmRate.
inline constexpr double kNormalCritical = 4.8916384757;

/// Returns the upper quantile of the chi-square law at kFalseAlarmRate by the approximation of Wilson and Hilferty
/// (1931), which is 10% too large at 2 degrees of freedom and at most 1% from 10 on.
inline double chi_square_critical(double degrees_of_freedom) {
  constexpr double kOneSidedCritical = 4.7534243088;
  const double v = 2.0 / (9.0 * degrees_of_freedom);
  return degrees_of_freedom * std::pow(1.0 - v + kOneSidedCritical * std::sqrt(v), 3.0);
}

/// Returns Pearson's statistic of counts that should all be equal.
inline double chi_square_of_equal(const std::vector<double>& counts) {
  double total = 0.0;
  for (const double count : counts) total += count;
  const double expected = total / static_cast<double>(counts.size());
  double sum = 0.0;
  for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

/// Returns Kolmogorov's sqrt(n) sup |F_n - F| for n numbers that should be uniform on (0, 1), where F_n is their
/// empirical distribution function and F the uniform one.
inline double kolmogorov_statistic(std::vector<double> u) {
  std::sort(u.begin(), u.end());
  const auto n = static_cast<double>(u.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const auto rank = static_cast<double>(i);
    largest = std::max({largest, u[i] - rank / n, (rank + 1.0) / n - u[i]});
  }
  return std::sqrt(n) * largest;
}

/// Returns the c that Kolmogorov's statistic exceeds with probability kFalseAlarmRate in the limit of large n, where
/// the probability is 2 exp(-2 c^2) (Kolmogorov 1933; for finite n it is below).
inline double kolmogorov_critical() { return std::sqrt(-0.5 * std::log(0.5 * kFalseAlarmRate)); }

}  // namespace varimix::tests
