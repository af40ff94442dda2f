#include "log_y_density.hpp"

#include <cmath>

namespace varimix {
namespace {

struct Sum {
  double value, error;
};

/// Returns a + b, rounded, and the error of that rounding (Knuth).
Sum exact_sum(double a, double b) noexcept {
  const double value = a + b;
  const double b_used = value - a;
  return {value, (a - (value - b_used)) + (b - b_used)};
}

}  // namespace

double exponential_rest(double s) noexcept {
  constexpr double kSeriesUpTo = 0.5;
  constexpr int kTerms = 15;  // 0.5^15 2 / 17! < 2^-56
  if (std::abs(s) > kSeriesUpTo) return std::expm1(s) - s;
  double sum = 1.0;
  for (int n = kTerms + 2; n >= 3; --n) sum = 1.0 + sum * s / n;
  return 0.5 * s * s * sum;
}

double slope_at(const GigParameters& gig, double y) noexcept {
  const double half_a = 0.5 * gig.a;
  const double half_b = 0.5 * gig.b;
  const double up = half_a * y;
  const double up_error = std::fma(half_a, y, -up);
  const double down = half_b / y;
  const double down_error = -std::fma(down, y, -half_b) / y;
  const Sum difference = exact_sum(down, -up);
  const Sum total = exact_sum(difference.value, gig.p);
  const double errors = difference.error + total.error + (down_error - up_error);
  return std::isfinite(errors) ? total.value + errors : total.value;
}

double log_ratio(double y, double unit) noexcept {
  constexpr double kNear = 0.5;  // above this ratio, and below its inverse, y - unit is exact
  const double ratio = y / unit;
  return ratio > kNear && ratio < 1.0 / kNear ? std::log1p((y - unit) / unit) : std::log(ratio);
}

double mode_of_y(const GigParameters& gig) noexcept {
  const double w = std::hypot(gig.p, std::sqrt(gig.a) * std::sqrt(gig.b));
  return gig.p >= 0.0 ? (gig.p + w) / gig.a : gig.b / (w - gig.p);
}

}  // namespace varimix
