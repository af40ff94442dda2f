#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/log1p.hpp>
#include <cmath>
#include <limits>

#include "gamma_functions.hpp"
#include "gig_nodes.hpp"
#include "special/boost_policy.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/special/bessel_k.hpp"
#include "varimix/subordinator/gig_law.hpp"

namespace varimix {
namespace {

constexpr double kInfiniteMoment = std::numeric_limits<double>::infinity();

constexpr double kLargeShape = 16.0;

/// Returns E[(scale G)^r] for G ~ Gamma(alpha, rate 1): scale^r Gamma(alpha + r) / Gamma(alpha).
double gamma_moment(double alpha, double scale, double r) {
  if (!(alpha + r > 0.0)) return kInfiniteMoment;
  const double ratio = 1.0 / boost::math::tgamma_delta_ratio(alpha, r, InfinityOnOverflow());
  const double moment = ratio * std::pow(scale, r);
  if (std::isnormal(ratio) && std::isnormal(moment)) return moment;
  if (alpha >= kLargeShape && alpha + r >= kLargeShape) {  // Stirling's formula serves, less the terms that cancel
    const double x = r / alpha;
    return std::exp(alpha * boost::math::log1pmx(x) - 0.5 * std::log1p(x) + r * std::log((alpha + r) * scale) +
                    stirling_remainder(alpha + r) - stirling_remainder(alpha));
  }
  const InfinityOnOverflow policy;
  return std::exp(boost::math::lgamma(alpha + r, policy) - boost::math::lgamma(alpha, policy) + r * std::log(scale));
}

/// Moments up to this order, or up to sqrt(w), w = hypot(p, z), are sums over nodes; 1/sqrt(w) is about the standard
/// deviation of log Y.
constexpr double kHighestByNodes = 4.0;

double moment_by_nodes(const GigParameters& law, double z, double r) {
  const GigNodes nodes(law.p, z);
  const double signed_r = law.p < 0.0 ? -r : r;
  double total = 0.0;
  double sum = 0.0;
  nodes.for_each(
      [&](double s, double /*exponent*/, double weight) {
        total += weight;
        sum += weight * std::exp(signed_r * s);
      },
      std::max(std::abs(r), kHighestByNodes));
  const double reach = nodes.width() + nodes.order;
  return sum / total * (law.p < 0.0 ? std::pow(law.b / reach, r) : std::pow(reach / law.a, r));
}

/// Returns the entropy of Gamma(alpha, rate 1): log(alpha)/2 + log(2 pi)/2 + delta + (alpha - 1) g(alpha), with
/// Stirling's remainder delta and g of gamma_functions.hpp.
double gamma_entropy(double alpha) {
  return 0.5 * (std::log(alpha) + kLogTwoPi) + stirling_remainder(alpha) + (alpha - 1.0) * log_minus_digamma(alpha);
}

/// Returns the entropy of Y: that of log Y, which is the log of its density's integral less the mean exponent, plus
/// E[log Y].
double entropy_by_nodes(const GigParameters& law, double z) {
  const GigNodes nodes(law.p, z);
  double total = 0.0;
  double mean_exponent = 0.0;
  double mean = 0.0;
  nodes.for_each([&](double s, double exponent, double weight) {
    total += weight;
    mean_exponent += weight * exponent;
    mean += weight * s;
  });
  const double reach = nodes.width() + nodes.order;
  const double log_mode = law.p < 0.0 ? std::log(law.b) - std::log(reach) : std::log(reach) - std::log(law.a);
  return std::log(total) - mean_exponent / total + log_mode + (law.p < 0.0 ? -mean : mean) / total;
}

}  // namespace

double gig_moment(const GigParameters& law, double r) noexcept {
  if (std::isnan(r)) return r;
  if (law.b == 0.0) return gamma_moment(law.p, 2.0 / law.a, r);
  if (law.a == 0.0) return gamma_moment(-law.p, 2.0 / law.b, -r);
  const double z = std::sqrt(law.a) * std::sqrt(law.b);
  const double width = std::hypot(law.p, z);
  if (width >= kGigNodesFrom && std::abs(r) <= std::max(kHighestByNodes, std::sqrt(width))) {
    return moment_by_nodes(law, z, r);
  }
  const double log_unit = 0.5 * (std::log(law.b) - std::log(law.a));
  return std::exp(bessel_k(law.p + r, z).log_scaled - bessel_k(law.p, z).log_scaled + r * log_unit);
}

double gig_entropy(const GigParameters& law) noexcept {
  if (law.b == 0.0) return gamma_entropy(law.p) - std::log(0.5 * law.a);
  // The entropy of Y is that of 1/Y plus 2 E[log Y].
  if (law.a == 0.0) {
    const double log_y = log_minus_digamma(-law.p) - std::log(-law.p) + std::log(0.5 * law.b);
    return gamma_entropy(-law.p) - std::log(0.5 * law.b) + 2.0 * log_y;
  }
  const double z = std::sqrt(law.a) * std::sqrt(law.b);
  if (std::hypot(law.p, z) >= kGigNodesFrom) return entropy_by_nodes(law, z);
  const BesselK k = bessel_k(law.p, z);
  const double log_unit = 0.5 * (std::log(law.b) - std::log(law.a));
  return kLogTwo + k.log_scaled + k.dlog_dnu + log_unit - law.p * k.dlog_dnu +
         z * (0.5 * (k.ratio_minus + k.ratio_plus) - 1.0);
}

}  // namespace varimix
