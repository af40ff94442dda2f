#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bad_row.hpp"
#include "learned_state.hpp"
#include "resume-inl.hpp"
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
template <Fittable M, class State>
class StreamFit {
 public:
  StreamFit(State& state, const StreamOptions& options, const StepCallback& callback)
      : state_(state),
        options_(options),
        callback_(callback),
        items_(options.items ? options.items : std::make_shared<SourceItems>()),
        result_{.model = fit_of(state).model(), .n_parameters = fit_of(state).fit().free_parameters()} {
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
    result_.model = fit_of(state_).model();
    add_end();
    if (scored_weight_ > 0.0) result_.log_score = total_score_ / scored_weight_;
    result_.status.add(fit_of(state_).status());
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
    const SourcePosition start = state_.position();
    rows_before_ = start.rows() - (start.shuffled ? start.shuffled->rows : 0);
    try {
      const Key key = fit_of(state_).key();
      OpenedSource batches(options_, [&] { return batches_from(open, start, options_, key); });
      const Index d = fit_of(state_).d();
      require(batches->d() == d, "source", "of " + std::to_string(d) + " columns", batches->d());
      if (options_.read_ahead > 0) batches.read_ahead();
      learn_batches(batches);
    } catch (const BadRow& bad) {
      const std::string place = options_.place ? options_.place(bad.place()) : describe(bad.place(), rows_before_);
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
    if (early_stop_ && (*early_stop_)(fit_of(state_).log_score().recent())) end_ = StatusCode::kEarlyStopped;
    if (callback_ && !callback_(report)) end_ = StatusCode::kInterrupted;
  }

  /// Updates the state. A row that it refuses is named by its place in the source, which only this layer knows.
  BatchReport updated(const Batch& batch) {
    try {
      return learn_rows(
          state_, batch,
          {.weights = batch.weights, .times = batch.times, .name = "source", .repeats = state_.position().pass > 0},
          rows_before_);
    } catch (const std::invalid_argument&) {
      const OnlineEMState<M>& learned = fit_of(state_).state();
      require_learnable(batch, learned.options.missing,
                        learned.last_time.value_or(-std::numeric_limits<double>::infinity()));
      throw;
    }
  }

  State& state_;
  const StreamOptions& options_;
  const StepCallback& callback_;
  std::shared_ptr<SourceItems> items_;
  std::optional<EarlyStop> early_stop_;
  double total_score_ = 0.0;
  double scored_weight_ = 0.0;
  std::int64_t rows_before_ = 0;  // rows of the source, as it is opened for the pass in hand, that are left out
  EMResult<M> result_;
  StatusCode end_ = StatusCode::kConverged;  // why the fit is over; kConverged stands for a fit that is not
};

/// Learns a stream into a state of either kind. `resumed(state)` puts the state of the checkpoint into its place.
template <Fittable M, class State, class Resume>
EMResult<M> learn_stream(State& state, const OpenSource& open, const StreamOptions& options,
                         const StepCallback& callback, Resume&& resumed) {
  const auto start_time = std::chrono::steady_clock::now();
  options.check();
  require(!options.stop_when || fit_of(state).state().options.score, "stop_when", "left out where score = false",
          "a rule");
  State before = state;
  if (!options.checkpoint.empty() && std::filesystem::exists(options.checkpoint)) {
    resumed(state);
  } else {
    begin_source(state);
  }
  StreamFit<M, State> fit(state, options, callback);
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

}  // namespace

template <Fittable M>
EMResult<M> fit_stream(OnlineEM<M>& state, const OpenSource& open, const StreamOptions& options,
                       const std::optional<UpdateRule>& rule, const StepCallback& callback) {
  return learn_stream<M>(state, open, options, callback, [&](OnlineEM<M>& of) { resume(of, options, rule); });
}

template <Fittable M>
EMResult<M> fit_stream(BootstrapEM<M>& state, const OpenSource& open, const StreamOptions& options,
                       const StepCallback& callback) {
  const UpdateRule& rule = state.fit().state().rule;
  require(options.checkpoint.empty() || users_rule_in(rule) == nullptr, "checkpoint",
          "left out for a bootstrap of a rule that is not varimix's own", called(rule));
  return learn_stream<M>(state, open, options, callback, [&](BootstrapEM<M>& of) { resume(of, options); });
}

}  // namespace varimix
