#pragma once

#include <cstdint>
#include <functional>

#include "varimix/core/status.hpp"

namespace varimix {

/// The report of one step of a fit.
struct BatchReport {
  std::int64_t step = 0;   ///< steps taken so far, this one included
  std::int64_t rows = 0;   ///< rows of weight > 0
  double weight = 0.0;     ///< total weight of the rows
  std::int64_t parts = 0;  ///< M-steps taken: PolyakRuppertUpdate takes the first batches in parts
  /// The weighted mean of log f of the rows, nats per row, under the model that was shown before it learned from them:
  /// a prequential score (Dawid 1984). With score = false, the mean is under the models that drove their E-steps. It is
  /// always finite: distances are floored as in the E-step, and rows of density 0 are left out. It is 0 if there are no
  /// other rows.
  double log_likelihood = 0.0;
  double impossible = 0.0;        ///< weight of the rows to which the model gave density 0
  double parameter_change = 0.0;  ///< law_difference of the driving model over the step
  /// The nearness of the scores to a signal of drift (DriftDetector::level): > 0 if they have fallen, < 0 if they have
  /// risen, 1 or more in size at a signal; 0 without scores.
  double drift = 0.0;
  bool change = false;  ///< true if a signal was given: the rows are no longer like those before them
  Status status = {};   ///< outcomes of this step
};

/// A function that a fit calls after every step; the fit stops there if it returns false.
using StepCallback = std::function<bool(const BatchReport&)>;

}  // namespace varimix
