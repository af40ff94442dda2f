#include <algorithm>
#include <cmath>
#include <limits>

#include "gig_functions.hpp"

namespace varimix {
namespace {

/// The log density of s, the distance of log Y from its mode, less that at the mode, for the order lambda = p >= 0, in
/// Devroye's form: psi(s) = -alpha (cosh s - 1) - lambda (e^s - s - 1), alpha = hypot(omega, lambda) - lambda,
/// omega = sqrt(ab).
struct LogDensity {
  double alpha, lambda;
  [[nodiscard]] double operator()(double s) const {
    const double sinh_half = std::sinh(0.5 * s);
    return -2.0 * alpha * sinh_half * sinh_half - lambda * (std::expm1(s) - s);
  }
  [[nodiscard]] double slope(double s) const { return -alpha * std::sinh(s) - lambda * std::expm1(s); }
};

/// Devroye's dominating curve, which is 1 on [-left, right] and exponential beyond.
struct Envelope {
  double t, s;         // the tails touch the density at t and -s: psi is about -1 there
  double eta, zeta;    // -psi(t), -psi'(t)
  double theta, xi;    // -psi(-s), psi'(-s)
  double left, right;  // s' and t' of the paper
};

constexpr double kDevroyeFour = 4.0;  // the constant in Devroye's choices of t and s

double touching_right(const LogDensity& psi) {
  const double drop = -psi(1.0);
  if (drop > 2.0) return std::sqrt(2.0 / (psi.alpha + psi.lambda));
  if (drop < 0.5) return std::log(kDevroyeFour / (psi.alpha + 2.0 * psi.lambda));
  return 1.0;
}

double touching_left(const LogDensity& psi) {
  const double drop = -psi(-1.0);
  constexpr double kCoshOne = 1.5430806348152437785;
  if (drop > 2.0) return std::sqrt(kDevroyeFour / (psi.alpha * kCoshOne + psi.lambda));
  if (drop < 0.5) return std::min(1.0 / psi.lambda, std::acosh(1.0 + 1.0 / psi.alpha));
  return 1.0;
}

Envelope envelope_of(const LogDensity& psi) {
  Envelope e{};
  e.t = touching_right(psi);
  e.s = touching_left(psi);
  e.eta = -psi(e.t);
  e.zeta = -psi.slope(e.t);
  e.theta = -psi(-e.s);
  e.xi = psi.slope(-e.s);
  e.right = e.t - e.eta / e.zeta;
  e.left = e.s - e.theta / e.xi;
  return e;
}

double draw_standard(CounterStream& stream, const LogDensity& psi) {
  const Envelope e = envelope_of(psi);
  const double centre = e.left + e.right;
  const double right_tail = 1.0 / e.zeta;
  const double left_tail = 1.0 / e.xi;
  while (true) {
    const double u = stream.uniform() * (centre + right_tail + left_tail);
    const double v = stream.uniform();
    double s = e.right - right_tail * std::log(v);
    double log_hat = -e.eta - e.zeta * (s - e.t);
    if (u < centre) {
      s = -e.left + centre * v;
      log_hat = 0.0;
    } else if (u >= centre + right_tail) {
      s = -e.left + left_tail * std::log(v);
      log_hat = -e.theta + e.xi * (s + e.s);
    }
    if (std::log(stream.uniform()) + log_hat <= psi(s)) return s;
  }
}

}  // namespace

double sample_gig(CounterStream& stream, double p, double a, double b) noexcept {
  const double omega = std::sqrt(a) * std::sqrt(b);
  const double lambda = std::abs(p);
  const double w = std::hypot(omega, lambda);
  const double s = draw_standard(stream, {.alpha = omega / (w + lambda) * omega, .lambda = lambda});
  // For p < 0, 1/Y is GIG(-p, b, a). Logarithms are taken because e^s alone may leave the doubles.
  const double log_y = p >= 0.0 ? std::log(w + lambda) - std::log(a) + s : std::log(b) - std::log(w + lambda) - s;
  return std::clamp(std::exp(log_y), std::numeric_limits<double>::min(), std::numeric_limits<double>::max());
}

}  // namespace varimix
