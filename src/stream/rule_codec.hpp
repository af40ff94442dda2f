#pragma once

#include "value_codec.hpp"
#include "varimix/em/rules/update_rules.hpp"

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

}  // namespace varimix
