#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "learned_state.hpp"
#include "model_codec.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stream/bootstrap_checkpoint.hpp"
#include "varimix/stream/checkpoint.hpp"
#include "varimix/stream/fit_stream.hpp"
#include "varimix/stream/rule_bytes.hpp"

namespace varimix {

namespace {

/// Throws std::invalid_argument unless this call can go on from the position.
void check_position(const SourcePosition& at, const StreamOptions& options) {
  require(at.pass < options.passes, "passes",
          ">= " + std::to_string(at.pass + 1) + ", those that the checkpoint has begun", options.passes);
  require(!at.shuffled || at.shuffled->buffer == options.shuffle_buffer, "shuffle_buffer",
          at.shuffled ? std::to_string(at.shuffled->buffer) + ", as in the pass that the checkpoint stopped in" : "",
          options.shuffle_buffer);
}

/// Returns the parts of the lineage by which states that began with different rows differ.
const std::vector<std::uint64_t>& first_parts(const Lineage& lineage) {
  return lineage.ancestors.empty() ? lineage.parts : lineage.ancestors.front().parts;
}

/// Gives the state of a checkpoint the names of columns that the state at hand has, if it has none: files of schema 1
/// have none. Throws std::invalid_argument if both have names that differ.
template <Fittable M, class State>
void name_saved(const OnlineEM<M>& state, State& inout_saved) {
  if constexpr (NamesColumns<M>) {
    const ColumnNames& columns = state.state().initial.columns();
    const ColumnNames& saved = fit_of(inout_saved).state().initial.columns();
    if (!may_be_same(columns, saved)) {
      require(false, "checkpoint", "of a fit of the columns " + to_text(columns), to_text(saved));
    }
    if (saved.empty()) inout_saved.name_columns(columns);
  }
}

/// Throws std::invalid_argument unless both are of the same fit.
template <Fittable M>
void require_same_fit(const OnlineEM<M>& state, const OnlineEM<M>& saved, const StreamOptions& options) {
  const std::string path = options.checkpoint.string();
  require(saved.state().initial == state.state().initial && saved.state().options == state.state().options,
          "checkpoint", "of a fit that started from the same model with the same options", path);
  require(saved.key() == state.key(), "checkpoint", "of a fit with the same key", path);
  require(state.step() == 0 || first_parts(state.state().lineage) == first_parts(saved.state().lineage), "state",
          "new, or one that began with the rows that the checkpoint began with",
          "one of " + std::to_string(state.step()) + " updates that began with others, which would be lost");
  require(saved.state().rule.same_type(state.state().rule), "checkpoint",
          "of a fit with the same update rule, " + called(state.state().rule), called(saved.state().rule));
  require(state.state().rule.same_settings(rule_in_gauge_of(state.state(), saved.state())), "checkpoint",
          "of a fit with the same settings of " + called(state.state().rule), "one with others");
  check_position(saved.position(), options);
}

/// Replaces `state` by the state of the checkpoint. Throws std::invalid_argument unless both are of the same fit.
template <Fittable M>
void resume(OnlineEM<M>& state, const StreamOptions& options, const std::optional<UpdateRule>& rule) {
  const UpdateRule* own = users_rule_in(state.state().rule);
  OnlineEM<M> saved = load<M>(options.checkpoint, rule || own == nullptr ? rule : std::optional(*own));
  require_same_fit(state, saved, options);
  name_saved(state, saved);
  state = std::move(saved);
}

/// Does the same for a bootstrap, whose draws have to be the same too.
template <Fittable M>
void resume(BootstrapEM<M>& state, const StreamOptions& options) {
  const std::filesystem::path& path = options.checkpoint;
  AnyBootstrapEM any = load_bootstrap(path);
  auto* saved = std::get_if<BootstrapEM<M>>(&any);
  require(saved != nullptr, "checkpoint", std::string("of a bootstrap of ") + kModelName<M>, path.string());
  require(saved->key() == state.key() && saved->stream() == state.stream(), "checkpoint",
          "of a bootstrap with the same key and stream", path.string());
  require(saved->replicas().size() == state.replicas().size(), "checkpoint",
          "of a bootstrap of " + std::to_string(state.replicas().size()) + " replicas", saved->replicas().size());
  require_same_fit(state.fit(), saved->fit(), options);
  name_saved(state.fit(), *saved);
  state = std::move(*saved);
}

}  // namespace

}  // namespace varimix
