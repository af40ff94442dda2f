#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <limits>

#include "gamma_functions.hpp"
#include "gig_nodes.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/subordinator/gig_law.hpp"

namespace varimix {
namespace {

constexpr double kLeftOut = 42.0;  // tails, which fall at least exponentially, are cut where e^-42 = 6e-19 is left

/// Returns the length of the longest panel from s in the direction of `sign` on which twenty points integrate the
/// density to rounding: the exponent falls by at most 8, and the length is at most 2 unless the exponent is linear
/// there.
double panel_length(const GigNodes& nodes, double s, double sign) {
  constexpr double kLongestFall = 8.0;
  constexpr double kLongest = 2.0;
  constexpr double kLinear = 1e-17;  // rounding does not see a second derivative below this
  const double at = nodes.exponent(s);
  // The slope, or at the mode the curvature, bounds the length.
  const double by_curvature = std::sqrt(2.0 * kLongestFall / nodes.curvature(s));
  double length = std::min(kLongestFall / std::abs(nodes.slope(s)), by_curvature);
  while (at - nodes.exponent(s + sign * length) > kLongestFall ||
         (length > kLongest && std::max(nodes.curvature(s), nodes.curvature(s + sign * length)) > kLinear)) {
    length *= 0.5;
  }
  return length;
}

/// Returns the integral of e^{exponent(u) - exponent(s)} from s outward, away from the mode, over a length of at most
/// `longest`.
double scaled_tail(const GigNodes& nodes, double s, double sign,
                   double longest = std::numeric_limits<double>::infinity()) {
  constexpr unsigned kPoints = 20;
  using Rule = boost::math::quadrature::gauss<double, kPoints>;
  const double at = nodes.exponent(s);
  double sum = 0.0;
  double end = s;
  while (at - nodes.exponent(end) < kLeftOut && std::abs(end - s) < longest) {
    const double panel = panel_length(nodes, end, sign);
    const double rest = longest - std::abs(end - s);
    const double half = 0.5 * std::min(panel, rest);
    const double centre = end + sign * half;
    for (std::size_t k = 0; k < Rule::abscissa().size(); ++k) {
      const double offset = half * Rule::abscissa()[k];
      sum += half * Rule::weights()[k] *
             (std::exp(nodes.exponent(centre - offset) - at) + std::exp(nodes.exponent(centre + offset) - at));
    }
    const double next = centre + sign * half;
    if (next == end) {  // doubles do not resolve the panel: the rest is nothing, or an exponential tail
      return rest < panel ? sum : sum + std::exp(nodes.exponent(end) - at) / std::abs(nodes.slope(end));
    }
    end = next;
  }
  return sum;
}

/// Returns the log of the integral of e^{exponent(s)} over all s. On a face Stirling's formula gives it; elsewhere it
/// is log(2 K_p(z)) + w - |p| asinh(|p|/z), or a sum where that cancels.
double log_total_of(const GigNodes& nodes, double z) {
  constexpr double kHarmless = 10.0;
  const double order = nodes.order;
  if (nodes.cosh_weight == 0.0) return 0.5 * (kLogTwoPi - std::log(order)) + stirling_remainder(order);
  const double shift = order > 0.0 ? order * std::asinh(order / z) : 0.0;
  if (shift < kHarmless) return kLogTwo + bessel_k(order, z).log_scaled + order / (nodes.width() + z) * order - shift;
  if (nodes.width() < kGigNodesFrom) {
    return std::log(scaled_tail(nodes, 0.0, 1.0) + scaled_tail(nodes, 0.0, -1.0));
  }
  double total = 0.0;
  nodes.for_each([&](double /*s*/, double /*exponent*/, double weight) { total += weight; });
  return std::log(total);
}

/// The law of s = sign log(Y / mode), whose density is e^{nodes.exponent(s) - log_total}; sign is -1 for p < 0, else 1.
struct OrientedLaw {
  GigNodes nodes;
  double sign;
  double log_total;
  double log_mode;

  explicit OrientedLaw(const GigParameters& law) : OrientedLaw(law, std::sqrt(law.a) * std::sqrt(law.b)) {}

