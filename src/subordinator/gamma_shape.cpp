#include "gamma_shape.hpp"

#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "gamma_functions.hpp"
#include "moment_checks.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/random/gamma_draw.hpp"

namespace varimix {
namespace {

constexpr double kSmallestNormal = std::numeric_limits<double>::min();
constexpr double kLargest = std::numeric_limits<double>::max();

/// Returns the alpha with digamma(alpha) = c, by Newton's method on alpha; a step at most halves alpha.
double inverse_digamma(double c) {
  constexpr double kSeam = -2.22;  // Minka (2000), Estimating a Dirichlet distribution, appendix C
  double alpha = c >= kSeam ? std::exp(c) + 0.5 : -1.0 / (c + std::numbers::egamma);
  constexpr int kMostSteps = 12;
  for (int step = 0; step < kMostSteps; ++step) {
    const double change = (boost::math::digamma(alpha) - c) / boost::math::trigamma(alpha);
    alpha = std::max(alpha - change, 0.5 * alpha);
    if (std::abs(change) <= 2.0 * kEpsilon * alpha) break;
  }
  return alpha;
}

/// Returns the alpha that solves digamma(alpha) = E[log Y] + log beta where beta is held, bounded to the range of
/// doubles.
GammaShape alpha_for_rate(double log_mean, double beta) {
  const double c = log_mean + std::log(beta);
  constexpr double kLargestLog = 700.0;  // e^700 is a double, and 1/1e300 is one too
  constexpr double kSmallestDigamma = -1e300;
  if (c > kLargestLog) return {std::exp(kLargestLog), beta, ShapeLimit::kParameterBound};
  if (c < kSmallestDigamma) return {-1.0 / kSmallestDigamma, beta, ShapeLimit::kParameterBound};
  return {inverse_digamma(c), beta};
}

}  // namespace

GammaShape gamma_maximum_likelihood(double mean, double log_mean, const std::array<std::optional<double>, 2>& held) {
  const double difference = std::log(mean) - log_mean;
  require(difference > -rounding_of_difference(log_mean), "E[log Y] - log E[Y]", "< 0", -difference);
  if (held[0].has_value() && held[1].has_value()) return {*held[0], *held[1]};
  if (held[0].has_value()) return {*held[0], *held[0] / mean};
  if (held[1].has_value()) return alpha_for_rate(log_mean, *held[1]);
  const bool is_gaussian = difference <= 0.0 || difference < log_minus_digamma(kLargestShape);
  if (is_gaussian) return {kLargestShape, kLargestShape / mean, ShapeLimit::kGaussian};
  const double alpha = inverse_log_minus_digamma(difference);
  return {alpha, alpha / mean};
}

double sample_gamma_law(CounterStream& stream, double alpha, double beta, bool inverse) noexcept {
  const GammaDraw draw = draw_gamma(stream, alpha);
  double y = inverse ? beta / draw.value : draw.value / beta;
  if (draw.log_factor != 0.0) {
    const double log_y = std::log(draw.value) + draw.log_factor - std::log(beta);
    y = std::exp(inverse ? -log_y : log_y);
  }
  return std::clamp(y, kSmallestNormal, kLargest);
}

}  // namespace varimix
