#pragma once

#include <cstdint>

#include "gig_sampler.hpp"
#include "random/gamma_trial.hpp"
#include "varimix/core/types.hpp"

/// One trial of a sampler for each row of a block, on the machine's vectors. What a row becomes does not depend on the
/// others. A row gets NaN where its trial is refused, or where the answer is so near to the ends of the doubles that plain
/// code must find it; any other number is a draw. Uniform numbers are given as words of 64 bits.
namespace varimix::simd {

/// From here on sqrt(r (r + 2)) is r to rounding, and is taken as that: r^2 may overflow.
inline constexpr double kRootIsLinear = 1e100;

/// Draws from the inverse Gaussian law by a normal and a uniform number each: no row is refused.
/// @param half_spread  mu_ig / (2 lam).
void inverse_gaussian_trials(double mu_ig, double half_spread, const double* normal, const std::uint64_t* uniform,
                             Index rows, double* out_y) noexcept;

/// Draws from Gamma(alpha, rate 1), alpha >= 1, where Marsaglia and Tsang's squeeze accepts: nine of ten rows.
void gamma_trials(const GammaTrial& trial, const double* normal, const std::uint64_t* uniform, Index rows,
                  double* out) noexcept;

/// What makes Y of a Gamma variate of rate 1 and shape alpha, or, for `power` = 1/alpha > 1, alpha + 1.
struct GammaScale {
  double power;     ///< 0 for alpha >= 1
  double rate;      ///< beta
  double log_rate;  ///< log beta
  bool is_inverse;  ///< Y is an inverse gamma variate
};

/// Turns variates into Y, and NaN into NaN.
/// @param uniform  for power > 0, which multiplies by U^power.
void scale_gammas(const GammaScale& law, const std::uint64_t* uniform, Index rows, double* inout) noexcept;

/// Draws from a generalized inverse Gaussian law by three words each, columns of `words`.
void gig_trials(const GigSampler& law, const std::uint64_t* words, Index rows, Index leading, double* out_y) noexcept;

}  // namespace varimix::simd
