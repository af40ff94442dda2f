#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "varimix/core/types.hpp"

namespace varimix {

/// Events of a fit that its status reports. None is an error: the result is finite in every case.
enum class StatusCode {
  kConverged,      ///< the stopping rule was met
  kBudgetSpent,    ///< batch EM took max_iter passes before its stopping rule was met
  kCompleted,      ///< the regular end of an incremental fit: all steps were taken, or the source was read to its end
  kNotStarted,     ///< max_steps = 0: the initial model is returned as it is
  kNoRows,         ///< no rows, none that show anything, or none beyond those learned before: nothing was learned
  kInterrupted,    ///< the caller asked to stop; the state holds all completed steps
  kBatchCapped,    ///< batch_size exceeds the number of rows; all rows were used
  kGaussianLimit,  ///< tails and skewness are not distinguishable from none: mu and gamma are not separately identified
  kConstantColumn,      ///< columns whose rows were all equal
  kUnseenColumn,        ///< columns that no row has shown yet; the model of them is the fit's assumption
  kTooFewRows,          ///< fewer than d + 1 rows: the covariance is singular and correlations were taken as zero
  kCollinearColumns,    ///< linearly dependent columns, which the detail names: their conditional variance was raised
  kScaleOverflow,       ///< columns whose standard deviation is above 1e150; it was capped there
  kTailWeightBound,     ///< the data's kurtosis is beyond the initial model's bounds; the bound was used
  kSkewnessBound,       ///< the data's skewness is infeasible beside its kurtosis; it was shortened
  kDispersionFloor,     ///< a conditional variance fell to its floor; the detail names the columns
  kStepHalved,          ///< an infeasible step was taken half-way or less
  kStepReverted,        ///< a non-finite step was not taken (step and detail say which batch and statistic)
  kWeightsNotOne,       ///< the rule's weights do not sum to one: the statistics are not those of the data
  kSkewedTFace,         ///< a generalized hyperbolic fit lies on its face a = 0: it is a skewed t (NormalInverseGamma)
  kGammaFace,           ///< a generalized hyperbolic fit lies on its face b = 0: it is a VarianceGamma
  kOrderNotIdentified,  ///< the rows do not tell the order p of a generalized hyperbolic law
  kModeTrap,            ///< a spike at equal rows, or rows at mu whose distances were floored; the detail says how many
  kShapeMinimum,        ///< alpha is at its minimum alpha_min, or a fixed parameter holds the shape at a bound
  kLikelihoodFall,      ///< the next EM step would have lowered the likelihood and was not taken: the fit ends there
  kGaugeNotDefined,     ///< the model has no such gauge (E[Y] infinite, a or b = 0): the working gauge is shown
  kEarlyStopped,        ///< the recent score has stopped rising (EarlyStopping)
  kDrift,               ///< the rows scored worse, or better, than those before them, beyond chance (DriftDetector)
  kImpossibleRows,      ///< rows of density 0 under the model were left out of the score (the detail: their weight)
  kInnerRoundsStopped,  ///< a batch alone does not determine a model; its inner rounds were cut short
};
inline constexpr StatusCode kLastStatusCode = StatusCode::kInnerRoundsStopped;

/// Returns the name of a code as it is printed and serialised, for example "gaussian_limit".
[[nodiscard]] std::string_view name(StatusCode code) noexcept;

/// Returns the code of that name, or nothing for any other word.
[[nodiscard]] std::optional<StatusCode> status_code(std::string_view name) noexcept;

/// Returns a sentence that says what a user can do about it; "" where nothing is to be done.
[[nodiscard]] std::string_view advice(StatusCode code) noexcept;

/// One outcome: its code, how often it occurred, the step of its first occurrence (from 0; -1 outside the steps), and
/// the detail.
struct StatusEntry {
  StatusCode code;
  std::int64_t count = 1;
  std::int64_t first_step = -1;
  std::string detail = {};
  bool operator==(const StatusEntry&) const = default;
};

/// Returns a sentence with the meaning of an entry, its detail, first step and count.
[[nodiscard]] std::string sentence(const StatusEntry& entry);

/// The outcomes of a fit, in the order of their first occurrence. Empty means that nothing is to be said.
/// A value: copyable, comparable, printable.
class Status {
 public:
  Status() = default;
  /// Holds the outcomes of `entries`, as entries() returns them. Throws std::invalid_argument for a code that comes
  /// twice.
  explicit Status(std::vector<StatusEntry> entries);
  /// Counts an outcome. A repeated one keeps its first step and its first detail.
  void add(StatusCode code, std::string detail = "", std::int64_t step = -1);
  /// Adds every outcome of `other`.
  void add(const Status& other);
  /// Returns the outcomes that occurred since `before`, an earlier status of the same fit.
  [[nodiscard]] Status since(const Status& before) const;
  [[nodiscard]] bool has(StatusCode code) const noexcept;
  /// Returns how often `code` occurred, 0 if never.
  [[nodiscard]] std::int64_t count(StatusCode code) const noexcept;
  [[nodiscard]] const std::vector<StatusEntry>& entries() const noexcept { return entries_; }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  /// Returns one sentence per outcome, joined by "; "; "ok" when empty.
  [[nodiscard]] std::string sentence() const;
  bool operator==(const Status&) const = default;

 private:
  std::vector<StatusEntry> entries_;
};

std::ostream& operator<<(std::ostream& out, const Status& status);

/// Returns "column 3" or "columns 0, 2", as details name columns, counted from 0.
[[nodiscard]] std::string list_columns(const std::vector<Index>& columns);

}  // namespace varimix
