#include "sphere_moments.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>

namespace varimix {
namespace {

// The recurrence starts this many orders above the highest that is wanted: the error of its start falls by
// (I_{nu+1} / I_nu)^2 an order, and where that is near 1, kappa is so large that the start is accurate.
constexpr int kOrdersAbove = 24;

/// Returns I_{nu+1}(kappa) / (kappa I_nu(kappa)) for large w = hypot(nu, kappa), to w^-5. L = kappa I_nu' / I_nu solves
/// Riccati's equation kappa L' = w^2 - L^2, here in powers of 1/w; the ratio is (L - nu) / kappa^2.
double ratio_at_large_order(double nu, double kappa) noexcept {
  const double w = std::hypot(nu, kappa);
  const double s = (kappa / w) * (kappa / w);
  const double first = -0.5;
  const double second = (1.0 - 1.25 * s) / (2.0 * w);
  const double third = -(2.0 - s * (9.0 - 7.5 * s)) / (4.0 * w * w);
  const double fourth = (4.0 - s * (47.0 - s * (110.5 - 69.0625 * s))) / (8.0 * w * w * w);
  return 1.0 / (w + nu) + (first + second + third + fourth) / (w * w);
}

// From kappa = kFarKappa + d^2 on the expansion about v = 0 is accurate to twelve digits with this many terms.
constexpr double kFarKappa = 100.0;
constexpr int kTerms = 12;

/// Returns the moments from rho_1, ..., rho_4.
SphereMoments near_moments(double kappa, double dimension, const std::array<double, 4>& rho) noexcept {
  const double k2 = kappa * kappa;
  const double r1 = rho[0];
  const double r2 = r1 * rho[1];
  const double r3 = r2 * rho[2];
  const double r4 = r3 * rho[3];
  const double t1 = kappa * r1;
  const double t2 = r1 + k2 * r2;
  const double t3 = kappa * (3.0 * r2 + k2 * r3);
  const double t4 = 3.0 * r2 + 6.0 * k2 * r3 + k2 * k2 * r4;
  const double across = dimension - 1.0;
  return {.v1 = 1.0 - t1,
          .v2 = 1.0 - 2.0 * t1 + t2,
          .v3 = 1.0 - 3.0 * (t1 - t2) - t3,
          .v4 = 1.0 - 4.0 * (t1 + t3) + 6.0 * t2 + t4,
          .across = across * r1,
          .across_squared = across * (dimension + 1.0) * r2,
          .bessel_ratio = t1};
}

/// Returns the moments for large kappa: with c = (d-3)/2 the density of v is proportional to
/// v^c e^{-kappa v} sum_j binom(c, j) (-v/2)^j.
SphereMoments far_moments(double kappa, double dimension) noexcept {
  const double c = 0.5 * (dimension - 3.0);
  std::array<double, 5> sums{};  // of E[v^k], times a common factor
  double term = 1.0;             // binom(c, j) (-1/2)^j Gamma(c+1+j) / (Gamma(c+1) kappa^j)
  for (int j = 0; j < kTerms; ++j) {
    double moment = term;
    for (int k = 0; k <= 4; ++k) {
      sums[static_cast<std::size_t>(k)] += moment;
      moment *= (c + 1.0 + j + k) / kappa;
    }
    term *= -0.5 * (c - j) / (j + 1.0) * (c + 1.0 + j) / kappa;
  }
  const double v1 = sums[1] / sums[0];
  const double v2 = sums[2] / sums[0];
  const double v3 = sums[3] / sums[0];
  const double v4 = sums[4] / sums[0];
  return {.v1 = v1,
          .v2 = v2,
          .v3 = v3,
          .v4 = v4,
          .across = 2.0 * v1 - v2,
          .across_squared = 4.0 * (v2 - v3) + v4,
          .bessel_ratio = 1.0 - v1};
}

}  // namespace

void sphere_moments(std::span<const double> kappa, Index d, SphereMoments* out) noexcept {
  constexpr std::size_t kLanes = 8;  // side by side, since each ratio waits for the division before it
  using Lanes = Eigen::Array<double, kLanes, 1>;
  const auto dimension = static_cast<double>(d);
  const double far = kFarKappa + dimension * dimension;
  for (std::size_t first = 0; first < kappa.size(); first += kLanes) {
    const std::size_t count = std::min(kLanes, kappa.size() - first);
    Lanes k = Lanes::Zero();
    std::copy_n(kappa.data() + first, count, k.data());
    const Lanes k2 = k.square();
    std::array<Lanes, 5> rho;
    Lanes ratio =
        k.unaryExpr([&](double at) { return ratio_at_large_order(0.5 * dimension + 3.0 + kOrdersAbove, at); });
    for (int j = 4 + kOrdersAbove; j >= 1; --j) {
      ratio = (dimension - 2.0 + 2.0 * j + k2 * ratio).inverse();
      if (j <= 4) rho[static_cast<std::size_t>(j)] = ratio;
    }
    for (std::size_t i = 0; i < count; ++i) {
      const auto lane = static_cast<Index>(i);
      out[first + i] = k(lane) > far
                           ? far_moments(k(lane), dimension)
                           : near_moments(k(lane), dimension, {rho[1](lane), rho[2](lane), rho[3](lane), rho[4](lane)});
    }
  }
}

}  // namespace varimix
