#include "varimix/mixture/complete_likelihood.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <string>

#include "families.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stats/mixture_statistics.hpp"
#include "varimix/stats/origin.hpp"

namespace varimix {
namespace {

/// Returns the part p E[log Y] - (a s2 + b s1)/2 - log k that the law of Y has. It uses log k = -log_constant - z with
/// z = sqrt(ab), and (a s2 + b s1)/2 - z = (sqrt(a s2) - sqrt(b s1))^2/2 + z (sqrt(s1 s2) - 1).
template <Subordinator S>
double log_likelihood_of_y(const S& law, const MixtureStatistics& eta) {
  const GigParameters gig = law.gig();
  const double root_a_y = gig.a > 0.0 ? std::sqrt(gig.a * eta.y) : 0.0;
  const double root_b_y = gig.b > 0.0 ? std::sqrt(gig.b * eta.inv_y) : 0.0;
  const double z = std::sqrt(gig.a) * std::sqrt(gig.b);
  const double tail_weight = z > 0.0 ? std::fma(eta.inv_y, eta.y, -1.0) : 0.0;
  const double excess = z * (tail_weight / (std::sqrt(1.0 + tail_weight) + 1.0));
  return gig.p * eta.log_y.value_or(0.0) + law.log_constant() -
         (0.5 * (root_a_y - root_b_y) * (root_a_y - root_b_y) + excess);
}

}  // namespace

template <Subordinator S>
double complete_log_likelihood(const MeanVarianceMixture<S>& model, const Eta& eta) {
  require_dimension(eta.d(), model.d(), "eta");
  const MixtureStatistics centred = mixture_statistics(with_origin(eta, model.mu()));
  const Matrix cross = centred.x * model.gamma().transpose();
  const Matrix scatter =
      centred.xx_inv_y - cross - cross.transpose() + centred.y * model.gamma() * model.gamma().transpose();
  const auto solve = model.L_Sigma().template triangularView<Eigen::Lower>();
  const double distance = solve.solve(solve.solve(scatter).transpose()).trace();
  return -0.5 * (model.log_det_sigma() + distance) + log_likelihood_of_y(model.subordinator(), centred);
}

#define VARIMIX_INSTANTIATE(S) template double complete_log_likelihood(const MeanVarianceMixture<S>&, const Eta&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
