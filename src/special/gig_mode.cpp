#include "gig_mode.hpp"

#include "bessel_coefficients.hpp"
#include "varimix/core/constants.hpp"

namespace varimix {
namespace {

/// Computes Debye's expansion (DLMF 10.41.4) as a series of the logarithm, the sum over k >= 1 of C_k(q) x^k with the
/// polynomials C_k of kDebyeLog.
double debye_remainder(double q, double x) noexcept {
  double total = 0.0;
  for (int k = kDebyeTermsNear; k >= 1; --k) {
    const auto& row = simd::kDebyeLog[k - 1];
    double term = row[k];
    for (int j = k - 1; j >= 0; --j) term = std::fma(term, q, row[j]);
    total = std::fma(total, x, term);
  }
  return total * x;
}

}  // namespace

GigMode::GigMode(double p, double a, double b) noexcept {
  const double z = std::sqrt(a) * std::sqrt(b);
  w = std::hypot(p, z);
  // larger = (w + |p|) / 2, and smaller = (w - |p|) / 2 without a difference.
  const double larger = 0.5 * w + 0.5 * std::abs(p);
  const double smaller = 0.25 * z * (z / larger);
  alpha = p > 0.0 ? larger : smaller;
  beta = p > 0.0 ? smaller : larger;
  y = p > 0.0 ? 2.0 * (larger / a) : 0.5 * (b / larger);
  log_y = std::log(y);
  const double ratio = p / w;
  remainder = debye_remainder(ratio * ratio, 1.0 / w);
}

double GigMode::log_density_of_log(double value) const noexcept {
  constexpr double kNear = 0.5;
  const double e = (value - y) / y;
  const bool is_near = std::abs(e) < kNear;
  const double t = is_near ? std::log1p(e) : std::log(value) - log_y;
  const double up = alpha > 0.0 ? alpha * (is_near ? e - t : std::expm1(t) - t) : 0.0;
  const double down = beta > 0.0 ? beta * (is_near ? t - e / (1.0 + e) : std::expm1(-t) + t) : 0.0;
  return 0.5 * (std::log(w) - kLogTwoPi) - remainder - up - down;
}

}  // namespace varimix
