#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <functional>

#include "state_codec.hpp"
#include "varimix/core/require.hpp"

namespace varimix {

template <>
inline constexpr auto kMembers<OnlineEMOptions> = std::tuple(
    member("inner_iter", &OnlineEMOptions::inner_iter), member("regularization", &OnlineEMOptions::regularization),
    member("symmetric", &OnlineEMOptions::symmetric), member("fixed", &OnlineEMOptions::fixed),
    member("alpha_min", &OnlineEMOptions::alpha_min), member("frozen", &OnlineEMOptions::frozen),
    member("missing", &OnlineEMOptions::missing), member("score", &OnlineEMOptions::score),
    member("score_half_life", &OnlineEMOptions::score_half_life),
    later_member("gaussian_test", &OnlineEMOptions::gaussian_test),
    later_member("portfolios", &OnlineEMOptions::portfolios));

template <>
inline constexpr auto kMembers<SourceItem> = std::tuple(member("name", &SourceItem::name),
                                                        member("rows", &SourceItem::rows));

template <>
inline constexpr auto kMembers<ShuffledRows> = std::tuple(member("buffer", &ShuffledRows::buffer),
                                                          member("rows", &ShuffledRows::rows),
                                                          member("read", &ShuffledRows::read),
                                                          member("to_end", &ShuffledRows::to_end));

template <>
inline constexpr auto kMembers<SourcePosition> = std::tuple(member("pass", &SourcePosition::pass),
                                                            member("items", &SourcePosition::items),
                                                            member("shuffled", &SourcePosition::shuffled));

template <>
inline constexpr auto kMembers<LogScore> = std::tuple(member("half_life", &LogScore::half_life),
                                                      member("total", &LogScore::total),
                                                      member("weight", &LogScore::weight),
                                                      member("recent_total", &LogScore::recent_total),
                                                      member("recent_weight", &LogScore::recent_weight),
                                                      member("impossible", &LogScore::impossible));

template <>
inline constexpr auto kMembers<ScoreMoments> = std::tuple(member("weight", &ScoreMoments::weight),
                                                          member("mean", &ScoreMoments::mean),
                                                          member("deviation", &ScoreMoments::deviation));

template <>
inline constexpr auto kMembers<DriftDetector> = std::tuple(member("reference", &DriftDetector::reference),
                                                           member("falls", &DriftDetector::falls),
                                                           member("rises", &DriftDetector::rises),
                                                           member("changes", &DriftDetector::changes));

template <>
inline constexpr auto kMembers<Ancestor> = std::tuple(
    member("identity", &Ancestor::identity), member("running", &Ancestor::running), member("rule", &Ancestor::rule),
    member("gauge", &Ancestor::gauge), member("total_weight", &Ancestor::total_weight), member("step", &Ancestor::step),
    member("score", &Ancestor::score), member("status", &Ancestor::status), member("changes", &Ancestor::changes),
    member("parts", &Ancestor::parts), later_member("gaussian_test", &Ancestor::gaussian_test),
    later_member("backtests", &Ancestor::backtests));

template <>
inline constexpr auto kMembers<Lineage> = std::tuple(member("ancestors", &Lineage::ancestors),
                                                     member("parts", &Lineage::parts));

static_assert(std::same_as<Index, std::int64_t>, "constant_columns are written as counts");

/// How often a duration occurs between two failures.
struct DurationCount {
  std::int64_t duration;
  std::int64_t count;

  static constexpr auto kMembers =
      std::tuple(member("duration", &DurationCount::duration), member("count", &DurationCount::count));
};

template <>
struct Codec<BacktestCounts> {
  static Json encode(const BacktestCounts& counts) {
    std::vector<DurationCount> durations;
    for (const auto& [duration, count] : counts.durations()) durations.push_back({duration, count});
    MapWriter writer;
    writer("days", counts.days());
    writer("days_before_first", counts.days_before_first());
    writer("days_after_last", counts.days_after_last());
    writer("durations", durations);
    return std::move(writer).take();
  }
  static BacktestCounts decode(const Field& field) {
    MapReader reader(field);
    const auto days = reader.get<std::int64_t>("days");
    const auto before = reader.get<std::int64_t>("days_before_first");
    const auto after = reader.get<std::int64_t>("days_after_last");
    BacktestCounts::Durations durations;
    for (const DurationCount& each : reader.get<std::vector<DurationCount>>("durations")) {
      reader.field("durations").require(durations.emplace(each.duration, each.count).second, "each duration once");
    }
    reader.finish();
    return field.guarded([&] { return BacktestCounts::restored(days, before, after, durations); });
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

/// Throws std::invalid_argument unless a test is there where it is asked for, of d columns.
void check_gaussian_test(const std::optional<GaussianTestStream>& stream, bool is_wanted, const char* name, Index d) {
  require(stream.has_value() == is_wanted, name, is_wanted ? "there, as options.gaussian_test says" : "left out",
          is_wanted ? "none" : "one");
  if (stream) stream->check(d);
}

/// Throws std::invalid_argument unless there is a backtest for each portfolio.
void check_backtests(const std::vector<PortfolioBacktest>& backtests, std::size_t portfolios, const char* name) {
  require(backtests.size() == portfolios, name, "one a portfolio of options, " + std::to_string(portfolios),
          backtests.size());
  for (const PortfolioBacktest& each : backtests) each.check();
}

void check_ancestor(const Ancestor& ancestor, const UpdateRule& rule, Index d) {
  require(ancestor.running.d() == d && ancestor.running.is_finite(), "lineage.ancestors.running",
          "finite, of dimension " + std::to_string(d), "one that is not");
  require(ancestor.rule.same_type(rule), "lineage.ancestors.rule", "as the state's", ancestor.rule.name());
  ancestor.rule.check(d);
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

/// Throws std::invalid_argument unless the state has all that OnlineEM's constructor and update take for granted.
template <Fittable M>
void check_state(const OnlineEMState<M>& state) {
  const Index d = state.initial.d();
  if constexpr (NamesColumns<M>) {
    require(state.driving.columns() == state.initial.columns(), "driving.columns",
            "those of initial, " + to_text(state.initial.columns()), to_text(state.driving.columns()));
  }
  state.rule.check(d);
  check_amount(state.total_weight, "total_weight");
  check_time(state.last_time, "last_time");
  check_time(state.learned_time, "learned_time");
  check_score(state.score);
  check_drift(state.drift);
  const bool is_tested = state.options.gaussian_test;
  check_gaussian_test(state.gaussian_test, is_tested, "gaussian_test", d);
  check_backtests(state.backtests, state.options.portfolios.size(), "backtests");
  for (const Ancestor& ancestor : state.lineage.ancestors) {
    check_ancestor(ancestor, state.rule, d);
    check_gaussian_test(ancestor.gaussian_test, is_tested, "lineage.ancestors.gaussian_test", d);
    check_backtests(ancestor.backtests, state.options.portfolios.size(), "lineage.ancestors.backtests");
  }
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
