#include "mixture/families.hpp"
#include "online_em_step-inl.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(S)                                                         \
  template double OnlineEM<MeanVarianceMixture<S>>::learn(const Rows&, Status&);       \
  template StepInfo OnlineEM<MeanVarianceMixture<S>>::step_info(double, double) const; \
  template bool OnlineEM<MeanVarianceMixture<S>>::take_step(const Eta&, UpdateRule, Status&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
