#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bad_row.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stream/checkpoint.hpp"
#include "varimix/stream/fit_stream.hpp"
#include "varimix/stream/read_ahead.hpp"
#include "varimix/stream/recut.hpp"
#include "varimix/stream/rule_bytes.hpp"
#include "varimix/stream/shuffle_buffer.hpp"

namespace varimix {

namespace {

/// Returns the batches of a pass from a position on.
AnyBatchSource batches_from(const OpenSource& open, const SourcePosition& at, const StreamOptions& options,
                            const Key& key) {
  if (options.shuffle_buffer == 0) return Recut(open(at), options.batch_size);
  SourcePosition from = at;
  if (from.shuffled) from.shuffled->rows = 0;  // the shuffled rows are read again
  Recut cut(ShuffleBuffer(open(from), options.shuffle_buffer, key, at.pass), options.batch_size);
  if (at.shuffled) cut.skip(at.shuffled->rows);
  return cut;
}

/// A source that is opened, read and closed within `while_waiting`, so that others may see the state meanwhile.
class OpenedSource {
 public:
  template <class Open>
  OpenedSource(const StreamOptions& options, Open&& open) : options_(options) {
    wait([&] { source_.emplace(open()); });
  }
  OpenedSource(const OpenedSource&) = delete;
  OpenedSource& operator=(const OpenedSource&) = delete;
  ~OpenedSource() {
    wait([&] { source_.reset(); });
  }
  void read_ahead() { source_.emplace(ReadAhead(*std::exchange(source_, std::nullopt), options_.read_ahead)); }
  [[nodiscard]] const AnyBatchSource* operator->() const { return &*source_; }
  [[nodiscard]] std::optional<Batch> next() {
    std::optional<Batch> batch;
    wait([&] { batch = source_->next(); });
    return batch;
  }

 private:
  template <class Work>
  void wait(Work&& work) {
    if (options_.while_waiting) {
      options_.while_waiting(std::forward<Work>(work));
    } else {
      work();
    }
  }

  const StreamOptions& options_;
  std::optional<AnyBatchSource> source_;
};

/// One call of fit_stream, and how far it has come.
template <Fittable M>
class StreamFit {
 public:
  StreamFit(OnlineEM<M>& state, const StreamOptions& options, const StepCallback& callback)
      : state_(state),
        options_(options),
        callback_(callback),
        items_(options.items ? options.items : std::make_shared<SourceItems>()),
        result_{.model = state.model(), .n_parameters = state.fit().free_parameters()} {
    if (options.stop_when) early_stop_.emplace(*options.stop_when);
  }

  /// Learns all passes that are left, from the position of the state on.
  void learn(const OpenSource& open) {
    if (options_.max_steps == 0) end_ = StatusCode::kNotStarted;
    while (!is_over()) {
      learn_pass(open);
      if (is_over() || state_.position().pass + 1 == options_.passes) return;
      state_.position() = {.pass = state_.position().pass + 1};
    }
  }

  EMResult<M> finish() {
    if (!options_.checkpoint.empty()) save(state_, options_.checkpoint);
    result_.model = state_.model();
    add_end();
    if (scored_weight_ > 0.0) result_.log_score = total_score_ / scored_weight_;
    result_.status.add(state_.status());
    result_.diverged = result_.status.has(StatusCode::kStepReverted);
    return std::move(result_);
  }

  [[nodiscard]] std::int64_t steps() const noexcept { return result_.n_iter; }

 private:
  [[nodiscard]] bool is_over() const { return end_ != StatusCode::kConverged; }

  void add_end() {
    if (is_over() && end_ != StatusCode::kCompleted) {
      result_.status.add(end_);
    } else if (result_.n_iter == 0) {
      result_.status.add(StatusCode::kNoRows);
    } else {
      result_.status.add(StatusCode::kCompleted,
                         is_over() ? std::to_string(result_.n_iter) + " steps" : "the source was read to its end");
    }
  }

  void learn_pass(const OpenSource& open) {
    items_->clear();
    if (!options_.items) items_->begin(0, 0, "", state_.position().items.empty());
    const std::int64_t rows_before = options_.shuffle_buffer == 0 ? state_.position().rows() : 0;
    try {
      const SourcePosition start = state_.position();
      const Key key = state_.key();
      OpenedSource batches(options_, [&] { return batches_from(open, start, options_, key); });
      require(batches->d() == state_.d(), "source", "of " + std::to_string(state_.d()) + " columns", batches->d());
      if (options_.read_ahead > 0) batches.read_ahead();
      learn_batches(batches);
    } catch (const BadRow& bad) {
      const std::string place = options_.place ? options_.place(bad.place()) : describe(bad.place(), rows_before);
      throw std::invalid_argument(bad.mistake() + " in " + place + bad.hint());
    }
  }

  void learn_batches(OpenedSource& batches) {
    std::int64_t end = 0;  // number of rows learned of the source as it was opened
    while (!is_over()) {
      const std::optional<Batch> batch = batches.next();
      if (!batch) return end_shuffled();
      learn_batch(*batch);
      note_position(*batch, end);
      end = batch->source_end();
      if (!options_.checkpoint.empty() && result_.n_iter % options_.every == 0) save(state_, options_.checkpoint);
    }
  }

