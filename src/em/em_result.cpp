#include "em_result-inl.hpp"
#include "mixture/families.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(S) template struct EMResult<MeanVarianceMixture<S>>;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
