#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <variant>
#include <vector>

#include "varimix/inference/bootstrap_em.hpp"
#include "varimix/stream/checkpoint_file.hpp"

namespace varimix {

/// A bootstrap whose family is known only at run time.
using AnyBootstrapEM = std::variant<BootstrapEM<NormalInverseGaussian>, BootstrapEM<VarianceGamma>,
                                    BootstrapEM<NormalInverseGamma>, BootstrapEM<GeneralizedHyperbolic>>;

/// These are the functions of checkpoint.hpp for a fit with its replicas: the same bits come back, and go on as if they had
/// never stopped. The file is B + 1 times as large as that of an OnlineEM.
/// They throw as those do, and std::invalid_argument for an update rule that is not varimix's own: a checkpoint does not hold
/// its state, and each replica has one.
template <Fittable M>
[[nodiscard]] std::vector<std::byte> to_bytes(const BootstrapEM<M>& state);
template <Fittable M>
void save(const BootstrapEM<M>& state, const std::filesystem::path& path);
/// Return the bootstrap of the family that the bytes, or the file, name.
[[nodiscard]] AnyBootstrapEM bootstrap_from_bytes(std::span<const std::byte> bytes);
[[nodiscard]] AnyBootstrapEM load_bootstrap(const std::filesystem::path& path);

}  // namespace varimix
