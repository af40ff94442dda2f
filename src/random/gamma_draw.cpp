#include "varimix/random/gamma_draw.hpp"

#include <boost/math/special_functions/log1p.hpp>
#include <cmath>

#include "gamma_trial.hpp"

namespace varimix {
namespace {

/// Computes the term 1 - v + log v, v = (1 + w)^3, of the acceptance test, without cancellation near w = 0.
double log_cube_minus_cube(double w) {
  constexpr double kThree = 3.0;
  const double log_part = std::abs(w) < 0.5 ? boost::math::log1pmx(w) : std::log1p(w) - w;
  return kThree * (log_part - w * w) - w * w * w;
}

double draw_from_one_up(CounterStream& stream, double alpha) {
  const GammaTrial trial(alpha);
  while (true) {
    const double normal = stream.normal();
    if (trial.c * normal <= -1.0) continue;
    if (trial.accepts(normal, stream.uniform())) return trial.value(normal);
  }
}

}  // namespace

GammaTrial::GammaTrial(double alpha) noexcept : d(alpha - 1.0 / 3.0), c(1.0 / std::sqrt(9.0 * d)) {}

bool GammaTrial::accepts(double normal, double u) const noexcept {
  const double square = normal * normal;
  return u < 1.0 - kSqueeze * square * square || std::log(u) < 0.5 * square + d * log_cube_minus_cube(c * normal);
}

GammaDraw draw_gamma(CounterStream& stream, double alpha) noexcept {
  if (alpha >= 1.0) return {draw_from_one_up(stream, alpha), 0.0};
  const double value = draw_from_one_up(stream, alpha + 1.0);
  return {value, std::log(stream.uniform()) / alpha};
}

}  // namespace varimix
