#pragma once

#include "rule_codec.hpp"
#include "varimix/em/online_em_state.hpp"

namespace varimix {

/// Encodes a state by the schema kCheckpointSchema.
template <Fittable M>
[[nodiscard]] Json encode_state(const OnlineEMState<M>& state);

/// Decodes a state that encode_state wrote. Throws CheckpointError for anything that an OnlineEM cannot hold.
template <Fittable M>
[[nodiscard]] OnlineEMState<M> decode_state(const Field& field);

}  // namespace varimix
