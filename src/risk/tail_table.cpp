#include "tail_table.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>
#include <vector>

namespace varimix {
namespace {

constexpr double kDepth = 16.118095650958319;  // log 1e7: the table ends at 1e-7 alpha

struct TailNodes {
  double at_alpha;
  double unit;
  std::vector<double> log_u;
  std::vector<double> y;
};

/// Returns Chebyshev points of log u from log alpha - kDepth to log alpha, and y there.
TailNodes nodes_of(const UnivariateLaw& law, double alpha) {
  std::array<double, 2> ends = {alpha, alpha / std::numbers::e};
  std::array<double, 2> quantiles_of_ends{};
  ppf(law, ends, quantiles_of_ends);
  TailNodes nodes{quantiles_of_ends[0], quantiles_of_ends[0] - quantiles_of_ends[1], {}, {}};
  std::vector<double> u;
  for (int k = 0; k < kTailTablePoints; ++k) {
    const double at = -0.5 * kDepth * (1.0 + std::cos(std::numbers::pi * k / (kTailTablePoints - 1)));
    nodes.log_u.push_back(std::log(alpha) + at);
    u.push_back(alpha * std::exp(at));
  }
  nodes.y.resize(u.size());
  ppf(law, u, nodes.y);
  for (double& y : nodes.y) y = std::log1p((nodes.at_alpha - y) / nodes.unit);
  return nodes;
}

boost::math::barycentric_rational<double> interpolant_of(TailNodes& nodes) {
  constexpr std::size_t kOrder = kTailTablePoints - 1;
  return {std::move(nodes.log_u), std::move(nodes.y), kOrder};
}

}  // namespace

TailTable::TailTable(const UnivariateLaw& law, double alpha)
    : law_(law), at_alpha_(0.0), unit_(0.0), log_alpha_(std::log(alpha)), interpolant_([&] {
        TailNodes nodes = nodes_of(law, alpha);
        at_alpha_ = nodes.at_alpha;
        unit_ = nodes.unit;
        return interpolant_of(nodes);
      }()) {}

void TailTable::quantiles(std::span<const double> u, std::span<double> out) const {
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double log_u = std::log(u[i]);
    out[i] = log_u < log_alpha_ - kDepth ? ppf(law_, u[i]) : at_alpha_ - unit_ * std::expm1(interpolant_(log_u));
  }
}

}  // namespace varimix
