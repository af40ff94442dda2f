#include "mixture/families.hpp"
#include "model_codec.hpp"
#include "state_codec-inl.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(M)                            \
  template Json encode_state<M>(const OnlineEMState<M>&); \
  template OnlineEMState<M> decode_state<M>(const Field&);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
