#include "gamma_functions.hpp"

#include <array>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/log1p.hpp>
#include <cmath>

#include "special/boost_policy.hpp"
#include "varimix/core/constants.hpp"

namespace varimix {
namespace {

// From this x on the eight terms of the expansions in 1/x below leave at most 5e-18 of the value.
constexpr double kAsymptoticFrom = 16.0;

// These are B_{2k} / (2k), k = 1, ..., 8, B_{2k} Bernoulli's numbers: digamma(x) is log x - 1/(2x) less the sum of
// these over x^{2k} (DLMF 5.11.2).
constexpr std::array<double, 8> kDigammaTerms = {1.0 / 12.0,  -1.0 / 120.0,     1.0 / 252.0, -1.0 / 240.0,
                                                 1.0 / 132.0, -691.0 / 32760.0, 1.0 / 12.0,  -3617.0 / 8160.0};
// These are B_{2k}, the derivatives of those terms times -x^{2k+1}.
constexpr std::array<double, 8> kTrigammaTerms = {1.0 / 6.0,  -1.0 / 30.0,     1.0 / 42.0, -1.0 / 30.0,
                                                  5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0,  -3617.0 / 510.0};
// These are B_{2k} / (2k (2k-1)), for Stirling's series (DLMF 5.11.1).
constexpr std::array<double, 8> kStirlingTerms = {1.0 / 12.0,   -1.0 / 360.0,      1.0 / 1260.0, -1.0 / 1680.0,
                                                  1.0 / 1188.0, -691.0 / 360360.0, 1.0 / 156.0,  -3617.0 / 122400.0};

double in_inverse_square(const std::array<double, 8>& terms, double x) {
  const double inverse_square = 1.0 / (x * x);
  double sum = 0.0;
  for (std::size_t k = terms.size(); k-- > 0;) sum = sum * inverse_square + terms[k];
  return sum;
}

double asymptotic_log_minus_digamma(double x) { return (0.5 + in_inverse_square(kDigammaTerms, x) / x) / x; }

// Returns how many steps of x -> x + 1 reach the expansion.
int steps_up(double x) { return x < kAsymptoticFrom ? static_cast<int>(std::ceil(kAsymptoticFrom - x)) : 0; }

}  // namespace

double log_minus_digamma(double x) noexcept {
  // g(x) = g(x + n) + 1/x + ... + 1/(x+n-1) - log((x+n)/x).
  const int steps = steps_up(x);
  if (steps == 0) return asymptotic_log_minus_digamma(x);
  double sum = 0.0;
  for (int k = steps - 1; k >= 0; --k) sum += 1.0 / (x + k);
  const double top = x + steps;
  return sum - std::log(top / x) + asymptotic_log_minus_digamma(top);
}

double log_minus_digamma_slope(double x) noexcept {
  const int steps = steps_up(x);
  const double top = x + steps;
  double sum = -(0.5 + in_inverse_square(kTrigammaTerms, top) / top) / (top * top);
  for (int k = steps - 1; k >= 0; --k) sum -= 1.0 / ((x + k) * (x + k));
  return steps == 0 ? sum : sum + steps / (x * top);
}

double inverse_log_minus_digamma(double d) noexcept {
  // Minka's start (2002) is within 2%. As log g is nearly linear in log alpha, Newton's steps square the error at once.
  constexpr double kQuadratic = 24.0;
  constexpr double kScale = 12.0;
  constexpr double kOffset = 3.0;
  double alpha = (kOffset - d + std::hypot(kOffset - d, std::sqrt(kQuadratic * d))) / (kScale * d);
  if (d > kOffset) alpha = 2.0 / (d - kOffset + std::hypot(kOffset - d, std::sqrt(kQuadratic * d)));
  constexpr int kMostSteps = 8;
  for (int step = 0; step < kMostSteps; ++step) {
    const double value = log_minus_digamma(alpha);
    const double change = value * std::log(value / d) / (alpha * log_minus_digamma_slope(alpha));
    alpha *= std::exp(-change);
    if (std::abs(change) < std::sqrt(kEpsilon)) break;  // the next change would be its square
  }
  return alpha;
}

double stirling_remainder(double x) noexcept {
  if (x >= kAsymptoticFrom) return in_inverse_square(kStirlingTerms, x) / x;
  return boost::math::lgamma(x, InfinityOnOverflow()) - ((x - 0.5) * std::log(x) - x + 0.5 * kLogTwoPi);
}

double log_gamma_kernel(double alpha, double scale, double y) noexcept {
  const double x = scale * y;
  if (std::isinf(x)) return -x;
  const double log_x = std::isnormal(x) ? std::log(x) : std::log(scale) + std::log(y);
  if (alpha < kAsymptoticFrom) return alpha * log_x - x - boost::math::lgamma(alpha, InfinityOnOverflow());
  // With x = alpha (1 + e) the large terms are alpha (log(1 + e) - e); Stirling's formula leaves the rest.
  const double e = (x - alpha) / alpha;
  const double deviation =
      std::abs(e) < 0.5 ? boost::math::log1pmx(e, InfinityOnOverflow()) : log_x - std::log(alpha) - e;
  return alpha * deviation + 0.5 * (std::log(alpha) - kLogTwoPi) - stirling_remainder(alpha);
}

}  // namespace varimix
