#include "variance_proposal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

constexpr double kLastV = 700.0;      // in v: e^700 is near the ends of the doubles
constexpr double kNegligible = 45.0;  // e^-45 of the largest density
constexpr double kLeastG = -1e300;    // stands for -inf, which has no slope
constexpr double kLarge = 12.0;       // e^-12 of the largest density: what is below does not count among the draws
constexpr double kNoSlope = 1e-12;    // a fall below it is none to rounding

double clamped(double g) { return g >= kLeastG ? g : kLeastG; }

/// Returns the log density of v = log(Y/y0) at 0, y0 the Y at which log Y has its mode.
double log_constant(const GigParameters& y, double y0) {
  const double a = 0.5 * y.a * y0;
  const double b = 0.5 * y.b / y0;
  constexpr double kNearlyNormal = 1e7;  // 1/(a + b) is the variance of v, and the error of its normal density relative
  if (a + b > kNearlyNormal) return 0.5 * (std::log(a + b) - kLogTwoPi);
  return y.p * std::log(y0) - a - b - gig_log_normaliser(y.p, y.a, y.b);
}

/// Returns log of the integral of e^{g} over a piece of this width on which g falls by `fall` >= 0 from `top`.
double log_piece(double top, double fall, double width) {
  return top + std::log(width) + (fall > kNoSlope ? std::log(-std::expm1(-fall) / fall) : 0.0);
}

}  // namespace

VarianceProposal::VarianceProposal(const BoxLaw& box) {
  const auto [p, a, b] = box.y;
  const double root = std::hypot(p, std::sqrt(a) * std::sqrt(b));
  y0_ = p >= 0.0 ? (p + root) / a : b / (root - p);
  a0_ = 0.5 * a * y0_;
  b0_ = 0.5 * b / y0_;
  log_constant_ = log_constant(box.y, y0_);
  const Matrix slopes = slopes_of(box);
  const Vector zero = Vector::Zero(box.k());
  points_.push_back(point_at(box, slopes, 0.0, {zero, zero, 0.0, true}));
  walk(box, slopes, 1.0);
  std::reverse(points_.begin(), points_.end());
  walk(box, slopes, -1.0);
  std::reverse(points_.begin(), points_.end());
  refine(box, slopes);
  sum_pieces();
}

/// w(v) = -A (e^v - 1 - v) - B (e^-v - 1 + v), A = a y0/2, B = b/(2 y0), p = A - B.
double VarianceProposal::log_density_of_v(double v) const noexcept {
  const double right = a0_ > 0.0 ? a0_ * (std::expm1(v) - v) : 0.0;
  const double left = b0_ > 0.0 ? b0_ * (std::expm1(-v) + v) : 0.0;
  return log_constant_ - right - left;
}

VarianceProposal::Point VarianceProposal::point_at(const BoxLaw& box, const Matrix& slopes, double v,
                                                   const Tilt& start) const {
  NormalBox bounds;
  bounds_given(box, y0_ * std::exp(v), bounds);
  Tilt tilt = tilt_of(bounds, slopes, start);
  return {v, clamped(log_density_of_v(v) + tilt.psi), std::move(tilt)};
}

/// Adds points from the last one on until G has fallen.
void VarianceProposal::walk(const BoxLaw& box, const Matrix& slopes, double direction) {
  constexpr double kGrowth = 1.5;
  constexpr double kLongest = 2.0;
  double largest = kLeastG;
  for (const Point& point : points_) largest = std::max(largest, point.g);
  double step = 0.5 * std::min(1.0, 1.0 / std::sqrt(a0_ + b0_));
  while (std::abs(points_.back().v) < kLastV) {
    const Point& last = points_.back();
    const Point next = point_at(box, slopes, last.v + direction * step, last.tilt);
    const bool is_falling = next.g < last.g;
    points_.push_back(next);
    largest = std::max(largest, next.g);
    if (is_falling && next.g < largest - kNegligible) return;
    step = std::min(kGrowth * step, kLongest);
  }
}

