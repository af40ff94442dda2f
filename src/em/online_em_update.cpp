#include "mixture/families.hpp"
#include "online_em_update-inl.hpp"

namespace varimix {

#define VARIMIX_INSTANTIATE(M) template BatchReport OnlineEM<M>::update(const RowView&, const BatchOptions&);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
