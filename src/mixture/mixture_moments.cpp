#include "mixture_moments.hpp"

#include <cmath>
#include <limits>

namespace varimix {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// These are powers of Y in absolute moments of sqrt(Y) Z, and binomial coefficients in moments of gamma Y + sqrt(Y) Z.
constexpr double kThreeHalves = 1.5;
constexpr double kThree = 3.0;
constexpr double kSix = 6.0;

/// A column in the units in which E[Y] is 1 and so is its variance given Y = 1: it has the skewness
/// rho = gamma_j sqrt(E[Y] / Sigma_jj) and the cumulants of Y / E[Y].
struct StandardColumn {
  double rho, second, third, fourth;
};

StandardColumn standard_column(const MomentsOfX& x, Index j) {
  const double m = x.y.mean;
  return {x.gamma(j) * std::sqrt(m) / std::sqrt(x.sigma(j, j)), x.y.second / m / m, x.y.third / m / m / m,
          x.y.fourth / m / m / m / m};
}

double skewness_of(const StandardColumn& c) {
  if (std::isinf(c.third)) return std::isfinite(c.second) ? std::copysign(kUnbounded, c.rho) : kNone;
  if (std::abs(c.rho) <= 1.0) {
    const double variance = std::fma(c.rho * c.rho, c.second, 1.0);
    return c.rho * (c.rho * c.rho * c.third + kThree * c.second) / (variance * std::sqrt(variance));
  }
  const double t = 1.0 / c.rho;
  const double variance = std::fma(t, t, c.second);
  return std::copysign(1.0, c.rho) * (c.third + kThree * t * t * c.second) / (variance * std::sqrt(variance));
}

double kurtosis_of(const StandardColumn& c) {
  if (std::isinf(c.fourth)) return std::isfinite(c.second) ? kUnbounded : kNone;
  if (std::abs(c.rho) <= 1.0) {
    const double r = c.rho * c.rho;
    const double variance = std::fma(r, c.second, 1.0);
    return (r * (r * c.fourth + kSix * c.third) + kThree * c.second) / (variance * variance);
  }
  const double t = 1.0 / (c.rho * c.rho);
  const double variance = t + c.second;
  return (c.fourth + t * (kSix * c.third + t * kThree * c.second)) / (variance * variance);
}

/// Returns Sigma_jk E[Y] + gamma_j gamma_k Var(Y). Where Var(Y) is infinite, gamma_j gamma_k decides if it is not 0.
/// Otherwise the terms Z_j Z_k Y and Z_j Y^{3/2} are left, which have either sign and must be integrable.
double covariance_of(const MomentsOfX& x, Index j, Index k) {
  if (std::isfinite(x.y.second)) return x.y.mean * x.sigma(j, k) + x.y.second * x.gamma(j) * x.gamma(k);
  const bool j_is_skew = x.gamma(j) != 0.0;
  const bool k_is_skew = x.gamma(k) != 0.0;
  if (j_is_skew && k_is_skew) return (x.gamma(j) > 0.0) == (x.gamma(k) > 0.0) ? kUnbounded : -kUnbounded;
  if (j == k) return x.y.mean * x.sigma(j, j);
  return x.y_has(j_is_skew || k_is_skew ? kThreeHalves : 1.0) ? x.y.mean * x.sigma(j, k) : kNone;
}

}  // namespace

Vector MomentsOfX::mean() const {
  Vector out(gamma.size());
  for (Index j = 0; j < gamma.size(); ++j) {
    out(j) = gamma(j) != 0.0 ? gamma(j) * y.mean : y_has(0.5) ? 0.0 : kNone;
  }
  return out;
}

Matrix MomentsOfX::covariance() const {
  Matrix out(gamma.size(), gamma.size());
  for (Index j = 0; j < gamma.size(); ++j) {
    for (Index k = 0; k <= j; ++k) out(j, k) = out(k, j) = covariance_of(*this, j, k);
  }
  return out;
}

Vector MomentsOfX::skewness() const {
  Vector out(gamma.size());
  for (Index j = 0; j < gamma.size(); ++j) {
    out(j) = gamma(j) != 0.0 ? skewness_of(standard_column(*this, j)) : y_has(kThreeHalves) ? 0.0 : kNone;
  }
  return out;
}

Vector MomentsOfX::kurtosis() const {
  Vector out(gamma.size());
  for (Index j = 0; j < gamma.size(); ++j) {
    // With gamma_j = 0 it is 3 Var(Y) / E[Y]^2.
    out(j) = gamma(j) != 0.0 ? kurtosis_of(standard_column(*this, j)) : kThree * (y.second / y.mean / y.mean);
  }
  return out;
}

Matrix MomentsOfX::scatter_over_y() const {
  Matrix out = sigma;
  for (Index j = 0; j < gamma.size(); ++j) {
    for (Index k = 0; k < gamma.size(); ++k) {
      if (gamma(j) != 0.0 && gamma(k) != 0.0) out(j, k) += y.mean * gamma(j) * gamma(k);
    }
  }
  return out;
}

}  // namespace varimix
