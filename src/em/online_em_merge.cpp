#include "mixture/families.hpp"
#include "online_em_merge-inl.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(S)                                                        \
  template OnlineEM<MeanVarianceMixture<S>> OnlineEM<MeanVarianceMixture<S>>::fork(); \
  template void OnlineEM<MeanVarianceMixture<S>>::merge(const OnlineEM<MeanVarianceMixture<S>>&, bool);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
