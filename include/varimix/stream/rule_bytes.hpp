#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "varimix/em/rules/update_rules.hpp"
#include "varimix/stream/checkpoint_file.hpp"

namespace varimix {

/// Returns a rule with its settings and its state as bytes, encoded as in a checkpoint of a state and with a checksum
/// of the same kind. A rule that is not varimix's, itself or inside another, is written by its name alone. Equal rules
/// give equal bytes.
/// Throws CheckpointError for rules nested more than ten deep.
[[nodiscard]] std::vector<std::byte> to_bytes(const UpdateRule& rule);

/// Returns the rule whose bytes to_bytes gave, equal in every bit.
/// @param users_rule  the rule that is not varimix's, if one was written: that rule itself, without the rules that wrap
///   it.
/// Throws CheckpointError for bytes that are damaged, newer than this build, or no rule, and if `users_rule` is missing
/// or has another name; std::invalid_argument if `users_rule` is given and not needed.
[[nodiscard]] UpdateRule rule_from_bytes(std::span<const std::byte> bytes,
                                         const std::optional<UpdateRule>& users_rule = std::nullopt);

/// Returns the rule that is not varimix's: `rule` itself, or the one that it wraps; null if there is none. A rule of a user's
/// may itself wrap one of varimix's.
[[nodiscard]] const UpdateRule* users_rule_in(const UpdateRule& rule);

}  // namespace varimix
