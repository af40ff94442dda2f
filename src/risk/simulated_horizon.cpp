#include "varimix/risk/simulated_horizon.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>

#include "mixture/families.hpp"
#include "varimix/core/block_reduce.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/random/counter_stream.hpp"
#include "varimix/special/log_normal_cdf.hpp"

namespace varimix {
namespace {

constexpr double kUnknownError = std::numeric_limits<double>::infinity();

void require_days(Index days, Index n) {
  require(days >= 1 && days <= kMostSimulatedDays, "days", "from 1 to " + std::to_string(kMostSimulatedDays), days);
  require(n >= 1, "n", ">= 1", n);
}

template <Subordinator S>
double sum_of_y(const S& y, Index days, CounterStream& stream) {
  double sum = 0.0;
  for (Index day = 0; day < days; ++day) sum += y.sample(stream);
  return std::min(sum, std::numeric_limits<double>::max());
}

/// Calls visit(row, stream) for rows 0 to n - 1, on all cores.
template <class Visit>
void for_each_row(Index n, const Seed& seed, const Visit& visit) {
  parallel_for((n + kBlockRows - 1) / kBlockRows, [&](Index block) {
    for (Index i = block * kBlockRows; i < std::min(n, (block + 1) * kBlockRows); ++i) {
      CounterStream stream(seed, StreamPurpose::kHorizonRows, static_cast<std::uint64_t>(i));
      visit(i, stream);
    }
  });
}

/// The normal laws of R given draws of S.
struct NormalLaws {
  Vector mean;
  Vector deviation;

