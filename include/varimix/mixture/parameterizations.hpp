#pragma once

#include "varimix/mixture/mean_variance_mixture.hpp"

/// Two functions each take the laws to and from the parameters of other packages and papers. These things hold for all:
/// `to_...` does not depend on the gauge of the model; `from_...` returns the gauge that is named there. Parameters
/// come back to a few units of rounding, except those that the other form holds as a small difference, as is said
/// there. All throw std::invalid_argument naming parameter, constraint and value: for parameters outside the domain,
/// for a law that the asked family or the other form does not have, and where a parameter of the other form would not
/// be a normal double.
namespace varimix {

/// The parameters of scipy.stats.norminvgauss: a > 0, |b| < a, scale > 0. It is the NIG with alpha = a/scale,
/// beta = b/scale, delta = scale. In the classical parameters, scale = sigma sqrt(lam), b = gamma sqrt(lam)/sigma,
/// a^2 = b^2 + (lam/mu_ig)^2, sigma the root of Sigma: a - |b| is known to a rounding of a.
struct ScipyNorminvgauss {
  double a;
  double b;
  double loc;
  double scale;
  bool operator==(const ScipyNorminvgauss&) const = default;
};

/// Returns the parameters of a model with d = 1.
[[nodiscard]] ScipyNorminvgauss to_scipy_norminvgauss(const NormalInverseGaussian& model);
/// Returns the model in the gauge lam = 1: X = loc + scale (b Y + sqrt(Y) Z), Y inverse Gaussian with mean
/// 1/sqrt(a^2 - b^2).
[[nodiscard]] NormalInverseGaussian from_scipy_norminvgauss(const ScipyNorminvgauss& parameters);

/// The parameters of scipy.stats.genhyperbolic: any p, a > |b| (a >= |b| for p < 0), scale > 0; otherwise they are
/// those of ScipyNorminvgauss. scipy has no law with b = 0 in GIG(p, a, b), that is no VarianceGamma.
struct ScipyGenhyperbolic {
  double p;
  double a;
  double b;
  double loc;
  double scale;
  bool operator==(const ScipyGenhyperbolic&) const = default;
};

/// Returns the parameters of a model of any family with d = 1.
template <Subordinator S>
[[nodiscard]] ScipyGenhyperbolic to_scipy_genhyperbolic(const MeanVarianceMixture<S>& model);
/// Returns the model in the gauge Y ~ GIG(p, a^2 - b^2, 1). S may be a special family where the parameters are in it:
/// p = -1/2 for the NormalInverseGaussian, a = |b| for the NormalInverseGamma.
template <Subordinator S = GeneralizedInverseGaussian>
[[nodiscard]] MeanVarianceMixture<S> from_scipy_genhyperbolic(const ScipyGenhyperbolic& parameters);

/// The parameters (lambda, chi, psi) of R's ghyp and of McNeil, Frey and Embrechts (2015, section 6.2.3):
/// X = mu + W gamma + sqrt(W) A Z, sigma = AA', where W has a density proportional to
/// w^{lambda-1} e^{-(chi/w + psi w)/2}: W = Y, lambda = p, chi = b, psi = a. (ghyp's univariate sigma is A; this one is
/// its square.)
/// chi, psi >= 0; chi > 0 for lambda <= 0, psi > 0 for lambda >= 0. psi = 0 is the NormalInverseGamma, chi = 0 the
/// VarianceGamma, lambda = -1/2 with chi, psi > 0 the NormalInverseGaussian.
struct GhypChiPsi {
  double lambda;
  double chi;
  double psi;
  Vector mu;
  Matrix sigma;
  Vector gamma;
};

/// Returns the parameters of a model of any family, in the model's own gauge.
template <Subordinator S>
[[nodiscard]] GhypChiPsi to_ghyp_chi_psi(const MeanVarianceMixture<S>& model);
/// Returns any law as a GeneralizedHyperbolic, in the gauge given. S may be a special family where the parameters are
/// in it.
template <Subordinator S = GeneralizedInverseGaussian>
[[nodiscard]] MeanVarianceMixture<S> from_ghyp_chi_psi(const GhypChiPsi& parameters);

/// The parameters of Barndorff-Nielsen, ghyp's "alpha.delta": X | W ~ N(mu + W Delta beta, W Delta), |Delta| = 1,
/// W ~ GIG with chi = delta^2, psi = alpha^2 - beta' Delta beta (Breymann and Luethi, vignette of ghyp, section 2.3;
/// McNeil, Frey and Embrechts 2015, section 6.2.3). In terms of (lambda, chi, psi):
///   Delta = |Sigma|^{-1/d} Sigma,   beta = Sigma^{-1} gamma,   delta = sqrt(chi |Sigma|^{1/d}),
///   alpha = sqrt(|Sigma|^{-1/d} (psi + gamma' Sigma^{-1} gamma)).
/// delta >= 0, and > 0 for lambda <= 0; alpha > sqrt(beta' Delta beta), or equal to it for lambda < 0. psi is known to
/// a rounding of alpha^2: for lambda < 0 a psi within the rounding of beta' Delta beta is taken as 0, the skewed t.
struct GhypAlphaBetaDelta {
  double lambda;
  double alpha;
  double delta;
  Vector beta;
  Vector mu;
  Matrix delta_matrix;  ///< symmetric, positive definite, of determinant 1 to kUnitDeterminantTolerance
};

/// The largest distance of a caller's log |Delta| from 0: entries of ten digits come that close.
inline constexpr double kUnitDeterminantTolerance = 1e-8;

/// Returns the parameters of a model of any family.
template <Subordinator S>
[[nodiscard]] GhypAlphaBetaDelta to_ghyp_alpha_beta_delta(const MeanVarianceMixture<S>& model);
/// Returns any law as a GeneralizedHyperbolic, in the gauge Sigma = Delta. S may be a special family where the
/// parameters are in it.
template <Subordinator S = GeneralizedInverseGaussian>
[[nodiscard]] MeanVarianceMixture<S> from_ghyp_alpha_beta_delta(const GhypAlphaBetaDelta& parameters);

/// The parameters (sigma, nu, theta) of Madan, Carr and Chang (1998), Eur. Finance Rev. 2:79, at time 1, with a
/// location: X = mu + theta G + sigma sqrt(G) Z, where G is gamma with mean 1 and variance nu. sigma, nu > 0; sigma is
/// a standard deviation.
struct VarianceGammaSigmaNuTheta {
  double sigma;
  double nu;
  double theta;
  double mu;
  bool operator==(const VarianceGammaSigmaNuTheta&) const = default;
};

/// Returns the parameters of a model with d = 1.
[[nodiscard]] VarianceGammaSigmaNuTheta to_sigma_nu_theta(const VarianceGamma& model);
/// Returns the model in the gauge E[Y] = 1: alpha = beta = 1/nu.
[[nodiscard]] VarianceGamma from_sigma_nu_theta(const VarianceGammaSigmaNuTheta& parameters);

/// The parameters (C, G, M) of Carr, Geman, Madan and Yor (2002), J. Business 75:305, with their Y = 0, at time 1, with
/// a location: the Levy density is C e^{-Mx}/x for x > 0 and C e^{-G|x|}/|x| for x < 0; all three are > 0. X - mu is
/// the difference of two independent gamma variables of shape C: the gains have the rate M, the losses the rate G. In
/// terms of (sigma, nu, theta), C = 1/nu and
///   1/M = r + theta nu/2,   1/G = r - theta nu/2,   r = sqrt(theta^2 nu^2/4 + sigma^2 nu/2).
struct VarianceGammaCgm {
  double C;
  double G;
  double M;
  double mu;
  bool operator==(const VarianceGammaCgm&) const = default;
};

/// Returns the parameters of a model with d = 1.
[[nodiscard]] VarianceGammaCgm to_cgm(const VarianceGamma& model);
/// Returns the model in the gauge E[Y] = 1: alpha = beta = C.
[[nodiscard]] VarianceGamma from_cgm(const VarianceGammaCgm& parameters);

}  // namespace varimix
