#include "varimix/em/incremental_em_fitter.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "draw_batch.hpp"
#include "mixture/families.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/e_step.hpp"

namespace varimix {
namespace {

// With verbose, a fit of any length records about this many log-likelihoods.
constexpr std::int64_t kRecords = 10;

void check_backend(const std::string& backend, const char* name) {
  require(backend == "cpu", name, "'cpu', the one backend there is", "'" + backend + "'");
}

}  // namespace

IncrementalEMFitter::IncrementalEMFitter(IncrementalEMOptions options) : options_(std::move(options)) {
  require(options_.batch_size >= 1, "batch_size", ">= 1", options_.batch_size);
  require(options_.max_steps >= 0, "max_steps", ">= 0", options_.max_steps);
  require(options_.inner_iter >= 1, "inner_iter", ">= 1", options_.inner_iter);
  require(options_.verbose >= 0, "verbose", ">= 0", options_.verbose);
  if (options_.stop_when) options_.stop_when->check();
  check_backend(options_.e_step_backend, "e_step_backend");
  check_backend(options_.m_step_backend, "m_step_backend");
}

template <Fittable M>
OnlineEM<M> IncrementalEMFitter::start(const M& init) const {
  return OnlineEM<M>(init, options_.eta_update, Key{0},
                     {.inner_iter = options_.inner_iter,
                      .regularization = options_.regularization,
                      .symmetric = options_.symmetric,
                      .fixed = options_.fixed,
                      .alpha_min = options_.alpha_min,
                      .missing = options_.missing,
                      .score = options_.score || options_.stop_when.has_value()});
}

template <Fittable M>
EMResult<M> IncrementalEMFitter::fit(const M& init, const RowView& x, const Key& key,
                                     const StepCallback& callback) const {
  OnlineEM<M> state = start(init);
  return fit(state, x, key, callback);
}

template <Fittable M>
EMResult<M> IncrementalEMFitter::fit(OnlineEM<M>& state, const RowView& x, const Key& key,
                                     const StepCallback& callback) const {
  const auto start_time = std::chrono::steady_clock::now();
  const bool recording = options_.verbose > 0;
  // Rows that are not drawn are not read, so that only the shape is checked here unless all rows are recorded.
  require_shape(x, state.d());
  const Missing missing = state.state().options.missing;
  if (recording) require_rows(x, state.d(), "X", missing);

  EMResult<M> result{.model = state.model(), .n_parameters = state.fit().free_parameters()};
  const auto record = [&] {
    if (!recording) return;
    result.log_likelihoods.push_back(state.fit().mean_log_density(state.model(), x));
  };
  const std::int64_t record_every = std::max<std::int64_t>(1, options_.max_steps / kRecords);
  bool interrupted = false;
  bool stopped_early = false;
  std::optional<EarlyStop> early_stop;
  if (options_.stop_when) early_stop.emplace(*options_.stop_when);
  const std::int64_t first_draw = state.step();
  for (std::int64_t draw = 0; draw < options_.max_steps && !interrupted && !stopped_early; ++draw) {
    const auto rows = draw_batch(key, first_draw + draw, x.rows(), options_.batch_size);
    const BatchReport report = state.update(x.select(rows), {.name = "X", .repeats = true});
    if (report.rows == 0) continue;  // the rows show no value, so this was no step
    result.param_changes.push_back(report.parameter_change);
    ++result.n_iter;
    if (result.n_iter % record_every == 0) record();
    interrupted = callback && !callback(report);
    stopped_early = early_stop && (*early_stop)(state.log_score().recent());
  }
  record();

  result.model = state.model();
  if (options_.max_steps == 0) {
    result.status.add(StatusCode::kNotStarted);
  } else if (result.n_iter == 0) {
    result.status.add(StatusCode::kNoRows);
  } else if (interrupted || stopped_early) {
    result.status.add(interrupted ? StatusCode::kInterrupted : StatusCode::kEarlyStopped);
  } else {
    result.status.add(StatusCode::kCompleted, std::to_string(result.n_iter) + " steps");
  }
  if (options_.batch_size > x.rows()) {
    result.status.add(StatusCode::kBatchCapped, std::to_string(options_.batch_size) + " asked for, " +
                                                    std::to_string(x.rows()) + " rows there are");
  }
  result.status.add(state.status(static_cast<double>(x.rows())));
  result.diverged = result.status.has(StatusCode::kStepReverted);
  result.elapsed_time = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_time).count();
  return result;
}

#define VARIMIX_INSTANTIATE(M)                                                                                        \
  template EMResult<M> IncrementalEMFitter::fit(const M&, const RowView&, const Key&, const StepCallback&) const;     \
  template EMResult<M> IncrementalEMFitter::fit(OnlineEM<M>&, const RowView&, const Key&, const StepCallback&) const; \
  template OnlineEM<M> IncrementalEMFitter::start(const M&) const;
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