 private:
  OrientedLaw(const GigParameters& law, double z)
      : nodes(law.p, z),
        sign(law.p < 0.0 ? -1.0 : 1.0),
        log_total(log_total_of(nodes, z)),
        log_mode(sign * (std::log(std::hypot(law.p, z) + std::abs(law.p)) - std::log(law.p < 0.0 ? law.b : law.a))) {}
};

/// Returns the log of the tail beyond s, away from the mode.
double log_outer_tail(const GigNodes& nodes, double s, double log_total) {
  const double at = nodes.exponent(s);
  if (std::isinf(at) || std::isnan(at)) return -std::numeric_limits<double>::infinity();
  return at + std::log(scaled_tail(nodes, s, s < 0.0 ? -1.0 : 1.0)) - log_total;
}

/// Returns the log of the tail at s that holds the mode, from what the outer tail leaves, or by an integral where the
/// outer tail holds nearly all.
double log_inner_tail(const GigNodes& nodes, double s, double log_outer, double log_total) {
  constexpr double kNearlyAll = -0.1;
  if (log_outer < kNearlyAll) return std::log1p(-std::exp(log_outer));
  const double outward = s < 0.0 ? -1.0 : 1.0;
  return std::log(scaled_tail(nodes, 0.0, outward, std::abs(s)) + scaled_tail(nodes, 0.0, -outward)) - log_total;
}

/// Returns both tails of s at a point.
LogTails oriented_tails(const GigNodes& nodes, double s, double log_total) {
  const double outer = log_outer_tail(nodes, s, log_total);
  const double inner = log_inner_tail(nodes, s, outer, log_total);
  return s < 0.0 ? LogTails{outer, inner} : LogTails{inner, outer};
}

/// Returns roughly the point where the exponent has fallen to `level`. Newton's method on a tail starts well there,
/// because log tails and exponents have nearly the same slopes.
double point_of_exponent(const GigNodes& nodes, double level, double sign) {
  double high = 1.0 / std::sqrt(std::max(nodes.curvature(0.0), std::numeric_limits<double>::min()));
  while (nodes.exponent(sign * high) > level) high *= 2.0;
  double low = 0.0;
  constexpr double kRoughly = 1e-5;
  while (high - low > kRoughly * high) {
    const double middle = 0.5 * (low + high);
    (nodes.exponent(sign * middle) > level ? low : high) = middle;
  }
  return sign * low;
}

}  // namespace

LogTails gig_log_tails(const GigParameters& law, double y) noexcept {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  if (std::isnan(y)) return {y, y};
  if (!(y > 0.0)) return {-kInfinite, 0.0};
  if (std::isinf(y)) return {0.0, -kInfinite};
  const OrientedLaw oriented(law);
  const double s = oriented.sign * (std::log(y) - oriented.log_mode);
  const LogTails tails = oriented_tails(oriented.nodes, s, oriented.log_total);
  return oriented.sign > 0.0 ? tails : LogTails{tails.upper, tails.lower};
}

double gig_quantile(const GigParameters& law, double log_q, bool upper) noexcept {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  if (!(log_q <= 0.0)) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(log_q) || log_q == 0.0) return (log_q == 0.0) == upper ? 0.0 : kInfinite;
  constexpr double kLogHalf = -0.69314718055994530942;
  if (log_q > kLogHalf) {  // the smaller tail has the digits
    log_q = std::log(-std::expm1(log_q));
    upper = !upper;
  }
  const OrientedLaw oriented(law);
  const bool is_upper = upper == (oriented.sign > 0.0);
  const LogTails at_mode = oriented_tails(oriented.nodes, 0.0, oriented.log_total);
  const bool is_outer = log_q < (is_upper ? at_mode.upper : at_mode.lower);
  double s = is_outer ? point_of_exponent(oriented.nodes, log_q - kLogHalf, is_upper ? 1.0 : -1.0) : 0.0;
  constexpr int kMostSteps =
      1000;  // usual laws take 3 to 6; at shapes of 1e-300 the log tail is as flat as a logarithm
  constexpr double kNearlyMet = 1e-8;  // the next error is at most about its square
  for (int step = 0; step < kMostSteps; ++step) {
    const LogTails tails = oriented_tails(oriented.nodes, s, oriented.log_total);
    const double log_tail = is_upper ? tails.upper : tails.lower;
    const double slope = std::exp(oriented.nodes.exponent(s) - oriented.log_total - log_tail);
    const double change = (log_q - log_tail) / slope;
    s += is_upper ? -change : change;
    if (std::abs(log_q - log_tail) < kNearlyMet) break;
  }
  return std::exp(oriented.log_mode + oriented.sign * s);
}

void require_probability(double q) { require(q >= 0.0 && q <= 1.0, "q", "in [0, 1]", q); }

double probability_beyond(double confidence) {
  require(confidence >= 0.0 && confidence <= 1.0, "confidence", "in [0, 1]", confidence);
  return 0.5 * (1.0 - confidence);
}

}  // namespace varimix
