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

/// A state whose family is known only at run time.
using AnyOnlineEM = std::variant<OnlineEM<NormalInverseGaussian>, OnlineEM<VarianceGamma>, OnlineEM<NormalInverseGamma>,
                                 OnlineEM<GeneralizedHyperbolic>>;

/// Returns a state as the bytes of a checkpoint (docs/checkpoint_format.md). Equal states, of columns of
/// the same names, give equal bytes.
/// Throws CheckpointError for a state above kMaxCheckpointBytes, or with rules nested more than ten deep.
/// Memory: about 20 d^2 bytes for every matrix that the state holds, for a moment twice that.
template <Fittable M>
[[nodiscard]] std::vector<std::byte> to_bytes(const OnlineEM<M>& state);

/// Returns the state that was given to to_bytes, in every bit. A fit that goes on from it gives what it would have
/// given without the stop, in the same build on the same kind of processor. States of all earlier releases are read.
/// @param rule  the update rule, with whatever state it carries, if the state was made with one that is not varimix's
///   own: a checkpoint never names code to run. If that rule stood inside a Shrinkage or a PolyakAverage, give the
///   inner rule itself. It also takes the place of the rules that forks remember, so a rule that carries statistics
///   should not be merged after a load.
/// Throws CheckpointError for bytes that are damaged, newer than this build, of another family, or not a state that a
/// fit could have come to, and if `rule` is missing or another one; std::invalid_argument if `rule` is given and not
/// needed.
template <Fittable M>
[[nodiscard]] OnlineEM<M> from_bytes(std::span<const std::byte> bytes,
                                     const std::optional<UpdateRule>& rule = std::nullopt);

/// Does the same for the family that the bytes name.
[[nodiscard]] AnyOnlineEM from_bytes_any(std::span<const std::byte> bytes,
                                         const std::optional<UpdateRule>& rule = std::nullopt);

/// Writes the state to a file as write_checkpoint does; the file that was there is kept as `path`.prev. Throws as
/// to_bytes and write_checkpoint do.
template <Fittable M>
void save(const OnlineEM<M>& state, const std::filesystem::path& path);

/// Returns the state in a file. Throws as from_bytes and read_checkpoint do; messages name the file and the previous
/// checkpoint.
template <Fittable M>
[[nodiscard]] OnlineEM<M> load(const std::filesystem::path& path, const std::optional<UpdateRule>& rule = std::nullopt);

/// Does the same for the family that the file names.
[[nodiscard]] AnyOnlineEM load_any(const std::filesystem::path& path,
                                   const std::optional<UpdateRule>& rule = std::nullopt);

}  // namespace varimix
