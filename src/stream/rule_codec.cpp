#include "rule_codec.hpp"

#include <algorithm>
#include <cmath>

#include "varimix/core/require.hpp"
#include "varimix/stream/rule_bytes.hpp"

namespace varimix {
namespace {

void check_eta(const Eta& eta, Index d, const char* name) {
  require(eta.d() == d, name, "of dimension " + std::to_string(d), eta.d());
  require(eta.is_finite() && eta.origin.allFinite() && std::isfinite(eta.weight), name, "finite", "one that is not");
}

}  // namespace

template <>
struct Codec<IdentityUpdate> : FieldsCodec<IdentityUpdate> {
  template <class Archive>
  static void fields(Archive& /*archive*/, Member<Archive, IdentityUpdate> /*rule*/) {}
};

template <>
struct Codec<RobbinsMonroUpdate> : FieldsCodec<RobbinsMonroUpdate> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, RobbinsMonroUpdate> rule) {
    archive("tau0", rule.tau0);
    archive("exponent", rule.exponent);
  }
};

template <>
struct Codec<SampleWeightedUpdate> : FieldsCodec<SampleWeightedUpdate> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, SampleWeightedUpdate> rule) {
    archive("n0", rule.n0);
  }
};

template <>
struct Codec<HalfLife> : FieldsCodec<HalfLife> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, HalfLife> half_life) {
    archive("length", half_life.length);
    archive("unit", half_life.unit);
  }
  static HalfLife decode(const Field& field) {
    HalfLife half_life(1.0);
    decode_into(field, half_life);
    return half_life;
  }
};

template <>
struct Codec<EWMAUpdate> : FieldsCodec<EWMAUpdate> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, EWMAUpdate> rule) {
    archive("w", rule.w);
    archive("half_life", rule.half_life);
    archive("remembered", rule.remembered);
  }
};

template <>
struct Codec<AffineUpdate> : FieldsCodec<AffineUpdate> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, AffineUpdate> rule) {
    archive("a", rule.a);
    archive("b", rule.b);
    archive("c", rule.c);
  }
};

template <>
struct Codec<PolyakRuppertUpdate> : FieldsCodec<PolyakRuppertUpdate> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, PolyakRuppertUpdate> rule) {
    archive("exponent", rule.exponent);
    archive("n0", rule.n0);
    archive("reported", rule.reported);
  }
};

template <>
struct Codec<BlockIncrementalUpdate> {
  static Json encode(const BlockIncrementalUpdate& rule) {
    const std::vector<std::int64_t> numbers = rule.memory.seen(rule.blocks);
    std::vector<Eta> etas;
    for (const std::int64_t k : numbers) etas.push_back(*rule.memory.block(k, rule.blocks));
    MapWriter writer;
    writer("blocks", rule.blocks);
    writer("gauge", rule.gauge);
    writer("seen", numbers);
    writer("memory", etas);
    return std::move(writer).take();
  }
  static BlockIncrementalUpdate decode(const Field& field) {
    MapReader reader(field);
    BlockIncrementalUpdate rule{.blocks = reader.get<std::int64_t>("blocks")};
    rule.check(0);
    rule.gauge = reader.get<double>("gauge");
    require(std::isfinite(rule.gauge) && rule.gauge > 0.0, "gauge", "finite and > 0", rule.gauge);
    const auto numbers = reader.get<std::vector<std::int64_t>>("seen");
    const auto etas = reader.get<std::vector<Eta>>("memory");
    reader.finish();
    require(numbers.size() == etas.size(), "memory", "of as many statistics as blocks seen", etas.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const bool ascends = numbers[i] < rule.blocks && (i == 0 || numbers[i] > numbers[i - 1]);
      require(ascends, "seen", "ascending numbers of blocks", numbers[i]);
      check_eta(etas[i], etas.front().d(), "memory");
      require(etas[i].weight > 0.0, "memory's weight", "> 0", etas[i].weight);
      rule.memory.replace(numbers[i], rule.blocks, etas[i]);
    }
    return rule;
  }
};

