#include "exact_distance.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numbers>

namespace varimix {
namespace {

using InDouble = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

// The polynomial is made for q within these deviations of its mean d, and this much above for a small d. Beyond, where
// probabilities may leave the doubles, one in 1e13 Gaussian rows or fewer come.
constexpr double kDeviationsBelow = 12.0;
constexpr double kDeviationsAbove = 10.0;
constexpr double kAbove = 50.0;

}  // namespace

ExactDistance::ExactDistance(double rows, Index d, double least_tail, bool many)
    : half_d_(0.5 * static_cast<double>(d)),
      half_rest_(0.5 * (rows - static_cast<double>(d))),
      scale_(rows / (rows + 1.0) / (rows - 1.0)),
      least_tail_(least_tail) {
  if (rows >= kManyRows * static_cast<double>(d)) {
    limit_ = rows - 1.0 - half_d_;
    largest_ = 2.0 * boost::math::gamma_q_inv(half_d_, least_tail_, InDouble());
    return;
  }
  if (!many) return;
  const double deviation = 2.0 * std::sqrt(half_d_);
  low_ = std::max(0.0, 2.0 * half_d_ - kDeviationsBelow * deviation);
  high_ = 2.0 * half_d_ + kDeviationsAbove * deviation + kAbove;
  const double from = std::log1p(low_ * scale_);
  const double to = std::log1p(high_ * scale_);
  middle_ = 0.5 * (from + to);
  half_width_ = 0.5 * (to - from);
  constexpr auto kCount = static_cast<double>(kNodes);
  for (std::size_t node = 0; node < kNodes; ++node) {
    const double angle = std::numbers::pi * (static_cast<double>(node) + 0.5) / kCount;
    const double s = middle_ + half_width_ * std::cos(angle);
    const double value = from_the_laws(std::expm1(s) / scale_) / s;
    for (std::size_t k = 0; k < kNodes; ++k) {
      coefficients_[k] += (k == 0 ? 1.0 : 2.0) / kCount * value * std::cos(static_cast<double>(k) * angle);
    }
  }
}

double ExactDistance::operator()(double q) const {
  if (std::isnan(q)) return q;
  if (limit_ > 0.0) return std::min(largest_, limit_ * std::log1p(q * scale_));
  if (q < low_ || q > high_) return from_the_laws(q);
  const double s = std::log1p(q * scale_);
  return s * polynomial((s - middle_) / half_width_);
}

double ExactDistance::from_the_laws(double q) const {
  const double ratio = q * scale_;
  const double share = std::isinf(ratio) ? 1.0 : ratio / (1.0 + ratio);  // beta with d/2 and (N-d)/2
  const double tail = boost::math::ibetac(half_d_, half_rest_, share, InDouble());
  if (tail <= 0.5) return 2.0 * boost::math::gamma_q_inv(half_d_, std::max(tail, least_tail_), InDouble());
  const double below = boost::math::ibeta(half_d_, half_rest_, share, InDouble());
  return 2.0 * boost::math::gamma_p_inv(half_d_, below, InDouble());
}

/// Clenshaw's recurrence.
double ExactDistance::polynomial(double t) const {
  double next = 0.0;
  double after = 0.0;
  for (std::size_t k = kNodes - 1; k > 0; --k) {
    const double value = 2.0 * t * next - after + coefficients_[k];
    after = next;
    next = value;
  }
  return t * next - after + coefficients_[0];
}

}  // namespace varimix
