#include "saddle_grid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace varimix {
namespace {

constexpr double kCoarsestStep = 0.25;
// The trapezoidal rule with step h errs by e^{-2 pi theta / h} times the growth (cos theta)^{-w} of the integrand at
// s + i theta; e^-38 = 3e-17 is rounding.
constexpr double kErrorExponent = 38.0;
// Nodes go on until the largest integrand that the grid serves, times e^{-s} on the left, is below e^-45.
constexpr double kTailExponent = 45.0;
// No integrand with z >= 1e-8, or nu >= 2, reaches further than this.
constexpr double kWidestTail = 60.0;

bool step_serves(double step, double w) {
  constexpr int kAngles = 800;
  for (int i = 1; i < kAngles; ++i) {
    const double theta = 0.5 * std::numbers::pi * i / kAngles;
    if (2.0 * std::numbers::pi * theta >= step * (kErrorExponent - w * std::log(std::cos(theta)))) return true;
  }
  return false;
}

double largest_w(double step) {
  double low = 0.0;
  double high = 1e10;
  constexpr int kBisections = 60;
  for (int i = 0; i < kBisections; ++i) {
    const double middle = low < 1e-3 ? 1e-3 * std::exp2(i) : std::sqrt(low * high);
    (step_serves(step, middle) ? low : high) = middle;
  }
  return low;
}

// e^s - 1 - s without cancellation.
double exp_minus_one_minus_s(double s) {
  if (std::abs(s) > 0.5) return std::expm1(s) - s;
  double term = 0.5 * s * s;
  double sum = 0.0;
  constexpr int kTerms = 20;  // 0.5^20 / 20! is far below rounding
  for (int n = 3; n < kTerms; ++n) {
    sum += term;
    term *= s / n;
  }
  return sum;
}

SaddleNode node_at(double s) {
  const double sinh_half = std::sinh(0.5 * s);
  return {s,           2.0 * sinh_half * sinh_half, exp_minus_one_minus_s(s), exp_minus_one_minus_s(-s), std::exp(s),
          std::exp(-s)};
}

/// Where the widest integrand with this w or more ends. Slowest decay: on the left, at z = 0, nu = w.
double widest_tail(double w_min, double step) {
  if (w_min <= 1.0) return kWidestTail;
  double tail = std::acosh(1.0 + kTailExponent / w_min);
  while (tail < kWidestTail && w_min * exp_minus_one_minus_s(-tail) - tail < kTailExponent) tail += step;
  return tail;
}

SaddleGrid make_grid(double step, double w_min) {
  SaddleGrid grid{.step = step, .w_max = largest_w(step), .nodes = {}};
  const auto nodes = static_cast<int>(std::ceil(widest_tail(w_min, step) / step));
  grid.nodes.reserve(static_cast<std::size_t>(nodes));
  for (int k = 1; k <= nodes; ++k) grid.nodes.push_back(node_at(k * step));
  return grid;
}

std::array<SaddleGrid, kSaddleGrids> make_grids() {
  std::array<SaddleGrid, kSaddleGrids> grids;
  double w_min = 0.0;
  double step = kCoarsestStep;
  for (SaddleGrid& grid : grids) {
    grid = make_grid(step, w_min);
    w_min = grid.w_max;
    step /= std::numbers::sqrt2;
  }
  return grids;
}

const std::array<SaddleGrid, kSaddleGrids>& grids() noexcept {
  static const std::array<SaddleGrid, kSaddleGrids> all = make_grids();
  return all;
}

}  // namespace

std::size_t saddle_grid_index(double w) noexcept {
  const auto& all = grids();
  const auto serving =
      std::find_if(all.begin(), all.end() - 1, [w](const SaddleGrid& grid) { return w <= grid.w_max; });
  return static_cast<std::size_t>(serving - all.begin());
}

const SaddleGrid& saddle_grid(std::size_t index) noexcept { return grids()[index]; }

}  // namespace varimix
