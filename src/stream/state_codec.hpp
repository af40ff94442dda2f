#pragma once

#include "rule_codec.hpp"
#include "varimix/em/online_em_state.hpp"

namespace varimix {

/// A state of the family of S, as the schema kCheckpointSchema has it.
template <Fittable M>
[[nodiscard]] Json encode_state(const OnlineEMState<M>& state);

/// The same back. Throws CheckpointError for anything that an OnlineEM could not have come to hold.
template <Fittable M>
[[nodiscard]] OnlineEMState<M> decode_state(const Field& field);

}  // namespace varimix