/// Halves pieces until the lines are within kNear of G where it is large, within kRough elsewhere.
void VarianceProposal::refine(const BoxLaw& box, const Matrix& slopes) {
  constexpr double kNear = 0.05;
  constexpr double kRough = 1.0;
  constexpr std::size_t kMostPoints = 512;
  double largest = kLeastG;
  for (const Point& point : points_) largest = std::max(largest, point.g);
  for (std::size_t i = 0; i + 1 < points_.size() && points_.size() < kMostPoints;) {
    const Point& left = points_[i];
    const Point& right = points_[i + 1];
    const double top = std::max(left.g, right.g);
    const double middle = 0.5 * (left.v + right.v);
    if (top < largest - kNegligible || !(left.v < middle && middle < right.v)) {
      ++i;
      continue;
    }
    Point between = point_at(box, slopes, middle, (left.g > right.g ? left : right).tilt);
    const double error = std::abs(between.g - 0.5 * (left.g + right.g));
    const double allowed = std::max(top, between.g) > largest - kLarge ? kNear : kRough;
    largest = std::max(largest, between.g);
    points_.insert(points_.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::move(between));
    if (error <= allowed) i += 2;
  }
}

bool VarianceProposal::is_sharp() const {
  const auto by_g = [](const Point& a, const Point& b) { return a.g < b.g; };
  const double largest = std::max_element(points_.begin(), points_.end(), by_g)->g;
  return std::all_of(points_.begin(), points_.end(),
                     [&](const Point& point) { return point.tilt.is_met || point.g < largest - kLarge; });
}

double VarianceProposal::slope_of(std::size_t left) const noexcept {
  const Point& a = points_[left];
  const Point& b = points_[left + 1];
  return (b.g - a.g) / (b.v - a.v);
}

void VarianceProposal::sum_pieces() {
  double largest = kLeastG;
  for (const Point& point : points_) largest = std::max(largest, point.g);
  const std::size_t last = points_.size() - 1;
  const bool holds_probability = largest > kLeastG && slope_of(0) > 0.0 && slope_of(last - 1) < 0.0;
  require(holds_probability, "conditions", "such that draws can be proposed",
          "a probability too small, or columns that all but determine one another");
  std::vector<double> log_masses = {points_.front().g - std::log(slope_of(0))};
  for (std::size_t i = 0; i < last; ++i) {
    const double top = std::max(points_[i].g, points_[i + 1].g);
    log_masses.push_back(log_piece(top, std::abs(points_[i + 1].g - points_[i].g), points_[i + 1].v - points_[i].v));
  }
  log_masses.push_back(points_.back().g - std::log(-slope_of(last - 1)));
  const double most = *std::max_element(log_masses.begin(), log_masses.end());
  double sum = 0.0;
  for (const double log_mass : log_masses) cumulative_.push_back(sum += std::exp(log_mass - most));
  for (double& share : cumulative_) share /= sum;
  log_mass_ = most + std::log(sum);
}

VarianceProposal::Draw VarianceProposal::draw(CounterStream& stream) const {
  const double u = stream.uniform();
  const double inside = stream.uniform();
  const auto found = std::lower_bound(cumulative_.begin(), cumulative_.end() - 1, u);
  const auto piece = static_cast<std::size_t>(found - cumulative_.begin());
  const std::size_t last = points_.size() - 1;
  std::size_t left = 0;
  double v = 0.0;
  if (piece == 0) {
    v = points_[0].v + std::log(inside) / slope_of(0);
  } else if (piece > last) {
    left = last - 1;
    v = points_[last].v + std::log(inside) / slope_of(left);
  } else {
    left = piece - 1;
    const double width = points_[piece].v - points_[left].v;
    const double rise = points_[piece].g - points_[left].g;
    const double fall = std::abs(rise);
    // The distance from the higher end is exponential, cut off at the width.
    const double from_top = width * (fall > kNoSlope ? -std::log1p(inside * std::expm1(-fall)) / fall : inside);
    v = rise > 0.0 ? points_[piece].v - from_top : points_[left].v + from_top;
  }
  const double on_line = points_[left].g + slope_of(left) * (v - points_[left].v);
  const double width = points_[left + 1].v - points_[left].v;
  const double y =
      std::clamp(y0_ * std::exp(v), std::numeric_limits<double>::min(), std::numeric_limits<double>::max());
  return {y, log_density_of_v(v) - (on_line - log_mass_), left, std::clamp((v - points_[left].v) / width, 0.0, 1.0)};
}

void VarianceProposal::tilt_at(const Draw& draw, Vector& out_tilt) const {
  const Tilt& left = points_[draw.left].tilt;
  const Tilt& right = points_[draw.left + 1].tilt;
  out_tilt = left.tilt + draw.fraction * (right.tilt - left.tilt);
}

}  // namespace varimix
