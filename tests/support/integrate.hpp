#pragma once

#include <algorithm>
#include <cmath>

namespace varimix::tests {

/// Returns the integral of f(y) over y > 0, computed as that of f(e^t) e^t over t. Where that decays doubly
/// exponentially on both sides, the trapezoidal rule converges faster than any power of the step (Trefethen and
/// Weideman 2014).
template <class F>
double integrate_positive(F&& f, double low_log = -40.0, double high_log = 12.0, int intervals = 2'000) {
  const double step = (high_log - low_log) / intervals;
  double sum = 0.0;
  for (int k = 0; k <= intervals; ++k) {
    const double y = std::exp(low_log + k * step);
    sum += f(y) * y;
  }
  return step * sum;
}

/// Returns the integral of f(x) over the real line, with x = centre + scale sinh(t); f must decay at least
/// exponentially.
template <class F>
double integrate_line(F&& f, double centre, double scale, int intervals = 4'000) {
  constexpr double kEnd = 9.0;  // sinh(9) = 4052 scales
  const double step = 2.0 * kEnd / intervals;
  double sum = 0.0;
  for (int k = 0; k <= intervals; ++k) {
    const double t = -kEnd + k * step;
    sum += f(centre + scale * std::sinh(t)) * scale * std::cosh(t);
  }
  return step * sum;
}

}  // namespace varimix::tests
