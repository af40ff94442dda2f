#include <algorithm>
#include <cmath>
#include <limits>

#include "gig_functions.hpp"
#include "gig_sampler.hpp"

namespace varimix {
namespace {

constexpr double kDevroyeFour = 4.0;  // the constant in Devroye's choices of t and s

double touching_right(const GigLogDensity& psi) {
  const double drop = -psi(1.0);
  if (drop > 2.0) return std::sqrt(2.0 / (psi.alpha + psi.lambda));
  if (drop < 0.5) return std::log(kDevroyeFour / (psi.alpha + 2.0 * psi.lambda));
  return 1.0;
}

double touching_left(const GigLogDensity& psi) {
  const double drop = -psi(-1.0);
  constexpr double kCoshOne = 1.5430806348152437785;
  if (drop > 2.0) return std::sqrt(kDevroyeFour / (psi.alpha * kCoshOne + psi.lambda));
  if (drop < 0.5) return std::min(1.0 / psi.lambda, std::acosh(1.0 + 1.0 / psi.alpha));
  return 1.0;
}

GigEnvelope envelope_of(const GigLogDensity& psi) {
  // The tails touch the density at t and -s, where psi is about -1.
  const double t = touching_right(psi);
  const double s = touching_left(psi);
  const double zeta = -psi.slope(t);
  const double xi = psi.slope(-s);
  return {.left = s + psi(-s) / xi, .right = t + psi(t) / zeta, .left_tail = 1.0 / xi, .right_tail = 1.0 / zeta};
}

/// Returns alpha of psi.
double steepness(double omega, double lambda) { return omega / (std::hypot(omega, lambda) + lambda) * omega; }

double draw_standard(CounterStream& stream, const GigLogDensity& psi, const GigEnvelope& e) {
  const double centre = e.left + e.right;
  while (true) {
    const double u = stream.uniform() * (centre + e.right_tail + e.left_tail);
    const double v = stream.uniform();
    double log_hat = std::log(v);  // of a tail, at the distance -log(v) times its scale
    double s = e.right - e.right_tail * log_hat;
    if (u < centre) {
      s = -e.left + centre * v;
      log_hat = 0.0;
    } else if (u >= centre + e.right_tail) {
      s = -e.left + e.left_tail * log_hat;
    }
    if (std::log(stream.uniform()) + log_hat <= psi(s)) return s;
  }
}

}  // namespace

double GigLogDensity::operator()(double s) const noexcept {
  const double sinh_half = std::sinh(0.5 * s);
  return -2.0 * alpha * sinh_half * sinh_half - lambda * (std::expm1(s) - s);
}

double GigLogDensity::slope(double s) const noexcept { return -alpha * std::sinh(s) - lambda * std::expm1(s); }

GigSampler::GigSampler(double p, double a, double b) noexcept : psi{}, envelope{}, sign(p >= 0.0 ? 1.0 : -1.0) {
  const double omega = std::sqrt(a) * std::sqrt(b);
  const double lambda = std::abs(p);
  psi = {.alpha = steepness(omega, lambda), .lambda = lambda};
  envelope = envelope_of(psi);
  const double log_sum = std::log(std::hypot(omega, lambda) + lambda);
  log_mode = p >= 0.0 ? log_sum - std::log(a) : std::log(b) - log_sum;
}

double GigSampler::operator()(CounterStream& stream) const noexcept {
  // Logarithms are taken because e^s alone may leave the doubles.
  const double log_y = log_mode + sign * draw_standard(stream, psi, envelope);
  return std::clamp(std::exp(log_y), std::numeric_limits<double>::min(), std::numeric_limits<double>::max());
}

double sample_gig(CounterStream& stream, double p, double a, double b) noexcept { return GigSampler(p, a, b)(stream); }

}  // namespace varimix
