#include "varimix/random/gamma_draw.hpp"

#include <boost/math/special_functions/log1p.hpp>
#include <cmath>

namespace varimix {
namespace {

// These are Marsaglia and Tsang's names and numbers: d = alpha - 1/3, c = 1/sqrt(9 d), and the squeeze's 0.0331.
constexpr double kOneThird = 1.0 / 3.0;
constexpr double kNine = 9.0;
constexpr double kSqueeze = 0.0331;

/// Computes the term 1 - v + log v, v = (1 + w)^3, of the acceptance test, without cancellation near w = 0.
double log_cube_minus_cube(double w) {
  constexpr double kThree = 3.0;
  const double log_part = std::abs(w) < 0.5 ? boost::math::log1pmx(w) : std::log1p(w) - w;
  return kThree * (log_part - w * w) - w * w * w;
}

double draw_from_one_up(CounterStream& stream, double alpha) {
  const double d = alpha - kOneThird;
  const double c = 1.0 / std::sqrt(kNine * d);
  while (true) {
    const double normal = stream.normal();
    const double w = c * normal;
    if (w <= -1.0) continue;
    const double u = stream.uniform();
    const double square = normal * normal;
    const bool is_accepted =
        u < 1.0 - kSqueeze * square * square || std::log(u) < 0.5 * square + d * log_cube_minus_cube(w);
    if (is_accepted) return d * (1.0 + w) * (1.0 + w) * (1.0 + w);
  }
}

}  // namespace

GammaDraw draw_gamma(CounterStream& stream, double alpha) noexcept {
  if (alpha >= 1.0) return {draw_from_one_up(stream, alpha), 0.0};
  const double value = draw_from_one_up(stream, alpha + 1.0);
  return {value, std::log(stream.uniform()) / alpha};
}

}  // namespace varimix
