#include "rule_codec.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace varimix {
template <>
inline constexpr auto kMembers<BlockMemory::Block> = std::tuple(member("number", &BlockMemory::Block::number),
                                                                member("eta", &BlockMemory::Block::eta));

template <>
struct Codec<BlockMemory> {
  static Json encode(const BlockMemory& memory) {
    MapWriter writer;
    writer("blocks", memory.blocks());
    writer("gauge", memory.gauge());
    writer("seen", memory.seen());
    return std::move(writer).take();
  }
  static BlockMemory decode(const Field& field) {
    MapReader reader(field);
    const auto blocks = reader.get<std::int64_t>("blocks");
    const auto gauge = reader.get<double>("gauge");
    const auto seen = reader.get<std::vector<BlockMemory::Block>>("seen");
    reader.finish();
    return field.guarded([&] { return BlockMemory(blocks, gauge, seen); });
  }
};

/// A strength is a number, or an eta of strengths by field.
template <>
struct Codec<Strength> {
  static Json encode(const Strength& tau) {
    return tau.number() != nullptr ? Json(*tau.number()) : Codec<Eta>::encode(*tau.by_field());
  }
  static Strength decode(const Field& field) {
    if (field.json().is_number()) return Codec<double>::decode(field);
    return Codec<Eta>::decode(field);
  }
};

namespace {

constexpr const char* kUserRule = "user";

Json named(const std::string& name, Json values) { return {{"name", name}, {"values", std::move(values)}}; }

UpdateRule users_rule(const Field& values) {
  MapReader reader(values);
  const auto called = reader.get<std::string>("called");
  reader.finish();
  const std::string what = called.empty() ? "that is not varimix's" : in_quotes(called) + ", which is not varimix's";
  const UpdateRule* given = values.given_rule();
  if (given == nullptr) values.fail("it was made with a rule " + what + ": give that rule to load as well");
  if (given->name() != called)
    values.fail("it was made with a rule " + what + ", not with " +
                (given->name().empty() ? varimix::called(*given) : in_quotes(given->name())));
  return *given;
}

}  // namespace

Json Codec<UpdateRule>::encode(const UpdateRule& rule) {
  Json out;
  const bool is_ours = UpdateRules::any_of([&]<class R>() {
    const R* held = rule.get<R>();
    if (held != nullptr) out = named(R::kName, Codec<R>::encode(*held));
    return held != nullptr;
  });
  return is_ours ? out : named(kUserRule, {{"called", rule.name()}});
}

UpdateRule Codec<UpdateRule>::decode(const Field& field) {
  MapReader reader(field);
  const auto name = reader.get<std::string>("name");
  const Field values = reader.field("values");
  reader.finish();
  if (name == kUserRule) return users_rule(values);
  std::optional<UpdateRule> rule;
  UpdateRules::any_of([&]<class R>() {
    if (R::kName != name) return false;
    rule = field.guarded([&] { return UpdateRule(Codec<R>::decode(values)); });
    return true;
  });
  if (!rule) field.fail("this varimix has no rule " + in_quotes(name));
  return *std::move(rule);
}

}  // namespace varimix
