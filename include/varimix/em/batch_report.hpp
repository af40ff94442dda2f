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
  /// prequential score (Dawid 1984). With score = false, of the models that drove their E-steps. Always finite: distances are
  /// floored as in the E-step, and rows of density 0 are left out; 0 if there are no others.
  double log_likelihood = 0.0;
  double impossible = 0.0;        ///< weight of the rows to which the model gave density 0
  double parameter_change = 0.0;  ///< law_difference of the driving model over the step
  /// How near the scores are to a signal of drift (DriftDetector::level): > 0 where they have fallen, < 0 where they have risen,
  /// 1 or more in size at a signal; 0 without scores.
  double drift = 0.0;
  bool change = false;  ///< a signal was given: the rows no longer are as those before them
  Status status = {};   ///< what happened in this step
};

/// Asked after every step; false stops the fit there.
using StepCallback = std::function<bool(const BatchReport&)>;

}  // namespace varimix
