#include "varimix/inference/gaussian_test.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <utility>

#include "chi_square.hpp"
#include "em/whitening.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/moment_partial.hpp"

namespace varimix {
namespace {

// Half the range of a column below which its square is no double: the column counts as constant.
constexpr double kLeastHalfRange = 1e-150;

GaussianTest not_tested(GaussianTestStatus status, Index d, std::vector<Index> columns = {}) {
  return {.status = status, .d = d, .columns = std::move(columns)};
}

GaussianTest not_tested(const Whitening& factors) {
  const bool is_constant = !factors.constant.empty();
  return not_tested(is_constant ? GaussianTestStatus::kConstantColumns : GaussianTestStatus::kCollinearColumns,
                    factors.deviation.size(), is_constant ? factors.constant : factors.collinear);
}

/// Returns the test of n rows whose sum of q^2 - 2(d+2) q + d(d+2) is `kurtosis`, and whose sum of z (q-d-2) has the
/// square `skewness_squared`.
GaussianTest tested(double kurtosis, double skewness_squared, std::int64_t rows, Index columns) {
  const auto n = static_cast<double>(rows);
  const auto d = static_cast<double>(columns);
  constexpr double kVarianceOfKurtosis = 8.0;  // of q^2 - 2(d+2) q, for each d (d+2)
  GaussianTest test{.status = GaussianTestStatus::kTested, .n = rows, .d = columns};
  test.kurtosis_z = kurtosis / std::sqrt(kVarianceOfKurtosis * d * (d + 2.0) * n);
  test.skewness_chi2 = skewness_squared / (2.0 * (d + 2.0) * n);
  const double heavier = std::max(test.kurtosis_z, 0.0);
  test.statistic = heavier * heavier + test.skewness_chi2;
  const double larger = log_chi_square_sf(test.statistic, d + 1.0);
  const double smaller = log_chi_square_sf(test.statistic, d);
  test.log_p_value = larger + std::log1p(std::exp(smaller - larger)) - kLogTwo;
  test.p_value = std::exp(*test.log_p_value);
  return test;
}

/// The answer to a request for the rows' moments.
MomentPartial moments(const RowView& x, const MomentRequest& request) { return *moment_partial(request, x); }

}  // namespace

GaussianTest gaussian_test(const RowView& x) {
  const Index d = x.columns();
  require_complete_rows(x, std::max<Index>(1, d), "X");
  const MomentPartial range = moments(x, {.pass = MomentPass::kRanges});
  const Vector half_range = 0.5 * range.high - 0.5 * range.low;
  require(half_range.allFinite(), "X", "columns whose range is a double", "a larger one");
  if (x.rows() <= d) return not_tested(GaussianTestStatus::kTooFewRows, d);
  Whitening factors;
  for (Index j = 0; j < d; ++j) {
    if (half_range(j) < kLeastHalfRange) factors.constant.push_back(j);
  }
  if (!factors.constant.empty()) return not_tested(GaussianTestStatus::kConstantColumns, d, factors.constant);

  const auto n = static_cast<double>(x.rows());
  const Vector middle = 0.5 * range.low + 0.5 * range.high;
  const MomentPartial sums = moments(x, {.pass = MomentPass::kProducts, .origin = middle, .scale = half_range});
  const Vector mean = sums.sums[0].col(0) / n;
  factors = whitening(sums.sums[1] / n - mean * mean.transpose());
  if (!factors.exists()) return not_tested(factors);
  const Vector origin = middle + half_range.cwiseProduct(mean);
  const Vector deviation = half_range.cwiseProduct(factors.deviation);
  const MomentPartial shape =
      moments(x, {.pass = MomentPass::kShape, .origin = origin, .scale = deviation, .root = factors.root});
  const Vector skewness = shape.sums[0].col(0);  // of z q; the mean of q is d
  // Far from 0 the origin is rounded to the doubles there. The mean is off it by so much, in units of z: to first order
  // z loses that, and q twice its product with z.
  const Vector off = factors.root.triangularView<Eigen::Lower>().solve(
      (half_range.cwiseProduct(mean) - (origin - middle)).cwiseQuotient(deviation));
  const auto of_d = static_cast<double>(d);
  constexpr double kOfSquare = 4.0;
  const double kurtosis = shape.sums[1](0, 0) - kOfSquare * off.dot(skewness) - n * of_d * (of_d + 2.0);
  return tested(kurtosis, (skewness - n * (of_d + 2.0) * off).squaredNorm(), x.rows(), d);
}

GaussianTest gaussian_test(const GaussianTestStream& stream) {
  const Index d = stream.d();
  if (stream.has_overflown) return not_tested(GaussianTestStatus::kOverflow, d);
  const RowMoments all = stream.total();
  if (all.rows <= d) return not_tested(GaussianTestStatus::kTooFewRows, d);
  const Whitening factors = whitening(all.covariance(static_cast<double>(all.rows)));
  if (!factors.exists()) return not_tested(factors);
  if (stream.tested == 0) return not_tested(GaussianTestStatus::kTooFewRows, d);
  const Vector white =
      factors.root.triangularView<Eigen::Lower>().solve(stream.skewness.cwiseQuotient(factors.deviation));
  return tested(stream.kurtosis, white.squaredNorm(), stream.tested, d);
}

}  // namespace varimix
