#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "varimix/core/choice.hpp"
#include "varimix/core/types.hpp"

namespace varimix {

/// What Vuong's statistic takes off for parameters, with n rows and k_a, k_b free parameters.
enum class VuongCorrection {
  kNone,
  kAic,  ///< k_a - k_b nats
  kBic,  ///< (k_a - k_b) log(n)/2 nats
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<VuongCorrection> = {"none", "aic", "bic"};

enum class VuongStatus {
  kOk,
  kIndistinguishable,  ///< all rows have one difference: the variance is 0, and there is no statistic
};
template <>
inline constexpr std::array<std::string_view, 2> kWords<VuongStatus> = {"ok", "indistinguishable"};

struct VuongOptions {
  VuongCorrection correction = VuongCorrection::kNone;
  Index n_parameters_a = 0;  ///< >= 0; a correction takes the difference of both
  Index n_parameters_b = 0;
  std::int64_t maxlags = 0;  ///< 0: rows are independent; more: autocovariances with Bartlett's weights, < n
};

/// Vuong's test; every number is finite.
struct VuongTest {
  VuongStatus status = VuongStatus::kIndistinguishable;
  double mean = 0.0;              ///< of log f_a - log f_b, nats per row, less the correction
  double variance = 0.0;          ///< omega^2, of one row's difference; with lags the long-run variance
  double statistic = 0.0;         ///< sqrt(n) mean / omega
  double p_value = 1.0;           ///< two-sided: neither is closer
  double p_value_a_better = 1.0;  ///< P(Z > statistic): small where a is closer to the rows' law
  double p_value_b_better = 1.0;  ///< P(Z < statistic)
  Index rows = 0;
  std::int64_t maxlags = 0;
  bool operator==(const VuongTest&) const = default;
};

/// Tests that two laws are equally close, in the Kullback-Leibler sense, to the law of the rows (Vuong 1989, Econometrica
/// 57:307), from their log densities m_i = log f_a(x_i) - log f_b(x_i):
///   z = (sum m_i - correction) / (sqrt(n) omega),  omega^2 = mean(m^2) - mean(m)^2,
/// asymptotically N(0, 1). With maxlags > 0 omega^2 is the long-run variance of Newey and West (1987), for dependent rows.
/// The null law holds for laws that do not nest and differ at the rows' law: omega^2 > 0 in the population. Laws that
/// overlap (all families meet in the Gaussian limit) may be the same law there, and then z is not normal: the first step,
/// the test of omega^2 = 0, is distinguishability_test.
/// Throws std::invalid_argument for fewer than two rows, other sizes, log densities that are not finite or beyond 1e150
/// (named by row), numbers of parameters < 0, and maxlags outside [0, n). Cost: O(n (1 + maxlags)).
[[nodiscard]] VuongTest vuong_test(std::span<const double> log_density_a, std::span<const double> log_density_b,
                                   const VuongOptions& options = {});

}  // namespace varimix