  [[nodiscard]] double u(Index i, double x) const { return (x - mean(i)) / deviation(i); }
  /// Returns log of the mean of P(R <= x | S).
  [[nodiscard]] double log_cdf(double x) const {
    Vector logs(mean.size());
    for (Index i = 0; i < mean.size(); ++i) logs(i) = log_normal_cdf(u(i, x));
    const double largest = logs.maxCoeff();
    return std::isinf(largest) ? largest : largest + std::log((logs.array() - largest).exp().mean());
  }
};

NormalLaws laws_of(const UnivariateLaw& day, Index days, std::span<const double> sums) {
  require(!sums.empty(), "sums", "at least one", sums.size());
  const Eigen::Map<const Vector> s(sums.data(), static_cast<Index>(sums.size()));
  return {(static_cast<double>(days) * day.mu + day.gamma * s.array()).matrix(), day.sigma * s.cwiseSqrt()};
}

/// Returns the x with log_cdf(x) = log(alpha), which lies between the quantiles of the normal laws.
double quantile_of(const NormalLaws& laws, double alpha) {
  const double z = -std::numbers::sqrt2 * boost::math::erfc_inv(2.0 * alpha);
  const Vector quantiles = laws.mean + z * laws.deviation;
  const double target = std::log(alpha);
  constexpr double kLeastLogarithm = -1e100;  // a bound, because the root finder multiplies differences
  const auto excess = [&](double x) { return std::max(laws.log_cdf(x), kLeastLogarithm) - target; };
  const double low = quantiles.minCoeff();
  const double high = quantiles.maxCoeff();
  const double at_low = excess(low);
  const double at_high = excess(high);
  if (at_low >= 0.0) return low;
  if (at_high <= 0.0) return high;
  constexpr int kBits = 46;
  std::uintmax_t iterations = 100;
  const auto bracket = boost::math::tools::toms748_solve(excess, low, high, at_low, at_high,
                                                         boost::math::tools::eps_tolerance<double>(kBits), iterations);
  return 0.5 * (bracket.first + bracket.second);
}

/// Returns the standard error of the mean of numbers; inf for one.
double error_of_mean(const Vector& values) {
  const auto n = static_cast<double>(values.size());
  return n > 1.0 ? std::sqrt((values.array() - values.mean()).square().sum() / (n - 1.0) / n) : kUnknownError;
}

/// Returns log(phi(u) + u Phi(u)), phi(u) and Phi(u) the normal density and distribution function.
double log_partial_moment(double u) {
  const double log_density = -0.5 * (u * u + kLogTwoPi);
  if (u > 0.0) return std::log(std::exp(log_density) + u * std::exp(log_normal_cdf(u)));
  constexpr double kFar = -300.0;  // beyond it the difference has lost ten digits, and the series is right to 13
  if (u > kFar) return log_density + std::log1p(u * std::exp(log_normal_cdf(u) - log_density));
  const double square = 1.0 / (u * u);
  constexpr double kFirst = -3.0;
  constexpr double kSecond = 15.0;
  return log_density + std::log(square) + std::log1p(square * (kFirst + kSecond * square));
}

/// Returns whether E[(loss)^r] is finite in the left tail of R, for sums of any number of days.
bool tail_has_moment(const UnivariateLaw& day, double r) {
  if (day.gig.a > 0.0 || day.gamma > 0.0) return true;
  return day.gig.p + (day.gamma == 0.0 ? 0.5 * r : r) < 0.0;
}

}  // namespace

std::string_view sentence(HorizonStatus status) noexcept {
  switch (status) {
    case HorizonStatus::kSmallEffectiveSampleSize:
      return "few of the draws count in this tail: draw more, or take a larger alpha";
    case HorizonStatus::kInfiniteExpectedShortfall:
      return "the mean of the losses beyond the value at risk is infinite";
    default:
      return "";
  }
}

template <Subordinator S>
Vector draw_sums_of_y(const S& y, Index days, Index n, const Seed& seed) {
  require_days(days, n);
  Vector sums(n);
  for_each_row(n, seed, [&](Index i, CounterStream& stream) { sums(i) = sum_of_y(y, days, stream); });
  return sums;
}

template <Subordinator S>
RowMatrix draw_horizon_rows(const MeanVarianceMixture<S>& model, Index days, Index n, const Seed& seed) {
  require_days(days, n);
  RowMatrix rows(n, model.d());
  const Vector shift = static_cast<double>(days) * model.mu();
  for_each_row(n, seed, [&](Index i, CounterStream& stream) {
    const double sum = sum_of_y(model.subordinator(), days, stream);
    Vector z(model.d());
    for (double& number : z) number = stream.normal();
    const Vector noise = model.L_Sigma().template triangularView<Eigen::Lower>() * z;
    rows.row(i) = (shift + model.gamma() * sum + std::sqrt(sum) * noise).transpose();
  });
  return rows;
}

HorizonRisk horizon_risk(const UnivariateLaw& day, Index days, std::span<const double> sums, double alpha) {
  require(alpha > 0.0 && alpha < 1.0, "alpha", "in (0, 1)", alpha);
  const NormalLaws laws = laws_of(day, days, sums);
  const double q = quantile_of(laws, alpha);
  const double log_alpha = std::log(alpha);
  const auto n = static_cast<Index>(sums.size());
  Vector tail(n);     // P(R <= q | S) / alpha
  Vector density(n);  // f(q | S) / alpha
  Vector excess(n);   // E[(q - R)+ | S] / alpha
  for (Index i = 0; i < n; ++i) {
    const double u = laws.u(i, q);
    tail(i) = std::exp(log_normal_cdf(u) - log_alpha);
    density(i) = std::exp(-0.5 * (u * u + kLogTwoPi) - log_alpha) / laws.deviation(i);
    excess(i) = laws.deviation(i) * std::exp(log_partial_moment(u) - log_alpha);
  }
  const double effective = tail.sum() * (tail.sum() / tail.squaredNorm());
  HorizonRisk risk{-q,
                   excess.mean() - q,
                   error_of_mean(tail) / density.mean(),
                   error_of_mean(excess),
                   effective,
                   effective < kLeastTailSample ? HorizonStatus::kSmallEffectiveSampleSize : HorizonStatus::kOk};
  if (!tail_has_moment(day, 2.0)) risk.expected_shortfall_error = kUnknownError;
  if (!tail_has_moment(day, 1.0)) {
    risk.expected_shortfall = std::numeric_limits<double>::infinity();
    risk.status = HorizonStatus::kInfiniteExpectedShortfall;
  }
  return risk;
}

void horizon_cdf(const UnivariateLaw& day, Index days, std::span<const double> sums, std::span<const double> x,
                 std::span<double> out_cdf, std::span<double> out_error) {
  require(out_cdf.size() == x.size() && out_error.size() == x.size(), "out", "of the size of x", out_cdf.size());
  const NormalLaws laws = laws_of(day, days, sums);
  const Index n = laws.mean.size();
  parallel_for(static_cast<Index>(x.size()), [&](Index k) {
    const auto at = static_cast<std::size_t>(k);
    Vector probabilities(n);
    for (Index i = 0; i < n; ++i) probabilities(i) = std::exp(log_normal_cdf(laws.u(i, x[at])));
    out_cdf[at] = probabilities.mean();
    out_error[at] = std::isnan(x[at]) ? x[at] : error_of_mean(probabilities);
  });
}

#define VARIMIX_INSTANTIATE(S)                                         \
  template Vector draw_sums_of_y(const S&, Index, Index, const Seed&); \
  template RowMatrix draw_horizon_rows(const MeanVarianceMixture<S>&, Index, Index, const Seed&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
