#pragma once

#include "value_codec.hpp"
#include "varimix/em/update_rules.hpp"

namespace varimix {

/// {"name": of the rule, "values": its settings and state}. A rule that is not ours is {"name": "user", "values": {"called":
/// its name()}}; reading it gives the rule that the caller of load gave, which must have that name. Also inside another rule.
template <>
struct Codec<UpdateRule> {
  static Json encode(const UpdateRule& rule);
  static UpdateRule decode(const Field& field);
};

/// Whether a rule that is not ours stands in `rule`, as itself or inside.
[[nodiscard]] bool holds_user_rule(const UpdateRule& rule);

/// Throws std::invalid_argument where what a rule of ours carries is not finite, of another dimension than d, or out of its
/// domain, which UpdateRule::check, made for settings, does not look at.
void check_carried(const UpdateRule& rule, Index d);

}  // namespace varimix
