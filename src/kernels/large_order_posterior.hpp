#pragma once

#include "posterior.hpp"
#include "special/gig_mode.hpp"

namespace varimix::kernels {

/// The posterior law of Y where its order is so large that log Gamma, or log K, cancels in the density. Both laws of Y,
/// before and after x, are taken about their modes y and y (1 + E). With L L' = Sigma, v = L^{-1}(x - mu) and
/// g = L^{-1} gamma the density is exactly, with h and phi of GigMode,
///   log f(x) = log N(x; mu + gamma Y, Y Sigma) + h(log(1 + E)) + phi(posterior) - phi(prior),   Y = y (1 + E).
/// As p grows, E and the last three terms go to 0, and the Gaussian remains.
struct LargeOrderPosterior {
  /// @param order  the posterior's p - d/2.   @param gamma_squared  g'g.
  /// @param log_constant  the part of log f(x) that does not depend on Y or its law: -(d/2) log(2 pi) - log det L.
  LargeOrderPosterior(const GigMode& prior, double order, double gamma_squared, double dimension,
                      double log_constant) noexcept;

  double y;  ///< the prior's mode of Y on the scale of log Y
  double log_y;
  double alpha, beta;  ///< the prior's (GigMode)
  double w;            ///< the prior's; the three ratios below are in units of it
  double order_ratio;  ///< order / w
  double alpha_ratio;  ///< the posterior's alpha at y, over w
  double beta_ratio;   ///< beta / w
  double half_dimension;
  double skewness;                ///< g'g y / 2
  double width;                   ///< 1 + (2 skewness + d/2) / w
  double length, inverse_length;  ///< |g|, and its inverse or 0 where |g| is too small to matter to distances
  double log_constant;
  bool is_far;  ///< true if five terms of Debye's series (kDebyeTermsFar) suffice
};

/// Returns true if large_order_posterior computes the posterior of this order: log Gamma(|p|) would lose digits, and the
/// series serves for every row. p and z = sqrt(ab) are the prior's.
[[nodiscard]] bool has_large_order(const GigMode& prior, double p, double z, double order) noexcept;

/// Computes the results of `posterior` from the results of distance for root_a = root_b = 0: distances q, projections r, and misalignments g'g q - r^2.
void large_order_posterior(const LargeOrderPosterior& law, Index rows, const double* q, const double* projection,
                           const double* misalignment, const Posteriors& out) noexcept;

}  // namespace varimix::kernels
