#include "varimix/mixture/law_difference.hpp"

#include <algorithm>
#include <cmath>

namespace varimix {

template <Subordinator S>
double law_difference(const NormalMixture<S>& model, const NormalMixture<S>& other) {
  const double y = model.subordinator().E_Y();
  const double other_y = other.subordinator().E_Y();
  const Vector deviation = model.cov().diagonal().cwiseSqrt();
  const Vector mu = (model.mu() - other.mu()).cwiseQuotient(deviation);
  const Vector gamma = (y * model.gamma() - other_y * other.gamma()).cwiseQuotient(deviation);
  const Matrix sigma = (y * model.sigma() - other_y * other.sigma()).cwiseQuotient(deviation * deviation.transpose());
  const double tail = (model.tail_weight() - other.tail_weight()) / model.tail_weight();
  return std::max({mu.cwiseAbs().maxCoeff(), gamma.cwiseAbs().maxCoeff(), sigma.cwiseAbs().maxCoeff(), std::abs(tail)});
}

template double law_difference(const NormalInverseGaussian&, const NormalInverseGaussian&);

}  // namespace varimix
