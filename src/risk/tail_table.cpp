#include "tail_table.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace varimix {
namespace {

constexpr double kDepth = 16.118095650958319;  // log 1e7: the table ends at 1e-7 alpha

}  // namespace

TailTable::TailTable(const UnivariateLaw& law, double alpha) : law_(law), alpha_(alpha) {
  const std::array<double, 2> ends = {alpha, alpha / std::numbers::e};
  std::array<double, 2> at_ends{};
  ppf(law, ends, at_ends);
  at_alpha_ = at_ends[0];
  unit_ = at_ends[0] - at_ends[1];
  std::array<double, kTailTablePoints> u{};
  for (std::size_t k = 0; k < u.size(); ++k) {
    const double angle = std::numbers::pi * static_cast<double>(k) / (kTailTablePoints - 1);
    log_shares_[k] = -0.5 * kDepth * (1.0 + std::cos(angle));
    u[k] = alpha * std::exp(log_shares_[k]);
  }
  ppf(law, u, y_);
  for (double& y : y_) y = std::log1p((at_alpha_ - y) / unit_);
}

/// The barycentric formula, whose weights at Chebyshev points are 1, -1, 1, ..., but for 1/2 at both ends (Berrut and
/// Trefethen 2004, SIAM Review 46:501).
double TailTable::y_at(double log_share) const noexcept {
  double above = 0.0;
  double below = 0.0;
  double sign = 1.0;
  for (std::size_t k = 0; k < y_.size(); ++k) {
    const double distance = log_share - log_shares_[k];
    if (distance == 0.0) return y_[k];
    const double weight = (k == 0 || k + 1 == y_.size() ? 0.5 : 1.0) * sign / distance;
    above += weight * y_[k];
    below += weight;
    sign = -sign;
  }
  return above / below;
}

void TailTable::quantiles(std::span<const double> u, std::span<double> out) const {
  if (!(unit_ > 0.0)) {  // the law is narrower than the spacing of doubles where it lies
    ppf(law_, u, out);
    return;
  }
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double log_share = std::log(u[i] / alpha_);
    out[i] = log_share < -kDepth ? ppf(law_, u[i]) : at_alpha_ - unit_ * std::expm1(y_at(log_share));
  }
}

}  // namespace varimix
