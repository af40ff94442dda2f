#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <limits>

#include "gig_nodes.hpp"
#include "varimix/core/require.hpp"
#include "varimix/subordinator/gig_law.hpp"

namespace varimix {
namespace {

constexpr double kLeftOut = 42.0;  // e^-42 of a tail is 6e-19 of it: it falls at least exponentially

/// The density of s = log(Y / mode), turned round where p < 0, up to a constant: e^{nodes.exponent(s)}.
struct OrientedLaw {
  GigNodes nodes;
  double log_mode;
  double sign;

  explicit OrientedLaw(const GigParameters& law)
      : nodes(law.p, std::sqrt(law.a) * std::sqrt(law.b)), log_mode(0.0), sign(law.p < 0.0 ? -1.0 : 1.0) {
    const double reach = std::hypot(law.p, std::sqrt(law.a) * std::sqrt(law.b)) + std::abs(law.p);
    log_mode = law.p < 0.0 ? std::log(law.b) - std::log(reach) : std::log(reach) - std::log(law.a);
  }
};

/// The longest panel from s in the direction of `sign` on which twenty points integrate the density to rounding: the
/// exponent falls by at most 8, on a length of at most 2 unless it is linear there.
double panel_length(const GigNodes& nodes, double s, double sign) {
  constexpr double kLongestFall = 8.0;
  constexpr double kLongest = 2.0;
  constexpr double kLinear = 1e-17;  // a second derivative that rounding does not see
  const double at = nodes.exponent(s);
  double length = kLongestFall / std::max(std::abs(nodes.slope(s)), 1e-300);
  while (at - nodes.exponent(s + sign * length) > kLongestFall ||
         (length > kLongest && nodes.curvature(s + sign * length) > kLinear)) {
    length *= 0.5;
  }
  return length;
}

/// Integral of e^{exponent(u) - exponent(s)} from s outward, away from the mode.
double scaled_tail(const GigNodes& nodes, double s, double sign) {
  constexpr unsigned kPoints = 20;
  using Rule = boost::math::quadrature::gauss<double, kPoints>;
  const double at = nodes.exponent(s);
  double sum = 0.0;
  double end = s;
  while (at - nodes.exponent(end) < kLeftOut) {
    const double half = 0.5 * panel_length(nodes, end, sign);
    const double centre = end + sign * half;
    for (std::size_t k = 0; k < Rule::abscissa().size(); ++k) {
      const double offset = half * Rule::abscissa()[k];
      sum += half * Rule::weights()[k] *
             (std::exp(nodes.exponent(centre - offset) - at) + std::exp(nodes.exponent(centre + offset) - at));
    }
    end = centre + sign * half;
  }
  return sum;
}

/// Integral of e^{exponent(s)} over all s.
double total_of(const GigNodes& nodes) {
  if (nodes.width() < kGigNodesFrom) return scaled_tail(nodes, 0.0, 1.0) + scaled_tail(nodes, 0.0, -1.0);
  double total = 0.0;
  nodes.for_each([&](double /*s*/, double /*exponent*/, double weight) { total += weight; });
  return total;
}

/// log of the tail away from the mode, at s.
double log_outer_tail(const GigNodes& nodes, double s, double log_total) {
  const double at = nodes.exponent(s);
  if (std::isinf(at) || std::isnan(at)) return -std::numeric_limits<double>::infinity();
  return at + std::log(scaled_tail(nodes, s, s < 0.0 ? -1.0 : 1.0)) - log_total;
}

/// Both tails of s at a point, and which is the outer one.
LogTails oriented_tails(const GigNodes& nodes, double s, double log_total) {
  const double outer = log_outer_tail(nodes, s, log_total);
  const double inner = std::log1p(-std::exp(outer));
  return s < 0.0 ? LogTails{outer, inner} : LogTails{inner, outer};
}

}  // namespace

LogTails gig_log_tails(const GigParameters& law, double y) noexcept {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  if (std::isnan(y)) return {y, y};
  if (!(y > 0.0)) return {-kInfinite, 0.0};
  if (std::isinf(y)) return {0.0, -kInfinite};
  const OrientedLaw oriented(law);
  const double s = oriented.sign * (std::log(y) - oriented.log_mode);
  const LogTails tails = oriented_tails(oriented.nodes, s, std::log(total_of(oriented.nodes)));
  return oriented.sign > 0.0 ? tails : LogTails{tails.upper, tails.lower};
}

double gig_quantile(const GigParameters& law, double log_q, bool upper) noexcept {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  if (!(log_q <= 0.0)) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(log_q) || log_q == 0.0) return (log_q == 0.0) == upper ? 0.0 : kInfinite;
  constexpr double kLogHalf = -0.69314718055994530942;
  if (log_q > kLogHalf) return gig_quantile(law, std::log(-std::expm1(log_q)), !upper);
  const OrientedLaw oriented(law);
  const double log_total = std::log(total_of(oriented.nodes));
  const bool is_upper = upper == (oriented.sign > 0.0);
  double s = 0.0;
  constexpr int kMostSteps = 100;
  constexpr double kNearlyMet = 1e-8;  // the next error is at most about its square
  for (int step = 0; step < kMostSteps; ++step) {
    const LogTails tails = oriented_tails(oriented.nodes, s, log_total);
    const double log_tail = is_upper ? tails.upper : tails.lower;
    const double slope = std::exp(oriented.nodes.exponent(s) - log_total - log_tail);
    const double change = (log_q - log_tail) / slope;
    s += is_upper ? -change : change;
    if (std::abs(log_q - log_tail) < kNearlyMet) break;
  }
  return std::exp(oriented.log_mode + oriented.sign * s);
}

void require_probability(double q) { require(q >= 0.0 && q <= 1.0, "q", "between 0 and 1", q); }

}  // namespace varimix
