#include "mixture/families.hpp"
#include "online_em_update-inl.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(S)                                                                        \
  template BatchReport OnlineEM<MeanVarianceMixture<S>>::update(const RowView&, const BatchOptions&); \
  template void OnlineEM<MeanVarianceMixture<S>>::check_batch(const RowView&, const BatchOptions&) const;
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
