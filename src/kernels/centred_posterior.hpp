#pragma once

#include "posterior.hpp"
#include "special/gig_mode.hpp"

namespace varimix::simd {

/// The posterior law of Y where its order is so large that log Gamma, or log K, cancels in the density: both laws of Y, before
/// and after x, are taken about their modes y and y (1 + E). With v = L^{-1}(x - mu), g = L^{-1} gamma,
///   log f(x) = log N(x; mu + gamma Y, Y Sigma) + h(log(1 + E)) + phi(posterior) - phi(prior),   Y = y (1 + E),
/// exactly; as p grows E and the last three terms go to 0, and what remains is the Gaussian.
struct CentredPosterior {
  /// @param order  p - d/2 of the posterior.   @param gamma_squared  g'g.
  /// @param log_constant  what log f(x) has beside the law of Y and powers of it: -(d/2) log(2 pi) - log det L.
  CentredPosterior(const GigMode& prior, double order, double gamma_squared, double dimension,
                   double log_constant) noexcept;

  double y;  ///< the mode of log Y before x
  double log_y;
  double alpha, beta;  ///< of the prior
  double w;            ///< of the prior; what follows is in units of it
  double order_ratio;  ///< order / w
  double alpha_ratio;  ///< posterior alpha at y
  double beta_ratio;
  double half_dimension;
  double skewness;                ///< g'g y / 2
  double width;                   ///< 1 + (2 skewness + d/2) / w
  double length, inverse_length;  ///< |g|, and its inverse or 0 where |g| is too small to matter to distances
  double log_constant;
  bool is_far;  ///< five terms of Debye's series serve
};

/// Whether the posterior of this order is computed by centred_posterior: log Gamma(|p|) would lose digits, and the series
/// serves for every row. p and z = sqrt(ab) are the prior's.
[[nodiscard]] bool is_centred(const GigMode& prior, double p, double z, double order) noexcept;

/// As `posterior` (and as `log_density` where out_inv_y, out_y and out_log_y are null), from what whiten gives for
/// root_a = root_b = 0: distances q, projections r, and misalignment g'g q - r^2.
void centred_posterior(const CentredPosterior& law, Index rows, const double* q, const double* projection,
                       const double* misalignment, double* out_log_density, double* out_inv_y, double* out_y,
                       double* out_log_y) noexcept;

}  // namespace varimix::simd
