#pragma once

#include <cmath>

#include "subordinator/gig_nodes.hpp"
#include "varimix/subordinator/gig_parameters.hpp"

namespace varimix {

/// Y ~ GIG(p, a, b) in the unit in which log Y has its mode at 0. There a - b = 2p, a + b = 2w, w = hypot(p, sqrt(ab)),
/// and t = log Y has the density e^{h(t) - phi}, h(t) = p (t - sinh t) - w (cosh t - 1) <= 0. This is an exponential
/// family in (p, w), faces (w = |p|) included, in which nothing of the size of w is left to cancel.
class CentredGig {
 public:
  /// Takes parameters in any unit.
  explicit CentredGig(const GigParameters& gig);

  [[nodiscard]] double p() const noexcept { return p_; }
  [[nodiscard]] double w() const noexcept { return w_; }
  [[nodiscard]] double a() const noexcept { return p_ > 0.0 ? w_ + p_ : h_.cosh_weight; }
  [[nodiscard]] double b() const noexcept { return p_ > 0.0 ? h_.cosh_weight : w_ - p_; }
  /// Returns h(t), as a sum of two terms <= 0.
  [[nodiscard]] double exponent(double t) const { return h_.exponent(p_ < 0.0 ? -t : t); }
  /// Returns phi = log Int e^{h(t)} dt, which is about log(2 pi / w) / 2.
  [[nodiscard]] double log_integral() const noexcept { return log_integral_; }

 private:
  double p_;
  double w_;
  GigNodes h_;
  double log_integral_ = 0.0;
};

/// From this w on e^h falls so fast that sums over t, out to 50/w on each side, serve for phi and the moments of
/// e^{|t|}, whose terms fall as e^{-(w-1)|t|} at the slowest. Below, the closed forms lose nothing.
inline constexpr double kCentredNodesFrom = 2.0;

/// The means of functions of t = log Y that vanish at its mode: e^t - 1 - t, e^{-t} - 1 + t, sinh t.
struct CentredMoments {
  double up;
  double down;
  double sinh;
};

/// Returns these means. @pre law.w() >= kCentredNodesFrom.
[[nodiscard]] CentredMoments centred_moments(const CentredGig& law);

/// Returns e^x - 1 - x >= 0 without cancellation.
[[nodiscard]] double exp_minus_one_minus(double x) noexcept;

/// Returns a step of the trapezoidal rule over t that is exact to rounding. Half a standard deviation errs by
/// e^{-2 pi^2 / 0.25}; the step is at most 0.2, which errs by e^{-pi^2 / 0.2}, for the double exponential ends
/// (Trefethen and Weideman 2014, SIAM Rev. 56:385).
[[nodiscard]] inline double centred_step(double w) noexcept {
  constexpr double kLargestStep = 0.2;
  return std::fmin(kLargestStep, 0.5 / std::sqrt(w));
}

/// Calls visit(t, exponent(t)) at the nodes t = k step, outward from 0, where `exponent` is greatest, until
/// exponent + growth |t| is negligible.
template <class Exponent, class Visit>
void for_each_log_y(double step, double growth, Exponent&& exponent, Visit&& visit) {
  constexpr double kNegligible = -60.0;
  visit(0.0, exponent(0.0));
  for (const double signed_step : {step, -step}) {
    for (int k = 1;; ++k) {
      const double t = k * signed_step;
      const double value = exponent(t);
      if (!(value + growth * std::abs(t) > kNegligible)) break;
      visit(t, value);
    }
  }
}

}  // namespace varimix
