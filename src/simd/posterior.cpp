#include "posterior.hpp"

#include <cmath>
#include <limits>

#include "varimix/core/constants.hpp"

namespace varimix::simd {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// log f = constant + exponent + log(2 e^z K_order(z)) + order log sqrt(b_i/a).
double log_density_of_row(const PosteriorLaw& law, double exponent, double log_scale,
                          double log_scaled_bessel) noexcept {
  return law.log_constant + exponent + (kLogTwo + log_scaled_bessel + law.order * log_scale);
}

}  // namespace

void exponents(const PosteriorLaw& law, double gamma_squared, Index rows, const double* q, const double* misalignment,
               double* inout_projection) noexcept {
  const double root_a = std::sqrt(law.a);
  for (Index i = 0; i < rows; ++i) {
    const double r = inout_projection[i];
    const double z = root_a * std::sqrt(law.b + q[i]);
    inout_projection[i] = r > 0.0 ? -misalignment[i] / (law.z_prior + r + z)
                                  : r - (law.a * q[i] + gamma_squared * law.b) / (law.z_prior + z);
  }
}

void posterior(const PosteriorLaw& law, BesselKOrder& bessel, Index rows, const double* q, double* inout_log_density,
               double* out_inv_y, double* out_y, double* out_log_y) {
  const double root_a = std::sqrt(law.a);
  for (Index i = 0; i < rows; ++i) {
    if (q[i] == kInfinity) {
      inout_log_density[i] = -kInfinity;
      out_inv_y[i] = 0.0;
      out_y[i] = kInfinity;
      if (out_log_y != nullptr) out_log_y[i] = kInfinity;
      continue;
    }
    const double root_b = std::sqrt(law.b + q[i]);
    const double z = root_a * root_b;
    const double scale = root_b / root_a;
    const double log_scale = std::log(scale);
    const BesselK k = out_log_y != nullptr ? bessel(z) : bessel.ratios(z);
    out_inv_y[i] = k.ratio_minus / scale;
    out_y[i] = k.ratio_plus * scale;
    if (out_log_y != nullptr) out_log_y[i] = log_scale + k.dlog_dnu;
    inout_log_density[i] = log_density_of_row(law, inout_log_density[i], log_scale, k.log_scaled);
  }
}

void log_density(const PosteriorLaw& law, BesselKOrder& bessel, Index rows, const double* q,
                 double* inout_log_density) {
  const double root_a = std::sqrt(law.a);
  for (Index i = 0; i < rows; ++i) {
    if (q[i] == kInfinity) {
      inout_log_density[i] = -kInfinity;
      continue;
    }
    const double root_b = std::sqrt(law.b + q[i]);
    const double z = root_a * root_b;
    inout_log_density[i] =
        log_density_of_row(law, inout_log_density[i], std::log(root_b / root_a), bessel.ratios(z).log_scaled);
  }
}

}  // namespace varimix::simd
