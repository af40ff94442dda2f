#include "batch_em-inl.hpp"
#include "mixture/families.hpp"
#include "mixture/fitting/fit_coordinates.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(S) template class BatchEM<MeanVarianceMixture<S>>;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
