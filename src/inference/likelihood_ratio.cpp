#include "varimix/inference/likelihood_ratio.hpp"

#include <algorithm>
#include <cmath>

#include "fitted_law.hpp"
#include "mixture/families.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// Held values agree to this, relative to their size: those of one gauge were copied from one model.
constexpr double kHeldTolerance = 1e-9;

bool is_same_held(const Eigen::Ref<const Matrix>& a, const Eigen::Ref<const Matrix>& b) {
  return (a - b).norm() <= kHeldTolerance * std::max(a.norm(), b.norm());
}

/// Throws std::invalid_argument unless both fits hold the parameter at the same value. The shape's parameters are held by
/// laws of one family alone.
template <Subordinator Small, Subordinator Large>
void require_same_value(const std::string& parameter, const MeanVarianceMixture<Small>& small,
                        const MeanVarianceMixture<Large>& large) {
  bool is_same = true;
  if (parameter == "mu") {
    is_same = is_same_held(small.mu(), large.mu());
  } else if (parameter == "gamma") {
    is_same = is_same_held(small.gamma(), large.gamma());
  } else if (parameter == "sigma") {
    is_same = is_same_held(small.L_Sigma(), large.L_Sigma());
  } else if constexpr (std::same_as<Small, Large>) {
    const auto at = std::find(Small::kParameterNames.begin(), Small::kParameterNames.end(), parameter);
    const auto k = static_cast<std::size_t>(at - Small::kParameterNames.begin());
    const double a = small.subordinator().parameters()[k];
    const double b = large.subordinator().parameters()[k];
    is_same = std::abs(a - b) <= kHeldTolerance * std::max(std::abs(a), std::abs(b));
  } else {
    is_same = false;
  }
  require(is_same, "small." + parameter, "held at the value at which large holds it", "another");
}

}  // namespace

template <class Small, class Large>
LikelihoodRatio likelihood_ratio(const EMResult<Small>& small, const EMResult<Large>& large) {
  const LikelihoodRatio test =
      likelihood_ratio(fitted_law("small", small), fitted_law("large", large), kNesting<Small, Large>);
  for (const std::string& parameter : large.held) require_same_value(parameter, small.model, large.model);
  return test;
}

#define VARIMIX_INSTANTIATE_PAIR(Small, Large) \
  template LikelihoodRatio likelihood_ratio(const EMResult<Small>&, const EMResult<Large>&);
#define VARIMIX_INSTANTIATE(Small)                       \
  VARIMIX_INSTANTIATE_PAIR(Small, NormalInverseGaussian) \
  VARIMIX_INSTANTIATE_PAIR(Small, VarianceGamma)         \
  VARIMIX_INSTANTIATE_PAIR(Small, NormalInverseGamma)    \
  VARIMIX_INSTANTIATE_PAIR(Small, GeneralizedHyperbolic)
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE
#undef VARIMIX_INSTANTIATE_PAIR

}  // namespace varimix
