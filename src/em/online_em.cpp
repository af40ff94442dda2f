#include "mixture/families.hpp"
#include "online_em-inl.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(S)                           \
  template struct OnlineEMState<MeanVarianceMixture<S>>; \
  template class OnlineEM<MeanVarianceMixture<S>>;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
