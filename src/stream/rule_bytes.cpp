#include "varimix/stream/rule_bytes.hpp"

#include <string>

#include "rule_codec.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
std::vector<std::byte> to_bytes(const UpdateRule& rule) {
  const std::vector<std::uint8_t> payload = encode_cbor({{"rule", Codec<UpdateRule>::encode(rule)}});
  return wrap_checkpoint(std::as_bytes(std::span(payload)));
}

UpdateRule rule_from_bytes(std::span<const std::byte> bytes, const std::optional<UpdateRule>& users_rule) {
  const Json value = decode_cbor(unwrap_checkpoint(bytes));
  MapReader reader(Field(value, "", users_rule ? &*users_rule : nullptr));
  const Field field = reader.field("rule");
  reader.finish();
  UpdateRule rule = Codec<UpdateRule>::decode(field);
  require(!users_rule || users_rule_in(rule) != nullptr, "users_rule", "left out for a rule that is varimix's own",
          users_rule ? called(*users_rule) : "");
  field.guarded([&] { rule.check(rule.d()); });
  return rule;
}

const UpdateRule* users_rule_in(const UpdateRule& rule) {
  const bool is_ours = UpdateRules::any_of([&]<class R>() { return rule.get<R>() != nullptr; });
  if (!is_ours) return &rule;
  return rule.base() == nullptr ? nullptr : users_rule_in(*rule.base());
}

}  // namespace varimix
