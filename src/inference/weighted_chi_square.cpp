#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>
#include <utility>

#include "varimix/core/require.hpp"
#include "varimix/inference/distinguishability_test.hpp"

namespace varimix {
namespace {

using Complex = std::complex<double>;

/// e^{-sx} M(s) / |s|, whose integral along the imaginary direction is a tail probability: left of 0 the lower one, between
/// 0 and the first branch point 1/(2 max w) the upper one.
class TailIntegrand {
 public:
  TailIntegrand(double x, const Vector& weights) : x_(x), weights_(weights) {}

  [[nodiscard]] double slope(double s) const {
    return (weights_.array() / (1.0 - 2.0 * s * weights_.array())).sum() - x_ - 1.0 / s;
  }
  [[nodiscard]] double curvature(double s) const {
    return 2.0 * (weights_.array() / (1.0 - 2.0 * s * weights_.array())).square().sum() + 1.0 / (s * s);
  }
  [[nodiscard]] Complex logarithm(Complex s) const {
    Complex sum = -s * x_ - std::log(s);
    for (const double w : weights_) sum -= 0.5 * std::log(1.0 - 2.0 * w * s);
    return sum;
  }

 private:
  double x_;
  const Vector& weights_;
};

/// Returns the zero of the slope, which rises from below 0 at `low` to above 0 at `high`.
double saddle_point(const TailIntegrand& integrand, double low, double high) {
  std::uintmax_t iterations = 200;
  constexpr int kBits = 20;  // any point near the saddle does
  const auto [left, right] =
      boost::math::tools::toms748_solve([&](double s) { return integrand.slope(s); }, low, high,
                                        boost::math::tools::eps_tolerance<double>(kBits), iterations);
  return 0.5 * (left + right);
}

/// Returns the size of the integral through the saddle point c: on s = c + i r t + a t^2, r the width of the saddle. With z
/// the first branch point, |z - s| does not fall along the way for a <= r^2 / (2 (z - c)); 0.7 of that is near the steepest
/// descent. No singularity lies nearer to c than 0.7 r, so that steps of 0.05 in t leave an error of some
/// e^{-2 pi 0.7 / 0.05}.
double tail(const TailIntegrand& integrand, double c) {
  constexpr double kStep = 0.05;
  constexpr double kNegligible = 1e-18;
  constexpr double kBend = 0.7;
  constexpr double kBranchPoint = 0.5;  // the first: the largest weight is 1
  const double variance = 1.0 / integrand.curvature(c);
  const double r = std::sqrt(variance);
  const double a = 0.5 * kBend * variance / (kBranchPoint - c);
  const Complex at_saddle = integrand.logarithm(c);
  double sum = 0.5 * r;
  for (int k = 1;; ++k) {
    const double t = kStep * k;
    const Complex s = c + Complex(a * t * t, r * t);
    const double term = (std::exp(integrand.logarithm(s) - at_saddle) * Complex(r, -2.0 * a * t)).real();
    sum += term;
    if (t > 1.0 && std::abs(term) <= kNegligible * std::abs(sum)) break;
  }
  return std::exp(at_saddle.real()) * kStep * sum / std::numbers::pi;
}

}  // namespace

double weighted_chi_square_sf(double x, const Vector& weights) {
  require(!std::isnan(x), "x", "a number", x);
  for (const double w : weights) require(w >= 0.0 && std::isfinite(w), "weights", "finite and >= 0", w);
  const double largest = weights.size() == 0 ? 0.0 : weights.maxCoeff();
  if (x <= 0.0) return x < 0.0 || largest > 0.0 ? 1.0 : 0.0;
  if (largest == 0.0 || std::isinf(x)) return 0.0;
  const Vector scaled = weights / largest;
  const double at = x / largest;
  const TailIntegrand integrand(at, scaled);
  // At the first of the two points the slope is below 0, at the second above.
  if (at <= scaled.sum()) {
    const auto terms = static_cast<double>(scaled.size());
    return 1.0 - tail(integrand, saddle_point(integrand, -(terms + 2.0) / at, -0.5 / at));
  }
  return tail(integrand, saddle_point(integrand, 0.5 / (1.0 + at), 0.5 - 0.125 / (1.0 + at)));
}

}  // namespace varimix
