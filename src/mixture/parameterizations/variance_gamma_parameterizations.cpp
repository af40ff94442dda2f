#include <cmath>

#include "parameter_checks.hpp"
#include "varimix/mixture/parameterizations.hpp"

namespace varimix {
namespace {

VarianceGamma of_unit_mean(double mu, double theta, double sigma, double shape) {
  return {Vector::Constant(1, mu), Vector::Constant(1, theta), Matrix::Constant(1, 1, sigma), Gamma(shape, shape)};
}

}  // namespace

VarianceGammaSigmaNuTheta to_sigma_nu_theta(const VarianceGamma& model) {
  require_one_dimensional(model.d());
  const double mean = model.subordinator().E_Y();
  return {.sigma = representable(model.L_Sigma()(0, 0) * std::sqrt(mean), "sigma"),
          .nu = representable(1.0 / model.subordinator().alpha(), "nu"),
          .theta = model.gamma()(0) * mean,
          .mu = model.mu()(0)};
}

VarianceGamma from_sigma_nu_theta(const VarianceGammaSigmaNuTheta& given) {
  require_positive(given.sigma, "sigma");
  require_positive(given.nu, "nu");
  require(std::isfinite(given.theta), "theta", "finite", given.theta);
  require(std::isfinite(given.mu), "mu", "finite", given.mu);
  return of_unit_mean(given.mu, given.theta, given.sigma, 1.0 / given.nu);
}

VarianceGammaCgm to_cgm(const VarianceGamma& model) {
  require_one_dimensional(model.d());
  // These are theta nu / 2 and sigma sqrt(nu / 2), which no gauge changes. The smaller of r +- theta nu / 2 would
  // cancel; it is sigma^2 nu / 2 over the larger.
  const double half_drift = 0.5 * model.gamma()(0) / model.subordinator().beta();
  const double deviation = model.L_Sigma()(0, 0) / std::sqrt(2.0 * model.subordinator().beta());
  const double longer = std::hypot(half_drift, deviation) + std::abs(half_drift);
  const double shorter = deviation * (deviation / longer);
  const double gains = half_drift < 0.0 ? shorter : longer;
  const double losses = half_drift < 0.0 ? longer : shorter;
  return {.C = model.subordinator().alpha(),
          .G = representable(1.0 / losses, "G"),
          .M = representable(1.0 / gains, "M"),
          .mu = model.mu()(0)};
}

VarianceGamma from_cgm(const VarianceGammaCgm& given) {
  require_positive(given.C, "C");
  require_positive(given.G, "G");
  require_positive(given.M, "M");
  require(std::isfinite(given.mu), "mu", "finite", given.mu);
  const double theta = given.C * ((given.G - given.M) / given.G / given.M);
  const double sigma = std::sqrt(2.0 * given.C) / std::sqrt(given.G) / std::sqrt(given.M);
  return of_unit_mean(given.mu, theta, sigma, given.C);
}

}  // namespace varimix
