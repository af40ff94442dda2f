#include "tail_integral.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "log_y_density.hpp"
#include "mixture_sum.hpp"
#include "sharp_tail.hpp"
#include "tail_mode.hpp"
#include "tail_step.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/special/log_normal_cdf.hpp"

namespace varimix {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kFarTail = 1e100;  // in standard units; up to there squares and the mode's e^s are doubles

// Where a tail's logarithm is below this, doubles resolve no y within the integrand's width, and all but the integrand
// at its mode is below 1e-13 of the logarithm.
constexpr double kLeadingTermOnly = -1e16;

// From this a0 + b0 on, which is one over the variance of log Y, doubles do not resolve Y about its mode.
constexpr double kNarrow = 0x1p100;

double sign_of(Tail tail) noexcept { return tail == Tail::kLower ? 1.0 : -1.0; }

/// Returns x - mu - gamma y, as if exact and rounded once or twice: where Y is nearly constant the difference cancels.
double deviation(const UnivariateLaw& law, double x, double y) noexcept {
  const auto difference_error = [](double a, double b, double difference) {
    const double b_used = a - difference;
    return (a - (difference + b_used)) + (b_used - b);
  };
  const double centred = x - law.mu;
  const double shift = law.gamma * y;
  const double shift_error = std::fma(law.gamma, y, -shift);
  const double rest = centred - shift;
  return rest + (difference_error(x, law.mu, centred) + difference_error(centred, shift, rest) - shift_error);
}

void require_sound(const UnivariateLaw& law) {
  const auto [p, a, b] = law.gig;
  require(std::isfinite(law.mu), "mu", "finite", law.mu);
  require(std::isfinite(law.gamma), "gamma", "finite", law.gamma);
  require(std::isfinite(law.sigma) && law.sigma > 0.0, "sigma", "finite and > 0", law.sigma);
  require(std::isfinite(p), "p", "finite", p);
  require(std::isfinite(a) && a >= 0.0 && (a > 0.0 || p < 0.0), "a", "finite and > 0, or 0 with p < 0", a);
  require(std::isfinite(b) && b >= 0.0 && (b > 0.0 || p > 0.0), "b", "finite and > 0, or 0 with p > 0", b);
}

/// Returns E[u - Z | Z < u] for a standard normal Z.
double normal_mean_excess(double u) noexcept {
  constexpr double kFar = -1e4;  // below this u + phi/Phi cancels, and is -1/u to 1e-8
  return u < kFar ? -1.0 / u : u + std::exp(-0.5 * u * u - 0.5 * kLogTwoPi - log_normal_cdf(u));
}

}  // namespace

PreparedLaw::PreparedLaw(const UnivariateLaw& law) : law_(law) {
  require_sound(law);
  y0_ = mode_of_y(law.gig);
  require(std::isnormal(y0_), "the mode of log Y", "within the range of doubles", y0_);
  unit_ = law.sigma * std::sqrt(y0_);
  require(std::isnormal(unit_), "sigma sqrt(mode of log Y)", "within the range of doubles", unit_);
  a0_ = 0.5 * law.gig.a * y0_;
  b0_ = 0.5 * law.gig.b / y0_;
  is_narrow_ = a0_ + b0_ > kNarrow;
  slope0_ = is_narrow_ ? 0.0 : slope_at(law.gig, y0_);
  const double step = step_for(a0_ + b0_);
  const auto [p, a, b] = law.gig;
  const simd::MixtureIntegrand weight{.slope = slope0_,
                                      .a = a0_,
                                      .b = b0_,
                                      .c = 0.0,
                                      .g = 0.0,
                                      .delta = 0.0,
                                      .step = step,
                                      .left_rate = b > 0.0 ? 0.0 : p,
                                      .right_rate = a > 0.0 ? 0.0 : -p};
  constant_ = step * simd::mixture_sum(simd::MixtureFactor::kOne, weight).sum;
}

std::optional<PreparedLaw::Product> PreparedLaw::integrate_sharp(double x, Tail tail, Factor factor) const {
  const double sign = sign_of(tail);
  const double c = sign * (x - law_.mu) / unit_;
  const double g = sign * law_.gamma * std::sqrt(y0_) / law_.sigma;
  if (!(c * g > 1.0)) return std::nullopt;
  const double y = (x - law_.mu) / law_.gamma;
  const double deviation_of_x = law_.sigma * std::sqrt(y);
  SharpTail f{.slope = slope0_,
              .a = a0_,
              .b = b0_,
              .crossing = log_ratio(y, y0_),
              .root_cg = std::sqrt(c * g),
              .delta = sign * deviation(law_, x, y) / deviation_of_x,
              .left_rate = law_.gig.p};
  double half_power = 0.5;
  if (g < 0.0) {  // u rises with Y, and falls with 1/Y
    half_power = -half_power;
    f.slope = -f.slope;
    std::swap(f.a, f.b);
    f.crossing = -f.crossing;
    f.left_rate = -law_.gig.p - (factor == Factor::kExcess ? 1.0 : 0.0);
  }
  if (!is_sharp(f)) return std::nullopt;
  if (is_narrow_) {  // X is mu + gamma Y, and log Y is normal
    const double width = std::abs(law_.gamma) * y0_ / std::sqrt(a0_ + b0_);
    const double u = sign * deviation(law_, x, y0_) / width;
    return Product{log_normal_cdf(u), factor == Factor::kExcess ? width * normal_mean_excess(u) : 1.0, 0};
  }
  if (const double at_step = log_weight(f.slope, f.a, f.b, f.crossing);
      f.crossing < 0.0 && at_step < kLeadingTermOnly) {
    return Product{at_step, 1.0, 0};
  }
  if (factor == Factor::kProbability) {
    const auto [log_factor, sum] = sharp_probability(f);
    return Product{log_factor, sum / constant_, 0};
  }
  const auto [log_factor, sum] = sharp_excess(f, half_power);
  return Product{log_factor, sum / constant_ * deviation_of_x, 0};
}

