#include "mixture/families.hpp"
#include "online_em-inl.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(M)      \
  template struct OnlineEMState<M>; \
  template class OnlineEM<M>;
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
