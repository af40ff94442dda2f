#include "varimix/inference/vuong_test.hpp"

#include <cmath>
#include <cstddef>
#include <string>

#include "varimix/core/require.hpp"
#include "varimix/risk/shortfall_score.hpp"

namespace varimix {
namespace {

void require_log_densities(std::span<const double> values, const char* name) {
  constexpr double kLargest = 1e150;  // the square of a difference is finite
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::abs(values[i]) <= kLargest) continue;
    require(false, std::string(name) + " in row " + std::to_string(i), "finite and within 1e150", values[i]);
  }
}

double upper_tail(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

/// Returns how many nats the first law has to gain.
double nats_of(const VuongOptions& options, double n) {
  const auto more = static_cast<double>(options.n_parameters_a - options.n_parameters_b);
  if (options.correction == VuongCorrection::kNone) return 0.0;
  return options.correction == VuongCorrection::kAic ? more : 0.5 * more * std::log(n);
}

}  // namespace

VuongTest vuong_test(std::span<const double> log_density_a, std::span<const double> log_density_b,
                     const VuongOptions& options) {
  require(log_density_b.size() == log_density_a.size(), "log_density_b",
          "of the size of log_density_a, " + std::to_string(log_density_a.size()), log_density_b.size());
  require(log_density_a.size() >= 2, "X", "two rows or more", log_density_a.size());
  require_log_densities(log_density_a, "log_density_a");
  require_log_densities(log_density_b, "log_density_b");
  require(options.n_parameters_a >= 0, "n_parameters_a", ">= 0", options.n_parameters_a);
  require(options.n_parameters_b >= 0, "n_parameters_b", ">= 0", options.n_parameters_b);
  const auto rows = static_cast<Index>(log_density_a.size());
  require(options.maxlags >= 0 && options.maxlags < rows, "maxlags", ">= 0 and below the number of rows",
          options.maxlags);

  const auto n = static_cast<double>(rows);
  const ScoreDifference difference = diebold_mariano(log_density_a, log_density_b, options.maxlags);
  VuongTest test{.mean = difference.mean - nats_of(options, n) / n, .rows = rows, .maxlags = options.maxlags};
  if (difference.test.status != BacktestStatus::kTested) return test;
  test.status = VuongStatus::kOk;
  test.variance = n * difference.standard_error * difference.standard_error;
  test.statistic = test.mean / difference.standard_error;
  test.p_value_a_better = upper_tail(test.statistic);
  test.p_value_b_better = upper_tail(-test.statistic);
  test.p_value = std::erfc(std::abs(test.statistic) / std::sqrt(2.0));
  return test;
}

}  // namespace varimix
