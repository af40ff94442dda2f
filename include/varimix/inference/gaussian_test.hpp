#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "varimix/core/choice.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/em/gaussian_test_stream.hpp"

namespace varimix {

/// Whether the rows can be tested.
enum class GaussianTestStatus {
  kTested,            ///< statistics and p-value are there
  kTooFewRows,        ///< at most d rows, or a stream that has tested none yet
  kConstantColumns,   ///< columns whose rows are all equal
  kCollinearColumns,  ///< columns that those before determine to 1e-5 of their deviation
  kOverflow,          ///< the square of a number of a stream left the doubles
};
template <>
inline constexpr std::array<std::string_view, 5> kWords<GaussianTestStatus> = {
    "tested", "too_few_rows", "constant_columns", "collinear_columns", "overflow"};

/// The test that rows are independent draws of one Gaussian, against every normal variance-mean mixture: a value, finite
/// in every case. Where the rows cannot be tested the statistics are 0, and there is no p-value.
struct GaussianTest {
  GaussianTestStatus status = GaussianTestStatus::kTooFewRows;
  double kurtosis_z = 0.0;     ///< Mardia's kurtosis less that of a Gaussian, in its standard errors
  double skewness_chi2 = 0.0;  ///< length of the skewness along which a mixture is skewed, chi-square with d degrees
  double statistic = 0.0;      ///< max(kurtosis_z, 0)^2 + skewness_chi2: a Gaussian law has no mixture of lighter tails
  std::optional<double> p_value = std::nullopt;      ///< 0 where it is below 1e-308
  std::optional<double> log_p_value = std::nullopt;  ///< its logarithm, also there
  std::int64_t n = 0;                                ///< rows tested
  Index d = 0;                                       ///< columns
  std::vector<Index> columns = {};                   ///< of kConstantColumns and kCollinearColumns: which
  bool operator==(const GaussianTest&) const = default;
};

/// Tests that rows come from one Gaussian, against every normal variance-mean mixture. With z the rows made white by
/// their mean and covariance (divisor n) and q = z'z,
///   kurtosis_z = sum(q^2 - 2(d+2) q + d(d+2)) / sqrt(8 d(d+2) n),
///   skewness_chi2 = |sum z (q-d-2)|^2 / (2(d+2) n),
///   statistic T = max(kurtosis_z, 0)^2 + skewness_chi2,
///   p = (P(chi2_d > T) + P(chi2_{d+1} > T)) / 2.
/// kurtosis_z is Mardia's (1970, Biometrika 57:519). All families agree in their limit, Gaussian with a variance of Y
/// that falls to 0, and these are the two scores there: of that variance, one-sided because it is no less than 0, and
/// of gamma along z. Twice the log-likelihood ratio has the same law as n grows. T does not depend on location, scales
/// or a linear map of the columns, but by rounding.
/// The law is that of many rows. Where n is not large beside d the test rejects less than its level: at 5%, .043 of
/// Gaussian data sets of n = 500 and d = 10, .013 of n = 500 and d = 50 (docs/gaussian_test.md). Rows count as
/// independent: volatility that clusters makes more rejections.
/// There are no weights and no missing values: neither has a derivation.
/// Throws std::invalid_argument for no rows or columns, for numbers that are not finite, and for columns whose range is
/// no double. Cost: four passes over the rows, O(n d^2). The bits do not depend on the number of threads.
[[nodiscard]] GaussianTest gaussian_test(const RowView& x);

/// Returns the test of the rows that a stream has tested, by rows before them: with the sums and the q' of
/// GaussianTestStream, C the covariance of all its rows and n the number tested,
///   kurtosis_z = kurtosis / sqrt(8 d(d+2) n),  skewness_chi2 = skewness' C^{-1} skewness / (2(d+2) n).
/// Cost: O(d^3).
[[nodiscard]] GaussianTest gaussian_test(const GaussianTestStream& stream);

}  // namespace varimix
