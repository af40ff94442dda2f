#pragma once

#include <algorithm>
#include <cmath>

namespace varimix {

/// From this w = hypot(p, sqrt(ab)) on, sums over GigNodes replace differences of Bessel functions, which cancel as w
/// grows. Below it the nodes would spread too far.
inline constexpr double kGigNodesFrom = 8.0;

/// The trapezoidal rule for Y ~ GIG(p, a, b), from the mode of log Y outward, in s: Y = (p + w)/a e^s for p >= 0, and
/// Y = b/(|p| + w) e^{-s} for p < 0, w = hypot(p, z), z = sqrt(ab). The density of s is proportional to
///   exp(-(w - |p|) (cosh s - 1) - |p| (e^s - 1 - s)),  w - |p| = z^2 / (w + |p|).
/// Neither term changes sign, so that nothing cancels.
struct GigNodes {
  double order;        // |p|
  double cosh_weight;  // w - |p|
  double step;         // the step of the trapezoidal rule

  GigNodes(double p, double z)
      : order(std::abs(p)),
        cosh_weight(z / (std::hypot(p, z) + std::abs(p)) * z),
        // A step of 0.6 standard deviations errs by e^{-2 pi^2 / 0.36} = e^-55; it is shorter where the law is skew.
        step(0.6 / std::sqrt(std::hypot(p, z) + 6.0)) {}

  /// Returns the density's exponent at s. It takes one exponential: with u = |s|, q = e^u - 1 and
  /// r = 1 - e^{-u} = q / (1 + q), cosh s - 1 is q r / 2.
  [[nodiscard]] double exponent(double s) const {
    const double u = std::abs(s);
    const double q = std::expm1(u);
    const double r = std::isinf(q) ? 1.0 : q / (1.0 + q);
    // A term whose factor is 0 is left out: far away it would be 0 times infinity.
    const double sum = cosh_weight > 0.0 ? -0.5 * cosh_weight * q * r : 0.0;
    if (!(order > 0.0)) return sum;
    // The series' twelve terms leave 0.25^14 / 14! = 4e-20.
    const double rest = u < 0.25 ? exp_series(s) : (s > 0.0 ? q - u : u - r);
    return sum - order * rest;
  }
  [[nodiscard]] double slope(double s) const {
    const double sum = cosh_weight > 0.0 ? -cosh_weight * std::sinh(s) : 0.0;
    return order > 0.0 ? sum - order * std::expm1(s) : sum;
  }
  /// Returns minus the exponent's second derivative.
  [[nodiscard]] double curvature(double s) const {
    const double sum = cosh_weight > 0.0 ? cosh_weight * std::cosh(s) : 0.0;
    return order > 0.0 ? sum + order * std::exp(s) : sum;
  }
  /// Returns w = hypot(p, z).
  [[nodiscard]] double width() const { return order + cosh_weight; }

  /// Calls visit(s, exponent, weight) at every node that matters to moments up to e^{highest |s|}, with
  /// weight = step e^{exponent}.
  template <class Visit>
  void for_each(Visit&& visit, double highest = 4.0) const {
    visit(0.0, 0.0, step);
    side(step, highest, visit);
    side(-step, highest, visit);
  }

 private:
  /// Returns e^s - 1 - s for |s| <= 0.25.
  static double exp_series(double s) {
    double sum = 0.0;
    for (int n = 13; n >= 2; --n) sum = (sum * s + 1.0) / n;
    return sum * s * s;
  }

  template <class Visit>
  void side(double signed_step, double highest, Visit&& visit) const {
    constexpr double kNegligible = -50.0;  // e^-50 times the fourth power of 10 standard deviations is below rounding
    for (int k = 1;; ++k) {
      const double s = k * signed_step;
      const double e = exponent(s);
      if (e + highest * std::abs(s) < kNegligible) return;
      visit(s, e, step * std::exp(e));
    }
  }
};

}  // namespace varimix
