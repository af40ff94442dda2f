#include "mixture/families.hpp"
#include "online_em_step-inl.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(M)                                                  \
  template double learn(OnlineEMState<M>&, M::Fit&, const BatchRows&, Status&); \
  template StepInfo step_info(const OnlineEMState<M>&, double, double);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