  void note_position(const Batch& batch, std::int64_t end_before) {
    SourcePosition& position = state_.position();
    if (!batch.shuffled) {
      items_->add_rows(end_before, batch.source_end(), position.items);
      return;
    }
    position.shuffled = {.buffer = options_.shuffle_buffer,
                         .rows = batch.source_end(),
                         .read = items_->of_rows(batch.shuffled->read),
                         .to_end = batch.shuffled->to_end};
  }

  /// Counts the rows of a shuffled pass as any others, because it has been learned to its end.
  void end_shuffled() {
    SourcePosition& position = state_.position();
    if (!position.shuffled) return;
    std::int64_t rows = 0;
    for (const SourceItem& item : position.shuffled->read) rows += item.rows;
    items_->add_rows(0, rows, position.items);
    position.shuffled.reset();
  }

  void learn_batch(const Batch& batch) {
    const BatchReport report = updated(batch);
    if (report.rows == 0) return;  // the rows show nothing, so no step was taken
    ++result_.n_iter;
    const double scored = report.weight - report.impossible;
    scored_weight_ += scored;
    total_score_ += scored * report.log_likelihood;
    result_.param_changes.push_back(report.parameter_change);
    result_.log_likelihoods.push_back(report.log_likelihood);
    if (result_.n_iter >= options_.max_steps) end_ = StatusCode::kCompleted;
    if (early_stop_ && (*early_stop_)(state_.log_score().recent())) end_ = StatusCode::kEarlyStopped;
    if (callback_ && !callback_(report)) end_ = StatusCode::kInterrupted;
  }

  /// Updates the state. A row that it refuses is named by its place in the source, which only this layer knows.
  BatchReport updated(const Batch& batch) {
    try {
      return state_.update(
          batch.x,
          {.weights = batch.weights, .times = batch.times, .name = "source", .repeats = state_.position().pass > 0});
    } catch (const std::invalid_argument&) {
      require_learnable(batch, state_.state().options.missing,
                        state_.state().last_time.value_or(-std::numeric_limits<double>::infinity()));
      throw;
    }
  }

  OnlineEM<M>& state_;
  const StreamOptions& options_;
  const StepCallback& callback_;
  std::shared_ptr<SourceItems> items_;
  std::optional<EarlyStop> early_stop_;
  double total_score_ = 0.0;
  double scored_weight_ = 0.0;
  EMResult<M> result_;
  StatusCode end_ = StatusCode::kConverged;  // why the fit is over; kConverged stands for a fit that is not
};

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
template <Fittable M>
void name_saved(const OnlineEM<M>& state, OnlineEM<M>& inout_saved) {
  if constexpr (NamesColumns<M>) {
    const ColumnNames& columns = state.state().initial.columns();
    const ColumnNames& saved = inout_saved.state().initial.columns();
    if (!may_be_same(columns, saved)) {
      require(false, "checkpoint", "of a fit of the columns " + to_text(columns), to_text(saved));
    }
    if (saved.empty()) inout_saved.name_columns(columns);
  }
}

/// Replaces `state` by the state of the checkpoint. Throws std::invalid_argument unless both are of the same fit.
template <Fittable M>
void resume(OnlineEM<M>& state, const StreamOptions& options, const std::optional<UpdateRule>& rule) {
  const std::filesystem::path& path = options.checkpoint;
  const UpdateRule* own = users_rule_in(state.state().rule);
  OnlineEM<M> saved = load<M>(path, rule || own == nullptr ? rule : std::optional(*own));
  require(saved.state().initial == state.state().initial && saved.state().options == state.state().options,
          "checkpoint", "of a fit that started from the same model with the same options", path.string());
  require(saved.key() == state.key(), "checkpoint", "of a fit with the same key", path.string());
  require(state.step() == 0 || first_parts(state.state().lineage) == first_parts(saved.state().lineage), "state",
          "new, or one that began with the rows that the checkpoint began with",
          "one of " + std::to_string(state.step()) + " updates that began with others, which would be lost");
  require(saved.state().rule.same_type(state.state().rule), "checkpoint",
          "of a fit with the same update rule, " + called(state.state().rule), called(saved.state().rule));
  require(state.state().rule.same_settings(rule_in_gauge_of(state.state(), saved.state())), "checkpoint",
          "of a fit with the same settings of " + called(state.state().rule), "one with others");
  check_position(saved.position(), options);
  name_saved(state, saved);
  state = std::move(saved);
}

}  // namespace

template <Fittable M>
EMResult<M> fit_stream(OnlineEM<M>& state, const OpenSource& open, const StreamOptions& options,
                       const std::optional<UpdateRule>& rule, const StepCallback& callback) {
  const auto start_time = std::chrono::steady_clock::now();
  options.check();
  require(!options.stop_when || state.state().options.score, "stop_when", "left out where score = false", "a rule");
  OnlineEM<M> before = state;
  if (!options.checkpoint.empty() && std::filesystem::exists(options.checkpoint)) {
    resume(state, options, rule);
  } else {
    state.position() = {};
  }
  StreamFit<M> fit(state, options, callback);
  try {
    fit.learn(open);
  } catch (const std::exception&) {
    if (fit.steps() == 0) state = std::move(before);
    throw;
  }
  EMResult<M> result = fit.finish();
  result.elapsed_time = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_time).count();
  return result;
}

}  // namespace varimix
