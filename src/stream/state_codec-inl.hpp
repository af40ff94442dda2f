#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <functional>

#include "state_codec.hpp"
#include "varimix/core/require.hpp"

namespace varimix {

/// What decoding replaces.
inline Eta no_statistics() { return {mean_variance_layout(1, LogY::kLeaveOut), Vector::Zero(1)}; }

template <>
struct Codec<OnlineEMOptions> : FieldsCodec<OnlineEMOptions> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, OnlineEMOptions> options) {
    archive("inner_iter", options.inner_iter);
    archive("regularization", options.regularization);
    archive("symmetric", options.symmetric);
    archive("fixed", options.fixed);
    archive("alpha_min", options.alpha_min);
    archive("frozen", options.frozen);
    archive("missing", options.missing);
    archive("score", options.score);
    archive("score_half_life", options.score_half_life);
  }
};

template <>
struct Codec<SourceItem> : FieldsCodec<SourceItem> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, SourceItem> item) {
    archive("name", item.name);
    archive("rows", item.rows);
  }
};

template <>
struct Codec<ShuffledRows> : FieldsCodec<ShuffledRows> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, ShuffledRows> shuffled) {
    archive("buffer", shuffled.buffer);
    archive("rows", shuffled.rows);
    archive("read", shuffled.read);
    archive("to_end", shuffled.to_end);
  }
};

template <>
struct Codec<SourcePosition> : FieldsCodec<SourcePosition> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, SourcePosition> position) {
    archive("pass", position.pass);
    archive("items", position.items);
    archive("shuffled", position.shuffled);
  }
};

template <>
struct Codec<LogScore> : FieldsCodec<LogScore> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, LogScore> score) {
    archive("half_life", score.half_life);
    archive("total", score.total);
    archive("weight", score.weight);
    archive("recent_total", score.recent_total);
    archive("recent_weight", score.recent_weight);
    archive("impossible", score.impossible);
  }
};

template <>
struct Codec<ScoreMoments> : FieldsCodec<ScoreMoments> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, ScoreMoments> moments) {
    archive("weight", moments.weight);
    archive("mean", moments.mean);
    archive("deviation", moments.deviation);
  }
};

template <>
struct Codec<DriftDetector> : FieldsCodec<DriftDetector> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, DriftDetector> detector) {
    archive("reference", detector.reference);
    archive("falls", detector.falls);
    archive("rises", detector.rises);
    archive("changes", detector.changes);
  }
};

template <>
struct Codec<Ancestor> : FieldsCodec<Ancestor> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, Ancestor> ancestor) {
    archive("identity", ancestor.identity);
    archive("running", ancestor.running);
    archive("rule", ancestor.rule);
    archive("gauge", ancestor.gauge);
    archive("total_weight", ancestor.total_weight);
    archive("step", ancestor.step);
    archive("score", ancestor.score);
    archive("status", ancestor.status);
    archive("changes", ancestor.changes);
    archive("parts", ancestor.parts);
  }
  static Ancestor decode(const Field& field) {
    Ancestor ancestor{.running = no_statistics(), .rule = IdentityUpdate{}};
    decode_into(field, ancestor);
    return ancestor;
  }
};

template <>
struct Codec<Lineage> : FieldsCodec<Lineage> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, Lineage> lineage) {
    archive("ancestors", lineage.ancestors);
    archive("parts", lineage.parts);
  }
};

static_assert(std::same_as<Index, std::int64_t>, "constant_columns are written as counts");

template <Fittable M>
struct Codec<OnlineEMState<M>> : FieldsCodec<OnlineEMState<M>> {
  template <class Archive>
  static void fields(Archive& archive, Member<Archive, OnlineEMState<M>> state) {
    archive("initial", state.initial);
    archive("options", state.options);
    archive("key", state.key);
    archive("rule", state.rule);
    archive("driving", state.driving);
    archive("running", state.running);
    archive("has_running", state.has_running);
    archive("gauge", state.gauge);
    archive("step", state.step);
    archive("total_weight", state.total_weight);
    archive("last_time", state.last_time);
    archive("learned_time", state.learned_time);
    archive("score", state.score);
    archive("drift", state.drift);
    archive("lineage", state.lineage);
    archive("position", state.position);
    archive("status", state.status);
    archive("first_row", state.first_row);
    archive("constant_columns", state.constant_columns);
  }
  static OnlineEMState<M> decode(const Field& field) {
    const M any = MapReader(field).get<M>("initial");  // until it is read with the rest
    OnlineEMState<M> state{.initial = any,
                           .options = {},
                           .key = Key{0},
                           .rule = IdentityUpdate{},
                           .driving = any,
                           .running = no_statistics()};
    FieldsCodec<OnlineEMState<M>>::decode_into(field, state);
    return state;
  }
};

