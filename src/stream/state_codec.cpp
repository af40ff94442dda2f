#include "mixture/families.hpp"
#include "model_codec.hpp"
#include "state_codec-inl.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(S)                                                                      \
  template Json encode_state<MeanVarianceMixture<S>>(const OnlineEMState<MeanVarianceMixture<S>>&); \
  template OnlineEMState<MeanVarianceMixture<S>> decode_state<MeanVarianceMixture<S>>(const Field&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
