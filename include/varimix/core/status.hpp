#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "varimix/core/types.hpp"

namespace varimix {

/// What may have happened in a fit, beside a result. None is an error: the result is finite in every case.
enum class StatusCode {
  kConverged,      ///< the stopping rule was met
  kBudgetSpent,    ///< batch EM took max_iter passes before its stopping rule was met
  kCompleted,      ///< the regular end of an incremental fit: all steps were taken, or the source was read to its end
  kNotStarted,     ///< max_steps = 0: the initial model is returned as it is
  kNoRows,         ///< the source had no rows, or none beyond those learned before: nothing was learned
  kInterrupted,    ///< the caller asked to stop; the state holds all completed steps
  kBatchCapped,    ///< batch_size exceeds the number of rows; all rows were used
  kGaussianLimit,  ///< tails and skewness are not distinguishable from none: mu and gamma are not separately identified
  kConstantColumn,      ///< columns whose rows were all equal
  kUnseenColumn,        ///< columns that no row has shown yet; what is assumed of them is the fit's, not the data's
  kTooFewRows,          ///< fewer than d + 1 rows: the covariance is singular and correlations were taken as zero
  kCollinearColumns,    ///< linearly dependent columns (which): their conditional variance was raised
  kScaleOverflow,       ///< columns whose standard deviation is above 1e150; it was capped there
  kTailWeightBound,     ///< the data's kurtosis lies outside what the initial model takes; the bound was used
  kSkewnessBound,       ///< the data's skewness is infeasible beside its kurtosis; it was shortened
  kDispersionFloor,     ///< a conditional variance fell to its floor (which columns)
  kStepHalved,          ///< an infeasible step was taken half-way or less
  kStepReverted,        ///< a non-finite step was not taken (which batch, which statistic)
  kWeightsNotOne,       ///< the rule's weights do not sum to one: the statistics are not those of the data
  kSkewedTFace,         ///< a generalized hyperbolic fit lies on its face a = 0: it is a skewed t (NormalInverseGamma)
  kGammaFace,           ///< it lies on its face b = 0: it is a VarianceGamma
  kOrderNotIdentified,  ///< the rows do not tell the order p of a generalized hyperbolic law
  kModeTrap,  ///< the density has a spike at equal rows, or rows sit at mu, where it is unbounded, and were floored (how many)
  kShapeMinimum,        ///< alpha is at its minimum alpha_min, or a fixed parameter holds the shape at a bound
  kLikelihoodFall,      ///< the next EM step would have lowered the likelihood and was not taken: the fit ends there
  kGaugeNotDefined,     ///< the model has no such gauge (E[Y] infinite, a or b = 0): the working gauge is shown
  kEarlyStopped,        ///< the recent score has stopped rising (EarlyStopping)
  kDrift,               ///< the rows scored worse, or better, than those before them, beyond chance (DriftDetector)
  kImpossibleRows,      ///< rows to which the model gave density 0: left out of the score (their weight)
  kInnerRoundsStopped,  ///< a batch alone does not determine a model; its inner rounds were cut short
};

/// Name of a code as it is printed and serialised, for example "gaussian_limit".
[[nodiscard]] std::string_view name(StatusCode code) noexcept;

/// The code of that name; nothing for another word.
[[nodiscard]] std::optional<StatusCode> status_code(std::string_view name) noexcept;

/// What a user can do about it, a sentence; "" where nothing is to be done.
[[nodiscard]] std::string_view advice(StatusCode code) noexcept;

/// One outcome: how often, in which step first (from 0; -1: outside the steps), and what exactly.
struct StatusEntry {
  StatusCode code;
  std::int64_t count = 1;
  std::int64_t first_step = -1;
  std::string detail;
  bool operator==(const StatusEntry&) const = default;
};

/// What it means, with detail, first step and count.
[[nodiscard]] std::string sentence(const StatusEntry& entry);

/// The outcomes of a fit, in the order of their first occurrence. Empty means that nothing is to be said.
/// A value: copyable, comparable, printable.
class Status {
 public:
  Status() = default;
  /// Those outcomes, as `entries` gave them. Throws std::invalid_argument for a code that comes twice.
  explicit Status(std::vector<StatusEntry> entries);
  /// Counts an outcome; of a repeated one the first step and the first detail are kept.
  void add(StatusCode code, std::string detail = "", std::int64_t step = -1);
  /// Adds every outcome of `other`.
  void add(const Status& other);
  /// The outcomes of this status that are not those of `before`, an earlier one of the same fit.
  [[nodiscard]] Status since(const Status& before) const;
  [[nodiscard]] bool has(StatusCode code) const noexcept;
  /// How often `code` occurred, 0 if never.
  [[nodiscard]] std::int64_t count(StatusCode code) const noexcept;
  [[nodiscard]] const std::vector<StatusEntry>& entries() const noexcept { return entries_; }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  /// One sentence an outcome, joined by "; ". "ok" when empty.
  [[nodiscard]] std::string sentence() const;
  bool operator==(const Status&) const = default;

 private:
  std::vector<StatusEntry> entries_;
};

std::ostream& operator<<(std::ostream& out, const Status& status);

/// "column 3" or "columns 0, 2", as details name them; from 0.
[[nodiscard]] std::string list_columns(const std::vector<Index>& columns);

}  // namespace varimix
