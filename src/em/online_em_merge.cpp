#include "mixture/families.hpp"
#include "online_em_merge-inl.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(M)              \
  template OnlineEM<M> OnlineEM<M>::fork(); \
  template void OnlineEM<M>::merge(const OnlineEM<M>&, bool);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
