#pragma once

#include <cstdint>
#include <functional>

#include "varimix/core/status.hpp"

namespace varimix {

/// What one step of a fit did.
struct BatchReport {
  std::int64_t step = 0;   ///< steps taken so far, this one included
  std::int64_t rows = 0;   ///< of weight > 0
  double weight = 0.0;     ///< their total weight
  std::int64_t parts = 0;  ///< M-steps taken: the default rule takes the first batches in parts
  /// Weighted mean of log f of the rows, nats per row, under the model that was shown before it learned from them: a
  /// prequential score (Dawid 1984). With score = false, of the models that drove their E-steps.
  double log_likelihood = 0.0;
  double parameter_change = 0.0;  ///< law_difference of the driving model over the step
  /// The CUSUM of the scores' falls, in units of the height at which it signals (DriftDetector); 0 without scores.
  double drift = 0.0;
  bool change = false;  ///< drift reached 1: the rows no longer are as those before them
  Status status = {};   ///< what happened in this step
};

/// Asked after every step; false stops the fit there.
using StepCallback = std::function<bool(const BatchReport&)>;

}  // namespace varimix
