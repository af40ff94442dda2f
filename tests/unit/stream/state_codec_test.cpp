#include "stream/state_codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

#include "support/codecs.hpp"
#include "support/models.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Returns the JSON of a state that was forked and learned more.
Json some_state() {
  const RowMatrix x = gaussian_rows(60, 2, 4);
  OnlineEM<VarianceGamma> state(VarianceGamma::default_init(x), SampleWeightedUpdate{}, Key{3});
  (void)state.update(RowView(x).slice(0, 30));
  state = state.fork();
  (void)state.update(RowView(x).slice(30, 30));
  return encode_state(state.state());
}

std::string state_error_of(const Json& state) {
  return checkpoint_error_of([&] { (void)decode_state<VarianceGamma>(Field(state, "state", nullptr)); });
}

TEST(StateCodec, EveryKeyIsNeeded) {
  const Json state = some_state();
  EXPECT_EQ(state_error_of(state), "");
  for (const auto& [name, value] : state.items()) {
    EXPECT_EQ(state_error_of(without(state, name.c_str())), "state: has no '" + name + "'");
  }
  for (const char* map : {"options", "score", "drift", "lineage", "position", "initial", "running", "rule"}) {
    for (const auto& [name, value] : state[map].items()) {
      EXPECT_EQ(state_error_of(with(state, map, without(state[map], name.c_str()))),
                "state." + std::string(map) + ": has no '" + name + "'");
    }
  }
  EXPECT_THAT(state_error_of(with(state, "extra", 1)), HasSubstr("has \"extra\""));
}

TEST(StateCodec, AValueOfAnotherTypeIsNamedWithItsPlace) {
  const Json state = some_state();
  for (const auto& [name, value] : state.items()) {
    EXPECT_THAT(state_error_of(with(state, name.c_str(), "x")), HasSubstr("state." + name + " must be")) << name;
  }
}

TEST(StateCodec, WhatNoFitComesToIsAnError) {
  const Json state = some_state();
  const auto error = [&](const std::function<void(Json&)>& change) {
    Json changed = state;
    change(changed);
    return state_error_of(changed);
  };
  EXPECT_THAT(error([](Json& s) { s["total_weight"] = -1.0; }), HasSubstr("total_weight must be finite and >= 0"));
  EXPECT_THAT(error([](Json& s) { s["step"] = -1; }), HasSubstr("state.step must be an integer"));
  EXPECT_THAT(error([](Json& s) { s["last_time"] = kInfinity; }), HasSubstr("last_time must be finite"));
  EXPECT_THAT(error([](Json& s) { s["learned_time"] = kInfinity; }), HasSubstr("learned_time must be finite"));
  EXPECT_THAT(error([](Json& s) { s["score"]["impossible"] = -1.0; }), HasSubstr("score.impossible must be"));
  EXPECT_THAT(error([](Json& s) { s["score"]["total"] = -kInfinity; }), HasSubstr("score.total must be finite"));
  EXPECT_THAT(error([](Json& s) { s["drift"]["rises"] = {0.0, -1.0}; }), HasSubstr("drift.rises must be"));
  EXPECT_THAT(error([](Json& s) { s["drift"]["falls"] = {kInfinity, 0.0}; }), HasSubstr("drift.falls must be"));
  EXPECT_THAT(error([](Json& s) { s["drift"]["reference"]["deviation"] = -1.0; }),
              HasSubstr("drift.reference.deviation must be"));
  EXPECT_THAT(error([](Json& s) { s["score"]["half_life"] = 0.0; }), HasSubstr("score.half_life must be"));
  EXPECT_THAT(error([](Json& s) { s["score"]["recent_weight"] = kInfinity; }),
              HasSubstr("score.recent_weight must be"));
  EXPECT_THAT(error([](Json& s) { s["first_row"] = {1.0}; }), HasSubstr("first_row must be empty or of dimension 2"));
  EXPECT_THAT(error([](Json& s) { s["constant_columns"] = {2}; }), HasSubstr("constant_columns must be ascending"));
  EXPECT_THAT(error([](Json& s) { s["constant_columns"] = {1, 0}; }), HasSubstr("constant_columns must be ascending"));
  EXPECT_THAT(error([](Json& s) {
                s["position"]["items"] = {{{"name", "a"}, {"rows", -1}}};
              }),
              HasSubstr("rows must be"));
  EXPECT_THAT(error([](Json& s) {
                s["position"]["shuffled"] = {{"buffer", 0}, {"rows", 0}, {"read", Json::array()}, {"to_end", false}};
              }),
              HasSubstr("position.shuffled.buffer must be >= 1"));
  EXPECT_EQ(error([](Json& s) {
              s["position"]["shuffled"] = {{"buffer", 1}, {"rows", 0}, {"read", Json::array()}, {"to_end", false}};
            }),
            "");
  EXPECT_THAT(error([](Json& s) { s["lineage"]["parts"] = {2U, 1U}; }), HasSubstr("lineage.parts must be ascending"));
}

TEST(StateCodec, AnAncestorThatIsNoneOfTheStateIsAnError) {
  const Json state = some_state();
  const auto error = [&](const std::function<void(Json&)>& change) {
    Json changed = state;
    change(changed["lineage"]["ancestors"][0]);
    return state_error_of(changed);
  };
  EXPECT_THAT(error([](Json& a) { a["gauge"] = 0.0; }), HasSubstr("ancestors.gauge must be finite and > 0"));
  EXPECT_THAT(error([](Json& a) { a["total_weight"] = kInfinity; }), HasSubstr("ancestors.total_weight"));
  EXPECT_THAT(error([](Json& a) { a["running"]["values"][1] = kInfinity; }),
              HasSubstr("ancestors.running must be finite"));
  EXPECT_THAT(error([](Json& a) { a["identity"] = -1; }), HasSubstr("state.lineage.ancestors[0].identity must be"));
  EXPECT_THAT(error([](Json& a) { a["rule"] = Codec<UpdateRule>::encode(IdentityUpdate{}); }),
              HasSubstr("ancestors.rule must be as the state's"));
}

}  // namespace
}  // namespace varimix::tests
