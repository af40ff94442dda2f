#pragma once

#include <cstdint>

#include "varimix/mixture/mean_variance_mixture.hpp"

/// These functions say how far two laws are apart: those of (X, Y) in closed form, those of X alone by simulation.
/// The joint law depends on the gauge, the law of X does not. Both models are taken in the one gauge that every law
/// has: the unit of Y in which log Y has its mode at 0 (y_at_mode_of_log_y; a - b = 2p there). So defined, the divergences
/// do not depend on the gauges of the models, and are 0 for equal laws (below 1e-30). They are at least the divergence
/// of the laws of X, and not the least over all gauges of `other`.
/// Functions of two models throw std::invalid_argument for models of different dimension, and where a model's
/// parameters are not finite in that gauge.
namespace varimix {

/// Returns H^2 = 1 - Int sqrt(f g) = Int (sqrt(f) - sqrt(g))^2 / 2 of the joint laws, which is in [0, 1] and symmetric.
/// The joint laws are an exponential family with log-partition psi and natural parameters t1, t2, so that
/// -log(1 - H^2) = (psi(t1) + psi(t2))/2 - psi((t1 + t2)/2), which is
///   sum_j log cosh(log s_j)/2 + (phi_1 + phi_2)/2 - phi + m,
/// with the singular values s_j of L_2^{-1} L_1, w = hypot(p, sqrt(ab)), h_k(t) = p_k (t - sinh t) - w_k (cosh t - 1)
/// and phi_k = log Int e^{h_k(t)} dt. phi is that of h(t) + m, -m the maximum of h(t) = (h_1 + h_2)/2 - Q(t)/8, where
/// Q(t) is the squared distance of the means given Y = e^t over Y, in the metric of (Sigma_1 + Sigma_2)/2. Every term
/// is >= 0 or of size log w. For close laws (-log(1 - H^2) below kCloseLaws, both w at least kLeastSummedCurvature) H^2
/// is a sum over t of positive terms.
/// Accuracy (test DivergenceAccuracy.*): absolute kDivergenceError. For close laws H has the absolute error
/// kDivergenceError, that is H^2 the relative error 2 kDivergenceError / H: the effect of a rounding of the parameters.
/// (This effect is small, except that gamma laws feel a difference of mu as its power 2 alpha, and inverse gamma laws
/// one of gamma so: at alpha = 0.06 a rounding is 4e-6.)
/// Cost: O(d^3); about 7 us at d = 2, 13 us for close laws, 50 us at d = 50; in proportion to 1 + 1/w.
template <Subordinator S>
[[nodiscard]] double squared_hellinger(const MeanVarianceMixture<S>& model, const MeanVarianceMixture<S>& other);

/// Returns KL(model || other) = E[log f(X, Y) - log g(X, Y)] under the model, of the joint laws, in nats, >= 0. It is
///   sum_j (u_j - 1 - log u_j)/2 + E[Q(t)]/2 + phi_2 - phi_1
///     + (a_2 - a_1) E[e^t - 1 - t]/2 + (b_2 - b_1) E[e^-t - 1 + t]/2,
/// u_j = s_j^2, t = log Y, Q here in the metric of Sigma_2, the rest as above. It is +inf where E[Y] or E[1/Y] is
/// infinite (Gamma and InverseGamma with alpha <= 1) and multiplies anything but 0. It is at least -2 log(1 - H^2).
/// Accuracy: kDivergenceError of max(1, KL); for close laws sqrt(KL) to kDivergenceError.
/// Cost: that of squared_hellinger.
template <Subordinator S>
[[nodiscard]] double kl_divergence(const MeanVarianceMixture<S>& model, const MeanVarianceMixture<S>& other);

/// The promised error of both divergences.
inline constexpr double kDivergenceError = 1e-14;
/// Divergences below this are summed from positive terms, which keeps their digits.
inline constexpr double kCloseLaws = 1e-2;
/// The smallest w of laws whose divergence is so summed: t = log Y spreads over 60/w.
inline constexpr double kLeastSummedCurvature = 0.1;

/// The mean of n independent terms and the estimate of its standard deviation, sqrt(v / n) with v the terms' variance
/// (divisor n - 1).
struct MonteCarloEstimate {
  double value;
  double standard_error;
  std::int64_t n;
};

/// Estimates H^2 of the laws of X, of any two families: the mean of 1 - 2 sqrt(fg)/(f + g), which lies in [0, 1], over
/// n pairs, one row from either law. The standard error is at most H / sqrt(2n), whatever the laws.
/// The result has the same bits for any number of threads; memory does not grow with n.
/// Throws std::invalid_argument for n < 2.
/// Rows at which both densities are infinite say nothing and are left out of the mean and of n; with less than two left
/// the value is 0 and its standard error inf. Such rows come where sqrt(Y) Z underflows: from a VarianceGamma with
/// alpha below 0.01, whose Y ends at the smallest double in rvs.
template <Subordinator S1, Subordinator S2>
[[nodiscard]] MonteCarloEstimate monte_carlo_squared_hellinger(const MeanVarianceMixture<S1>& model,
                                                               const MeanVarianceMixture<S2>& other, std::int64_t n,
                                                               const Seed& seed);

/// Estimates KL(model || other) of the laws of X, of any two families: the mean of log f - log g over n rows of the
/// model. Where the tails of the model are much heavier the variance is infinite (a power against an exponential tail),
/// and the standard error says little; where KL is infinite the estimate grows with n. The rest is as for
/// monte_carlo_squared_hellinger.
template <Subordinator S1, Subordinator S2>
[[nodiscard]] MonteCarloEstimate monte_carlo_kl_divergence(const MeanVarianceMixture<S1>& model,
                                                           const MeanVarianceMixture<S2>& other, std::int64_t n,
                                                           const Seed& seed);

}  // namespace varimix
