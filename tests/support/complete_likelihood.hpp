#pragma once

#include <Eigen/Dense>

#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/stats/mixture_statistics.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix::tests {

/// Returns the mean expected complete log-likelihood of a model given posterior moments eta, without the terms that no
/// parameter enters. The term p E[log Y] needs eta's E[log Y] for the families that use it.
template <Subordinator S>
double expected_complete_likelihood(const MeanVarianceMixture<S>& model, const Eta& eta) {
  const MixtureStatistics centred = mixture_statistics(with_origin(eta, model.mu()));
  const Matrix cross = centred.x * model.gamma().transpose();
  const Matrix scatter =
      centred.xx_inv_y - cross - cross.transpose() + centred.y * model.gamma() * model.gamma().transpose();
  const double normal = -0.5 * (model.log_det_sigma() + model.sigma().llt().solve(scatter).trace());
  const GigParameters gig = model.subordinator().gig();
  return normal + gig.p * centred.log_y.value_or(0.0) - 0.5 * (gig.a * centred.y + gig.b * centred.inv_y) -
         gig_log_normaliser(gig.p, gig.a, gig.b);
}

}  // namespace varimix::tests
