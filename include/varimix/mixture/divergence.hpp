#pragma once

#include <cstdint>

#include "varimix/mixture/mean_variance_mixture.hpp"

/// How far two laws are apart: of (X, Y) in closed form, of X alone by simulation.
/// The joint law depends on the gauge, that of X does not. Both models are taken in the one gauge that every law has: the
/// unit of Y in which log Y has its mode at 0 (mode_of_log_y; a - b = 2p there). So defined, the divergences below are
/// those of two laws of X, whatever the gauges of the models, and are 0 for equal laws (below 1e-30); they are at least
/// the divergence of the laws of X, and not the least over all gauges of `other`.
/// Functions of two models throw std::invalid_argument for models of different dimension, and where a model's parameters
/// are not finite in that gauge.
namespace varimix {

/// H^2 = 1 - Int sqrt(f g) = Int (sqrt(f) - sqrt(g))^2 / 2 of the joint laws, in [0, 1]; symmetric. The joint laws are an
/// exponential family with log-partition psi, so that -log(1 - H^2) = (psi(t1) + psi(t2))/2 - psi((t1 + t2)/2), which is
///   sum_j log cosh(log s_j)/2 + (phi_1 + phi_2)/2 - phi + m,
/// s_j the singular values of L_2^{-1} L_1, phi_k = log Int e^{h_k(t)} dt with h_k(t) = p_k (t - sinh t) - w_k (cosh t - 1),
/// w = hypot(p, sqrt(ab)), and phi and m those of h(t) = (h_1 + h_2)/2 - Q(t)/8, less its maximum -m; Q(t) is the squared
/// distance of the means given Y = e^t over Y, in the metric of (Sigma_1 + Sigma_2)/2. Every term is >= 0 or of size log w.
/// Close laws (H^2 below kCloseLaws) are summed in t from positive terms. w below kLeastSummedCurvature never is.
/// Accuracy (test DivergenceAccuracy.*): absolute kDivergenceError; of H for close laws absolute kDivergenceError, that is
/// 2 kDivergenceError / H of H^2: the effect of a rounding of the parameters. (A small one, but for gamma laws, which feel
/// a difference of mu as its power 2 alpha, and inverse gamma ones so of gamma: at alpha = 0.06 a rounding is 4e-6.)
/// Cost: O(d^3); about 7 us at d = 2, 13 us for close laws, 50 us at d = 50; in proportion to 1 + 1/w.
template <Subordinator S>
[[nodiscard]] double squared_hellinger(const MeanVarianceMixture<S>& model, const MeanVarianceMixture<S>& other);

/// KL(model || other) = E[log f(X, Y) - log g(X, Y)] under the model, of the joint laws, in nats, >= 0: with u = s_j^2
///   sum_j (u - 1 - log u)/2 + E[Q(log Y)]/2 + phi_2 - phi_1 + (a_2 - a_1) E[e^t - 1 - t]/2 + (b_2 - b_1) E[e^-t - 1 + t]/2,
/// t = log Y, Q here in the metric of Sigma_2, the rest as above. +inf where it is: where E[Y] or E[1/Y] is infinite
/// (Gamma and InverseGamma with alpha <= 1) and multiplies anything but 0. At least -2 log(1 - H^2).
/// Accuracy: kDivergenceError of max(1, KL); for close laws sqrt(KL) to kDivergenceError. Cost as squared_hellinger.
template <Subordinator S>
[[nodiscard]] double kl_divergence(const MeanVarianceMixture<S>& model, const MeanVarianceMixture<S>& other);

/// The promised error of both.
inline constexpr double kDivergenceError = 1e-14;
/// From here on down a divergence is summed from positive terms, which keeps its digits.
inline constexpr double kCloseLaws = 1e-2;
/// The smallest w of laws that are so summed: t = log Y spreads over 60/w.
inline constexpr double kLeastSummedCurvature = 0.1;

/// The mean of n independent terms and the estimate of its standard deviation, the root of their variance (divisor n - 1)
/// over n.
struct MonteCarloEstimate {
  double value;
  double standard_error;
  std::int64_t n;
};

/// H^2 of the laws of X, of any two families: the mean of 1 - 2 sqrt(fg)/(f + g), which lies in [0, 1], over n pairs, one
/// row of either law. The standard error is at most H / sqrt(2n), whatever the laws.
/// The same bits for any number of threads; memory does not grow with n. Throws std::invalid_argument for n < 2.
/// Rows at which both densities are infinite say nothing and are left out of the mean and of n; with less than two left the
/// value is 0, its standard error inf. That is where sqrt(Y) Z underflows, for a Variance Gamma with alpha below 0.01, of
/// which rvs ends at the smallest double.
template <Subordinator S1, Subordinator S2>
[[nodiscard]] MonteCarloEstimate monte_carlo_squared_hellinger(const MeanVarianceMixture<S1>& model,
                                                               const MeanVarianceMixture<S2>& other, std::int64_t n,
                                                               const Seed& seed);

/// KL(model || other) of the laws of X, of any two families: the mean of log f - log g over n rows of the model. Where the
/// tails of the model are much heavier the variance is infinite (a power against an exponential tail), and the standard
/// error says little; where KL is infinite the estimate grows with n. Otherwise as monte_carlo_squared_hellinger.
template <Subordinator S1, Subordinator S2>
[[nodiscard]] MonteCarloEstimate monte_carlo_kl_divergence(const MeanVarianceMixture<S1>& model,
                                                           const MeanVarianceMixture<S2>& other, std::int64_t n,
                                                           const Seed& seed);

}  // namespace varimix
