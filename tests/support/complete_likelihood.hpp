#pragma once

#include <Eigen/Dense>
#include <cmath>

#include "varimix/mixture/normal_mixture.hpp"
#include "varimix/stats/expectations.hpp"

namespace varimix::tests {

/// Mean expected complete log-likelihood of a model given posterior moments eta, less what no parameter enters.
inline double expected_complete_likelihood(const NormalInverseGaussian& model, const Expectations& eta) {
  const Expectations centred = with_origin(eta, model.mu());
  const Matrix cross = centred.x * model.gamma().transpose();
  const Matrix scatter =
      centred.xx_inv_y - cross - cross.transpose() + eta.y * model.gamma() * model.gamma().transpose();
  const double mu_ig = model.subordinator().mu_ig();
  const double lam = model.subordinator().lam();
  const double normal = -0.5 * (model.log_det_sigma() + model.sigma().llt().solve(scatter).trace());
  return normal + 0.5 * (std::log(lam) - lam * (eta.y / (mu_ig * mu_ig) - 2.0 / mu_ig + eta.inv_y));
}

}  // namespace varimix::tests
