#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "varimix/em/rules/update_rules.hpp"
#include "varimix/stream/checkpoint_file.hpp"

namespace varimix {

/// A rule, its settings and its state, as bytes: those that a checkpoint of a state holds for it, with the same checksum.
/// A rule that is not varimix's, itself or inside another, is written by its name alone. Equal rules give equal bytes.
/// Throws CheckpointError for rules nested more than ten deep.
[[nodiscard]] std::vector<std::byte> to_bytes(const UpdateRule& rule);

/// The rule that to_bytes gave, in every bit.
/// @param users_rule  the rule that is not varimix's, where one was written; itself, not what stood around it.
/// Throws CheckpointError for bytes that are damaged, newer than this build, or no rule, and where `users_rule` is missing or
/// another; std::invalid_argument where `users_rule` is given and not needed.
[[nodiscard]] UpdateRule rule_from_bytes(std::span<const std::byte> bytes,
                                         const std::optional<UpdateRule>& users_rule = std::nullopt);

}  // namespace varimix
