#pragma once

#include "value_codec.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/stream/rule_bytes.hpp"

namespace varimix {

/// A rule is the map {"name": its name, "values": its settings and state}. A rule that is not varimix's, itself or
/// inside another, is {"name": "user", "values": {"called": its name()}}; reading it gives the rule that the caller of
/// load gave, which must have that name.
template <>
struct Codec<UpdateRule> {
  static Json encode(const UpdateRule& rule);
  static UpdateRule decode(const Field& field);
};

}  // namespace varimix
