#pragma once

#include <cstddef>
#include <span>
#include <variant>
#include <vector>

#include "varimix/em/batch_partial.hpp"
#include "varimix/mixture/moment_partial.hpp"
#include "varimix/stream/checkpoint_envelope.hpp"

namespace varimix {

/// A request about a model whose family is known only at run time.
using AnyEStepRequest = std::variant<EStepRequest<NormalInverseGaussian>, EStepRequest<VarianceGamma>,
                                     EStepRequest<NormalInverseGamma>, EStepRequest<GeneralizedHyperbolic>>;

/// Return a request, or the answer to one, as bytes: CBOR with header and checksum, as in a checkpoint
/// (docs/checkpoint_format.md). Equal values give equal bytes. The answer of no rows has some forty bytes, that of d
/// columns about 9 (3 + 3d + d(d+1)/2) and some hundreds for its description.
/// They throw CheckpointError above kMaxCheckpointBytes.
template <Fittable M>
[[nodiscard]] std::vector<std::byte> to_bytes(const EStepRequest<M>& request);
[[nodiscard]] std::vector<std::byte> to_bytes(const MaybePartial& partial);

[[nodiscard]] std::vector<std::byte> to_bytes(const MomentRequest& request);
[[nodiscard]] std::vector<std::byte> to_bytes(const MaybeMoments& partial);

/// Return the value whose bytes to_bytes gave, equal in every bit. They throw CheckpointError for bytes that are
/// damaged, newer than this build, or of anything else.
[[nodiscard]] AnyEStepRequest request_from_bytes(std::span<const std::byte> bytes);
[[nodiscard]] MaybePartial partial_from_bytes(std::span<const std::byte> bytes);
[[nodiscard]] MomentRequest moment_request_from_bytes(std::span<const std::byte> bytes);
[[nodiscard]] MaybeMoments moments_from_bytes(std::span<const std::byte> bytes);

}  // namespace varimix
