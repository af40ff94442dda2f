#include "varimix/em/shrinkage_targets.hpp"

#include <cmath>
#include <string>

#include "../mixture/families.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/cholesky.hpp"

namespace varimix {

template <Subordinator S>
Expectations eta0_from_model(const NormalMixture<S>& model) {
  return model.compute_eta_from_model();
}

template <Subordinator S>
Expectations eta0_with_sigma(const NormalMixture<S>& model, const Matrix& Sigma0) {
  (void)checked_cholesky(Sigma0, model.d(), "Sigma0");
  Expectations eta = model.compute_eta_from_model();  // about mu: Sigma + gamma gamma' E[Y]
  eta.xx_inv_y = symmetrized(Sigma0 + eta.y * model.gamma() * model.gamma().transpose());
  return eta;
}

template <Subordinator S>
Expectations eta0_isotropic(const NormalMixture<S>& model, double sigma2) {
  require(std::isfinite(sigma2) && sigma2 > 0.0, "sigma2", "finite and > 0", sigma2);
  return eta0_with_sigma(model, sigma2 * Matrix::Identity(model.d(), model.d()));
}

template <Subordinator S>
Expectations eta0_diagonal(const NormalMixture<S>& model, const Vector& diag) {
  require(diag.size() == model.d(), "diag", "of dimension " + std::to_string(model.d()), diag.size());
  for (Index j = 0; j < diag.size(); ++j) {
    require(std::isfinite(diag(j)) && diag(j) > 0.0, "diag[" + std::to_string(j) + "]", "finite and > 0", diag(j));
  }
  return eta0_with_sigma(model, Matrix(diag.asDiagonal()));
}

#define VARIMIX_INSTANTIATE(S)                                                          \
  template Expectations eta0_from_model(const NormalMixture<S>&);                       \
  template Expectations eta0_with_sigma(const NormalMixture<S>&, const Matrix& Sigma0); \
  template Expectations eta0_isotropic(const NormalMixture<S>&, double);                \
  template Expectations eta0_diagonal(const NormalMixture<S>&, const Vector&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
