#include "em_result-inl.hpp"
#include "mixture/families.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(M) template struct EMResult<M>;
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
