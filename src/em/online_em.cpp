#include "mixture/families.hpp"
#include "online_em-inl.hpp"
#include "online_em_model-inl.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(M)                                              \
  template struct OnlineEMState<M>;                                         \
  template class OnlineEM<M>;                                               \
  template void rescale_y(OnlineEMState<M>&, M::Fit&, double);              \
  template Shown<M> shown(const OnlineEMState<M>&, const M::Fit&, Status&); \
  template M model_seen(const OnlineEMState<M>&, const M::Fit&);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