template <>
struct Codec<PolyakAverage> {
  static Json encode(const PolyakAverage& rule) {
    MapWriter writer;
    writer("base", rule.base());
    writer("start", rule.start());
    writer("average", rule.average());
    writer("averaged_weight", rule.averaged_weight());
    return std::move(writer).take();
  }
  static PolyakAverage decode(const Field& field) {
    MapReader reader(field);
    PolyakAverage rule(reader.get<UpdateRule>("base"), reader.get<std::int64_t>("start"));
    rule.set_state(reader.get<std::optional<Eta>>("average"), reader.get<double>("averaged_weight"));
    reader.finish();
    return rule;
  }
};

template <>
struct Codec<Shrinkage> {
  static Json encode(const Shrinkage& rule) {
    MapWriter writer;
    writer("base", rule.base());
    writer("eta0", rule.eta0());
    writer("share", rule.share());
    writer("tau", rule.tau());
    writer("feedback", rule.feedback());
    return std::move(writer).take();
  }
  static Shrinkage decode(const Field& field) {
    MapReader reader(field);
    Shrinkage rule =
        Shrinkage::from_share(reader.get<UpdateRule>("base"), reader.get<Eta>("eta0"), reader.get<Eta>("share"),
                              reader.get<std::optional<double>>("tau"), reader.get<bool>("feedback"));
    reader.finish();
    return rule;
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
    values.fail("it was made with a rule " + what + ", not with " + in_quotes(given->name()));
  return *given;
}

void check_weight(double weight, const char* name) {
  require(std::isfinite(weight) && weight >= 0.0, name, "finite and >= 0", weight);
}

void check_shares(const Eta& share) {
  const auto is_share = [](double value) { return value >= 0.0 && value <= 1.0; };
  const bool are_shares = std::all_of(share.values.begin(), share.values.end(), is_share);
  require(are_shares, "share", "between 0 and 1 in every field", "another");
}

}  // namespace

Json Codec<UpdateRule>::encode(const UpdateRule& rule) {
  Json out;
  const bool is_ours = UpdateRules::any_of([&]<class R>() {
    const R* held = rule.get<R>();
    if (held != nullptr) out = named(R::name(), Codec<R>::encode(*held));
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
    if (R::name() != name) return false;
    rule = field.guarded([&] { return UpdateRule(Codec<R>::decode(values)); });
    return true;
  });
  if (!rule) field.fail("this varimix has no rule " + in_quotes(name));
  return *std::move(rule);
}

bool holds_user_rule(const UpdateRule& rule) {
  const UpdateRule& base = innermost(rule);
  return !UpdateRules::any_of([&]<class R>() { return base.get<R>() != nullptr; });
}

void check_carried(const UpdateRule& rule, Index d) {
  if (const auto* ewma = rule.get<EWMAUpdate>()) {
    if (ewma->remembered) check_weight(*ewma->remembered, "remembered");
  } else if (const auto* ruppert = rule.get<PolyakRuppertUpdate>()) {
    if (ruppert->reported) check_eta(*ruppert->reported, d, "reported");
  } else if (const auto* blocks = rule.get<BlockIncrementalUpdate>()) {
    if (!blocks->memory.empty()) check_eta(blocks->memory.mean(), d, "memory");
  } else if (const auto* average = rule.get<PolyakAverage>()) {
    if (average->average()) check_eta(*average->average(), d, "average");
    check_weight(average->averaged_weight(), "averaged_weight");
    check_carried(average->base(), d);
  } else if (const auto* shrinkage = rule.get<Shrinkage>()) {
    check_eta(shrinkage->eta0(), d, "eta0");
    check_shares(shrinkage->share());
    check_carried(shrinkage->base(), d);
  }
}

}  // namespace varimix
