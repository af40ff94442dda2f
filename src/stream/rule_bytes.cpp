#include "varimix/stream/rule_bytes.hpp"

#include <string>

#include "rule_codec.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

const UpdateRule* wrapped_in(const UpdateRule& rule) {
  if (const auto* shrinkage = rule.get<Shrinkage>()) return &shrinkage->base();
  if (const auto* average = rule.get<PolyakAverage>()) return &average->base();
  return nullptr;
}

/// Dimension of the first statistics that a rule of ours carries or is set to, itself or inside; 0 for none.
Index dimension_of(const UpdateRule& rule) {
  const Eta* eta = nullptr;
  if (const auto* affine = rule.get<AffineUpdate>()) eta = affine->a ? &*affine->a : nullptr;
  if (const auto* ruppert = rule.get<PolyakRuppertUpdate>()) eta = ruppert->reported ? &*ruppert->reported : nullptr;
  if (const auto* blocks = rule.get<BlockIncrementalUpdate>()) {
    eta = blocks->memory.empty() ? nullptr : &blocks->memory.mean();
  }
  if (const auto* average = rule.get<PolyakAverage>()) eta = average->average() ? &*average->average() : nullptr;
  if (const auto* shrinkage = rule.get<Shrinkage>()) eta = &shrinkage->eta0();
  if (eta != nullptr) return eta->d();
  const UpdateRule* base = wrapped_in(rule);
  return base == nullptr ? 0 : dimension_of(*base);
}

}  // namespace

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
  require(!users_rule || holds_user_rule(rule), "users_rule", "left out for a rule that is varimix's own",
          users_rule ? users_rule->name() : "");
  const Index d = dimension_of(rule);
  field.guarded([&] {
    rule.check(d);
    check_carried(rule, d);
  });
  return rule;
}

const UpdateRule& innermost(const UpdateRule& rule) {
  const UpdateRule* base = wrapped_in(rule);
  return base == nullptr ? rule : innermost(*base);
}

}  // namespace varimix
