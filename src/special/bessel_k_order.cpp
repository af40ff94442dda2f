#include "bessel_k_order.hpp"

#include <cmath>

#include "saddle_sums.hpp"

namespace varimix {
namespace {

// e^kNegligibleExponent: a term below this fraction of its sum changes nothing.
constexpr double kNegligible = 1.6e-18;

}  // namespace

BesselKOrder::Pair BesselKOrder::pair_at(const SaddleNode& node) const {
  const double v = std::abs(nu_);
  const double right = std::exp(-v * node.exp_minus_one_minus_s);
  const double left = std::exp(-v * node.exp_minus_one_plus_s);
  return {node.cosh_minus_one, right + left, right * node.exp_minus_s + left * node.exp_s, node.s * (right - left)};
}

template <bool kWithOrderDerivative>
BesselK BesselKOrder::evaluate(double z) {
  const double v = std::abs(nu_);
  const double w = std::hypot(v, z);
  if (!trapezoid_serves(v, z, w)) return kWithOrderDerivative ? bessel_k(nu_, z) : bessel_k_ratios(nu_, z);

  const std::size_t index = saddle_grid_index(w);
  const SaddleGrid& grid = saddle_grid(index);
  std::vector<Pair>& pairs = pairs_[index];
  const double cosh_weight = z * z / (w + v);  // w - v
  SaddleSums sums{grid.step, 1.0, 1.0, 0.0};   // the node s = 0
  for (std::size_t k = 0; k < grid.nodes.size(); ++k) {
    if (k == pairs.size()) pairs.push_back(pair_at(grid.nodes[k]));
    const Pair& pair = pairs[k];
    const double common = std::exp(-cosh_weight * pair.cosh_minus_one);
    const double term_exp_minus_s = common * pair.sum_exp_minus_s;
    sums.sum += common * pair.sum;
    sums.sum_exp_minus_s += term_exp_minus_s;
    if constexpr (kWithOrderDerivative) sums.sum_s += common * pair.sum_s;
    if (term_exp_minus_s < kNegligible * sums.sum_exp_minus_s) break;  // the largest of the three
  }
  const BesselK result = from_saddle_sums(v, z, w, sums, kWithOrderDerivative);
  return nu_ < 0.0 ? reflected(result) : result;
}

template BesselK BesselKOrder::evaluate<true>(double);
template BesselK BesselKOrder::evaluate<false>(double);

}  // namespace varimix
