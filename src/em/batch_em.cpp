#include "batch_em-inl.hpp"
#include "mixture/families.hpp"
#include "mixture/fitting/fit_coordinates.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(M) template class BatchEM<M>;
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
