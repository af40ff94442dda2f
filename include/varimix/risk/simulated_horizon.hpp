#pragma once

#include <span>

#include "varimix/core/choice.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

// The sum of h independent draws of a model is h mu + gamma S + sqrt(S) Z, Z ~ N(0, Sigma), S the sum of h Y's. Where
// the law of S has no closed form, S is simulated and the rest is computed: the distribution function of a portfolio's
// return is the mean of normal ones over draws of S, and as smooth.

/// Returns n draws of S, the sum of `days` independent Y's. Draw i uses the random stream (seed, i) alone: the bits do
/// not depend on the number of threads, nor the first k draws on n.
/// Throws std::invalid_argument unless 1 <= days <= kMostSimulatedDays and n >= 1. Cost: n days draws of Y.
template <Subordinator S>
[[nodiscard]] Vector draw_sums_of_y(const S& y, Index days, Index n, const Seed& seed);

/// Returns n draws of the sum of `days` draws of the model, one a row, with the S of draw_sums_of_y. Throws as it does.
template <Subordinator S>
[[nodiscard]] RowMatrix draw_horizon_rows(const MeanVarianceMixture<S>& model, Index days, Index n, const Seed& seed);

/// What simulated numbers of a tail rest on.
enum class HorizonStatus {
  kOk,
  kSmallEffectiveSampleSize,   ///< fewer than kLeastTailSample draws of S count in the tail
  kInfiniteExpectedShortfall,  ///< the mean of the losses beyond the value at risk is infinite
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<HorizonStatus> = {"ok", "small_effective_sample_size",
                                                                          "infinite_expected_shortfall"};

/// Returns a sentence that says what a status means; "" for kOk.
[[nodiscard]] std::string_view sentence(HorizonStatus status) noexcept;

/// The tail risk of a return R over the horizon, estimated from draws of S, with standard errors of the simulation.
struct HorizonRisk {
  double value_at_risk;       ///< -q, where the mean of P(R <= q | S) is alpha
  double expected_shortfall;  ///< -q + mean of E[(q - R)+ | S] / alpha; inf where it does not exist
  double value_at_risk_error;
  double expected_shortfall_error;  ///< inf where the variance of a loss in the tail is
  double effective_sample_size;     ///< (sum P)^2 / sum P^2 of P(R <= q | S): how many draws of S count in the tail
  HorizonStatus status;
};

/// Returns the tail risk of the sum of `days` returns of the law `day`, given draws of the sum of its Y's.
/// Throws std::invalid_argument unless 0 < alpha < 1. Cost: some 15 sweeps over the draws, 0.5 us a draw.
[[nodiscard]] HorizonRisk horizon_risk(const UnivariateLaw& day, Index days, std::span<const double> sums,
                                       double alpha);

/// Computes estimates of P(R <= x[i]) and their standard errors. Throws where an output has another size than x.
/// NaN gives NaN.
void horizon_cdf(const UnivariateLaw& day, Index days, std::span<const double> sums, std::span<const double> x,
                 std::span<double> out_cdf, std::span<double> out_error);

/// A horizon that is simulated has at most this many days, 40 years: beyond, a million draws take minutes.
inline constexpr Index kMostSimulatedDays = 10'000;
/// Below this effective sample size numbers of a tail, and their standard errors, are rough: a tenth or worse.
inline constexpr double kLeastTailSample = 100.0;

}  // namespace varimix