PreparedLaw::Product PreparedLaw::integrate(double x, Tail tail, Factor factor) const {
  if (const auto sharp = integrate_sharp(x, tail, factor)) return *sharp;
  const bool of_excess = factor == Factor::kExcess;
  const double power = of_excess ? 0.5 : 0.0;  // the power of Y that multiplies its density
  const double sign = sign_of(tail);
  const double centred = sign * (x - law_.mu);
  const double skew = sign * law_.gamma;
  const auto [p, a, b] = law_.gig;
  const double s = tail_mode(
      {.slope = slope0_ + power, .a = a0_, .b = b0_, .c = centred / unit_, .g = skew * std::sqrt(y0_) / law_.sigma});
  const double y = y0_ * std::exp(s);
  const double shift = is_narrow_ ? s : log_ratio(y, y0_);
  const double deviation_of_x = law_.sigma * std::sqrt(y);
  simd::MixtureIntegrand f{.slope = 0.0,
                           .a = 0.5 * a * y,
                           .b = 0.5 * b / y,
                           .c = centred / deviation_of_x,
                           .g = skew * std::sqrt(y) / law_.sigma,
                           .delta = sign * deviation(law_, x, y) / deviation_of_x,
                           .step = 0.0};
  f.slope = power + (is_narrow_ ? b0_ * std::expm1(-s) - a0_ * std::expm1(s) : slope_at(law_.gig, y));
  // u Phi(u) grows as c e^{-v/2} on the left, as -g e^{v/2} on the right.
  if (b == 0.0) f.left_rate = of_excess && f.c == 0.0 ? p + power : p;
  if (a == 0.0) f.right_rate = -p - (!of_excess ? 0.0 : f.g == 0.0 ? power : 2.0 * power);
  const double log_phi = f.delta < 0.0 ? -0.5 * f.delta * f.delta : 0.0;
  const double log_factor = log_weight(slope0_, a0_, b0_, shift) + log_phi;
  if (log_factor < kLeadingTermOnly) return {log_factor, 1.0, 0};
  f.step = step_for(f);
  const auto [sum, nodes] =
      simd::mixture_sum(of_excess ? simd::MixtureFactor::kExcess : simd::MixtureFactor::kProbability, f);
  return {log_factor, f.step * sum / constant_ * (of_excess ? deviation_of_x : 1.0), nodes};
}

bool PreparedLaw::is_far(double x) const noexcept { return !(std::abs(x - law_.mu) <= kFarTail * unit_); }

double PreparedLaw::log_far_tail(double x, Tail tail) const {
  const double sign = sign_of(tail);
  if (sign * x > law_.mu * sign) {
    const Tail other = tail == Tail::kLower ? Tail::kUpper : Tail::kLower;
    return std::log1p(-std::exp(log_far_tail(x, other)));
  }
  const double skew = sign * law_.gamma;
  if (std::isinf(x) || law_.gig.a > 0.0 || skew > 0.0) return -kInfinity;
  // P(X <= x) falls as P(Y > y) does, as y^p. y is proportional to x where the skewness points to this tail, else to
  // x^2.
  const double edge = law_.mu - sign * kFarTail * unit_;
  const double power = skew < 0.0 ? law_.gig.p : 2.0 * law_.gig.p;
  return log_tail(std::nextafter(edge, law_.mu), tail) +
         power * (std::log(std::abs(0.5 * x - 0.5 * law_.mu)) + kLogTwo - std::log(kFarTail) - std::log(unit_));
}

double PreparedLaw::log_tail(double x, Tail tail) const {
  if (std::isnan(x)) return x;
  if (is_far(x)) return log_far_tail(x, tail);
  const Product product = integrate(x, tail, Factor::kProbability);
  return std::min(product.log_factor + std::log(product.sum), 0.0);
}

double PreparedLaw::tail(double x, Tail tail) const {
  if (std::isnan(x)) return x;
  if (is_far(x)) return std::exp(log_far_tail(x, tail));
  const Product product = integrate(x, tail, Factor::kProbability);
  return std::min(std::exp(product.log_factor) * product.sum, 1.0);
}

double PreparedLaw::mean_excess(double x, Tail tail) const {
  const auto [p, a, b] = law_.gig;
  const double skew = sign_of(tail) * law_.gamma;
  if (a == 0.0 && (skew < 0.0 ? p >= -1.0 : skew == 0.0 && p >= -0.5)) return kInfinity;
  const Product excess = integrate(x, tail, Factor::kExcess);
  const Product probability = integrate(x, tail, Factor::kProbability);
  return std::exp(excess.log_factor - probability.log_factor) * (excess.sum / probability.sum);
}

std::size_t PreparedLaw::nodes(double x, Tail tail) const { return integrate(x, tail, Factor::kProbability).nodes; }

double PreparedLaw::centre() const noexcept { return law_.mu + law_.gamma * y0_; }

double PreparedLaw::scale() const noexcept {
  return unit_ + std::abs(law_.gamma) * y0_ / std::sqrt(std::max(a0_ + b0_, 1.0));
}

}  // namespace varimix
