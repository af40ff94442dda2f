#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "varimix/core/status.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// What a fit gives back. It holds no data.
template <class M>
struct EMResult {
  M model;
  /// Mean log-likelihood, nats per row. BatchEMFitter: of every model that it accepted, the initial one first (with a
  /// prior, penalised). IncrementalEMFitter: if verbose, of all rows after every max(1, max_steps / 10) steps and at the end.
  /// fit_stream: of every batch, before it was learned.
  std::vector<double> log_likelihoods = {};
  /// Of every step: law_difference of the driving model before and after it.
  std::vector<double> param_changes = {};
  /// Of fit_stream: the mean, by weight, of the log-likelihoods that its batches had before they were learned; none of other fits,
  /// and where no step was taken.
  std::optional<double> log_score = std::nullopt;
  std::int64_t n_iter = 0;  ///< steps taken; of BatchEMFitter E-step passes over the rows
  /// Whether the stopping rule was met; the incremental fitter has none, and says in the status why it ended.
  bool converged = false;
  double elapsed_time = 0.0;  ///< seconds
  bool diverged = false;      ///< a step was not finite and was not taken; the model is that of the steps before it
  Status status = {};

  /// Some lines in plain words: the family, how the fit ended, and each outcome with what can be done about it.
  [[nodiscard]] std::string summary() const;
};

}  // namespace varimix
