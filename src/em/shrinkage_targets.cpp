#include "varimix/em/shrinkage_targets.hpp"

#include <cmath>
#include <string>

#include "mixture/families.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/cholesky.hpp"
#include "varimix/stats/mixture_statistics.hpp"

namespace varimix {

template <Subordinator S>
Eta eta0_from_model(const MeanVarianceMixture<S>& model) {
  return model.compute_eta_from_model();
}

template <Subordinator S>
Eta eta0_with_sigma(const MeanVarianceMixture<S>& model, const Matrix& Sigma0) {
  (void)checked_cholesky(Sigma0, model.d(), "Sigma0");
  const Eta own = model.compute_eta_from_model();  // about mu: Sigma + gamma gamma' E[Y]
  MixtureStatistics statistics = mixture_statistics(own);
  statistics.xx_inv_y = Sigma0 + statistics.y * model.gamma() * model.gamma().transpose();
  return to_eta(statistics, own.origin);
}

template <Subordinator S>
Eta eta0_isotropic(const MeanVarianceMixture<S>& model, double sigma2) {
  require(std::isfinite(sigma2) && sigma2 > 0.0, "sigma2", "finite and > 0", sigma2);
  return eta0_with_sigma(model, sigma2 * Matrix::Identity(model.d(), model.d()));
}

template <Subordinator S>
Eta eta0_diagonal(const MeanVarianceMixture<S>& model, const Vector& diag) {
  require(diag.size() == model.d(), "diag", "of dimension " + std::to_string(model.d()), diag.size());
  for (Index j = 0; j < diag.size(); ++j) {
    require(std::isfinite(diag(j)) && diag(j) > 0.0, "diag[" + std::to_string(j) + "]", "finite and > 0", diag(j));
  }
  return eta0_with_sigma(model, Matrix(diag.asDiagonal()));
}

#define VARIMIX_INSTANTIATE(S)                                                       \
  template Eta eta0_from_model(const MeanVarianceMixture<S>&);                       \
  template Eta eta0_with_sigma(const MeanVarianceMixture<S>&, const Matrix& Sigma0); \
  template Eta eta0_isotropic(const MeanVarianceMixture<S>&, double);                \
  template Eta eta0_diagonal(const MeanVarianceMixture<S>&, const Vector&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
