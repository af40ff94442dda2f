#include "mixture/families.hpp"
#include "online_em_step-inl.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(M)                                    \
  template double OnlineEM<M>::learn(const Rows&, Status&);       \
  template StepInfo OnlineEM<M>::step_info(double, double) const; \
  template bool OnlineEM<M>::take_step(const Eta&, UpdateRule, Status&);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
