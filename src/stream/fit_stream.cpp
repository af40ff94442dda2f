#include "fit_stream-inl.hpp"
#include "mixture/families.hpp"
#include "varimix/core/require.hpp"

namespace varimix {

void StreamOptions::check() const {
  require(batch_size >= 1, "batch_size", ">= 1", batch_size);
  require(passes >= 1, "passes", ">= 1", passes);
  require(max_steps >= 0, "max_steps", ">= 0", max_steps);
  require(shuffle_buffer >= 0, "shuffle_buffer", ">= 0", shuffle_buffer);
  require(read_ahead >= 0, "read_ahead", ">= 0", read_ahead);
  require(every >= 1, "every", ">= 1", every);
  if (stop_when) stop_when->check();
}

#define VARIMIX_INSTANTIATE(M)                                                            \
  template EMResult<M> fit_stream(OnlineEM<M>&, const OpenSource&, const StreamOptions&,  \
                                  const std::optional<UpdateRule>&, const StepCallback&); \
  template EMResult<M> fit_stream(BootstrapEM<M>&, const OpenSource&, const StreamOptions&, const StepCallback&);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
