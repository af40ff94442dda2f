#include "saddle_grid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace varimix {
namespace {

// e^-38 = 3e-17 of a sum is below rounding. It bounds the error of the rule and the terms left out at the ends.
constexpr double kNegligible = 38.0;

/// Returns the largest step h for which some theta makes the error negligible: for every theta < pi/2 the trapezoidal
/// rule errs by e^{-2 pi theta / h} times the growth (cos theta)^{-w} of the integrand at s + i theta.
double step_for(double w) {
  constexpr int kAngles = 400;
  double step = 0.0;
  for (int i = 1; i < kAngles; ++i) {
    const double theta = 0.5 * std::numbers::pi * i / kAngles;
    step = std::max(step, 2.0 * std::numbers::pi * theta / (kNegligible - w * std::log(std::cos(theta))));
  }
  return step;
}

// Computes e^s - 1 - s without cancellation.
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
  return {.s = s,
          .cosh_minus_one = 2.0 * sinh_half * sinh_half,
          .exp_minus_one_minus_s = exp_minus_one_minus_s(s),
          .exp_minus_s = std::exp(-s),
          .negligible = std::min(0.0, s) - kNegligible};  // leftwards e^{-s} grows: its product has to be negligible
}

/// Returns the exponent of the integrand at a node.
double exponent_at(const SaddleNode& node, double nu, double z) {
  const double w = std::hypot(nu, z);
  return -z * z / (w + nu) * node.cosh_minus_one - nu * node.exp_minus_one_minus_s;
}

/// Returns the nodes step, 2 step, ... (to the left if step < 0), as far as any integrand with w_min <= w < w_max
/// matters. For one w the exponent is linear in nu, and it decays most slowly at the smallest w or the smallest z.
std::vector<SaddleNode> nodes_of(double step, double w_min, double w_max) {
  const double z_min = w_min < kSeriesOrder ? kSeriesArgument : 0.0;
  std::vector<SaddleNode> nodes;
  double slowest = 0.0;
  do {
    nodes.push_back(node_at(step * static_cast<double>(nodes.size() + 1)));
    const SaddleNode& node = nodes.back();
    slowest =
        std::max({exponent_at(node, 0.0, w_min), exponent_at(node, std::sqrt(w_min * w_min - z_min * z_min), z_min),
                  exponent_at(node, std::sqrt(w_max * w_max - z_min * z_min), z_min)});
  } while (slowest >= nodes.back().negligible);
  return nodes;
}

std::array<SaddleGrid, kSaddleGrids> make_grids() {
  std::array<SaddleGrid, kSaddleGrids> grids;
  for (std::size_t g = 0; g < grids.size(); ++g) {
    const double w_min = kGridEdges[g];
    const double w_max = kGridEdges[g + 1];
    const double step = step_for(w_max);
    grids[g] = {.step = step, .right = nodes_of(step, w_min, w_max), .left = nodes_of(-step, w_min, w_max)};
  }
  return grids;
}

}  // namespace

const SaddleGrid& saddle_grid(std::size_t index) noexcept {
  static const std::array<SaddleGrid, kSaddleGrids> grids = make_grids();
  return grids[index];
}

}  // namespace varimix
