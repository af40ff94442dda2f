#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "varimix/em/online_em.hpp"
#include "varimix/stream/checkpoint_file.hpp"

namespace varimix {

/// A state of a family that is known at run time only.
using AnyOnlineEM = std::variant<OnlineEM<NormalInverseGaussian>, OnlineEM<VarianceGamma>, OnlineEM<NormalInverseGamma>,
                                 OnlineEM<GeneralizedHyperbolic>>;

/// A state as the bytes of a checkpoint (docs/checkpoint_format.md). Equal states give equal bytes.
/// Throws CheckpointError for a state above kMaxCheckpointBytes, or with rules nested more than ten deep.
/// Cost: about 20 d^2 bytes for every matrix that the state holds, for a moment twice.
template <Fittable M>
[[nodiscard]] std::vector<std::byte> to_bytes(const OnlineEM<M>& state);

/// The state that to_bytes gave, in every bit: to go on from it gives what going on without a stop would have given, in the
/// same build on the same kind of processor. States of all earlier releases are read.
/// @param rule  the update rule, where the state was made with one that is not varimix's, with whatever state it carries: a
///   checkpoint never names code to run. Where it stood inside a Shrinkage or a PolyakAverage, that rule itself. It also stands
///   for itself in what forks remember, so that a rule which carries statistics should not be merged after a load.
/// Throws CheckpointError for bytes that are damaged, newer than this build, of another family, or no state that a fit could
/// have come to, and where `rule` is missing or another; std::invalid_argument where `rule` is given and not needed.
template <Fittable M>
[[nodiscard]] OnlineEM<M> from_bytes(std::span<const std::byte> bytes,
                                     const std::optional<UpdateRule>& rule = std::nullopt);

/// The same, of the family that the bytes name.
[[nodiscard]] AnyOnlineEM from_bytes_any(std::span<const std::byte> bytes,
                                         const std::optional<UpdateRule>& rule = std::nullopt);

/// Writes the state to a file as write_checkpoint does; what was there is kept as `path`.prev. Throws as both.
template <Fittable M>
void save(const OnlineEM<M>& state, const std::filesystem::path& path);

/// The state in a file. Throws as from_bytes and read_checkpoint: messages name the file, and the previous checkpoint.
template <Fittable M>
[[nodiscard]] OnlineEM<M> load(const std::filesystem::path& path, const std::optional<UpdateRule>& rule = std::nullopt);

/// The same, of the family that the file names.
[[nodiscard]] AnyOnlineEM load_any(const std::filesystem::path& path,
                                   const std::optional<UpdateRule>& rule = std::nullopt);

}  // namespace varimix