namespace {

void check_amount(double value, const char* name) {
  require(std::isfinite(value) && value >= 0.0, name, "finite and >= 0", value);
}

void check_time(const std::optional<double>& time, const char* name) {
  require(std::isfinite(time.value_or(0.0)), name, "finite", time.value_or(0.0));
}

void check_score(const LogScore& score) {
  require(std::isfinite(score.half_life) && score.half_life > 0.0, "score.half_life", "finite and > 0",
          score.half_life);
  check_amount(score.weight, "score.weight");
  check_amount(score.recent_weight, "score.recent_weight");
  check_amount(score.impossible, "score.impossible");
  require(std::isfinite(score.total) && std::isfinite(score.recent_total), "score.total", "finite", score.total);
}

void check_drift(const DriftDetector& drift) {
  check_amount(drift.reference.weight, "drift.reference.weight");
  check_amount(drift.reference.deviation, "drift.reference.deviation");
  require(std::isfinite(drift.reference.mean), "drift.reference.mean", "finite", drift.reference.mean);
  for (const double level : drift.falls) check_amount(level, "drift.falls");
  for (const double level : drift.rises) check_amount(level, "drift.rises");
}

void check_parts(const std::vector<std::uint64_t>& parts) {
  const bool ascend = std::adjacent_find(parts.begin(), parts.end(), std::greater_equal<>()) == parts.end();
  require(ascend, "lineage.parts", "ascending", "others");
}

void check_ancestor(const Ancestor& ancestor, const UpdateRule& rule, Index d) {
  require(ancestor.running.d() == d && ancestor.running.is_finite(), "lineage.ancestors.running",
          "finite, of dimension " + std::to_string(d), "one that is not");
  require(ancestor.rule.same_type(rule), "lineage.ancestors.rule", "as the state's", ancestor.rule.name());
  ancestor.rule.check(d);
  check_carried(ancestor.rule, d);
  require(std::isfinite(ancestor.gauge) && ancestor.gauge > 0.0, "lineage.ancestors.gauge", "finite and > 0",
          ancestor.gauge);
  check_amount(ancestor.total_weight, "lineage.ancestors.total_weight");
  check_score(ancestor.score);
  check_parts(ancestor.parts);
}

void check_items(const std::vector<SourceItem>& items, std::int64_t others, const char* name) {
  std::int64_t rows = others;
  for (const SourceItem& item : items) {
    rows += item.rows;
    require(rows <= kLargestCount, name, "of at most 2^53 rows", rows);
  }
}

void check_position(const SourcePosition& position) {
  check_items(position.items, position.shuffled ? position.shuffled->rows : 0, "position.items");
  if (!position.shuffled) return;
  require(position.shuffled->buffer >= 1, "position.shuffled.buffer", ">= 1", position.shuffled->buffer);
  check_items(position.shuffled->read, 0, "position.shuffled.read");
}

void check_columns(const Vector& first_row, const std::vector<Index>& columns, Index d) {
  require(first_row.size() == 0 || first_row.size() == d, "first_row", "empty or of dimension " + std::to_string(d),
          first_row.size());
  const bool ascend = std::adjacent_find(columns.begin(), columns.end(), std::greater_equal<>()) == columns.end();
  require(ascend && (columns.empty() || columns.back() < first_row.size()), "constant_columns",
          "ascending columns of first_row", list_columns(columns));
}

/// What OnlineEM's constructor and its update take for granted.
template <Fittable M>
void check_state(const OnlineEMState<M>& state) {
  const Index d = state.initial.d();
  check_carried(state.rule, d);
  check_amount(state.total_weight, "total_weight");
  check_time(state.last_time, "last_time");
  check_time(state.learned_time, "learned_time");
  check_score(state.score);
  check_drift(state.drift);
  for (const Ancestor& ancestor : state.lineage.ancestors) check_ancestor(ancestor, state.rule, d);
  check_parts(state.lineage.parts);
  check_position(state.position);
  check_columns(state.first_row, state.constant_columns, d);
}

}  // namespace

template <Fittable M>
Json encode_state(const OnlineEMState<M>& state) {
  return Codec<OnlineEMState<M>>::encode(state);
}

template <Fittable M>
OnlineEMState<M> decode_state(const Field& field) {
  OnlineEMState<M> state = Codec<OnlineEMState<M>>::decode(field);
  field.guarded([&] { check_state(state); });
  return state;
}

}  // namespace varimix
