#include "saddle_grid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace varimix {
namespace {

constexpr int kGrids = 26;
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
  return {s, 2.0 * sinh_half * sinh_half, exp_minus_one_minus_s(s), std::exp(-s)};
}

std::size_t nodes_until(double step, double end) { return static_cast<std::size_t>(std::ceil(end / step)); }

SaddleGrid make_grid(double step, double w_min) {
  SaddleGrid grid;
  grid.step = step;
  grid.w_max = largest_w(step);
  double left = kWidestTail;
  double right = kWidestTail;
  if (w_min > 1.0) {
    right = std::acosh(1.0 + kTailExponent / w_min);
    // Slowest decay on the left at z = 0: nu (e^{-u} - 1 + u) - u with nu = w_min, u = -s.
    left = right;
    while (left < kWidestTail && w_min * exp_minus_one_minus_s(-left) - left < kTailExponent) left += step;
  }
  const std::size_t left_nodes = nodes_until(step, left);
  const std::size_t right_nodes = nodes_until(step, right);
  grid.center = left_nodes;
  grid.nodes.reserve(left_nodes + 1 + right_nodes);
  for (std::size_t k = 0; k <= left_nodes + right_nodes; ++k) {
    grid.nodes.push_back(node_at((static_cast<double>(k) - static_cast<double>(left_nodes)) * step));
  }
  return grid;
}

std::array<SaddleGrid, kGrids> make_grids() {
  std::array<SaddleGrid, kGrids> grids;
  double w_min = 0.0;
  double step = kCoarsestStep;
  for (SaddleGrid& grid : grids) {
    grid = make_grid(step, w_min);
    w_min = grid.w_max;
    step /= std::numbers::sqrt2;
  }
  return grids;
}

}  // namespace

const SaddleGrid& saddle_grid(double w) noexcept {
  static const std::array<SaddleGrid, kGrids> grids = make_grids();
  const auto* serving =
      std::find_if(grids.begin(), grids.end() - 1, [w](const SaddleGrid& grid) { return w <= grid.w_max; });
  return *serving;
}

}  // namespace varimix
