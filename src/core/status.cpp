#include "varimix/core/status.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <utility>

namespace varimix {
namespace {

struct CodeText {
  StatusCode code;
  std::string_view name;
  std::string_view sentence;
};

constexpr std::array<CodeText, 17> kTexts = {{
    {StatusCode::kConverged, "converged", "converged"},
    {StatusCode::kBudgetSpent, "budget_spent", "all steps were taken (no convergence test)"},
    {StatusCode::kNotStarted, "not_started", "no step was asked for: the initial model is returned"},
    {StatusCode::kInterrupted, "interrupted", "stopped by the caller"},
    {StatusCode::kBatchCapped, "batch_capped", "batch_size exceeds the number of rows: all rows were used"},
    {StatusCode::kGaussianLimit, "gaussian_limit",
     "Gaussian limit: the tail weight is not distinguishable from zero, so mu and gamma are not separately identified"},
    {StatusCode::kConstantColumn, "constant_column", "columns without any variation"},
    {StatusCode::kTooFewRows, "too_few_rows", "fewer than d + 1 rows: they do not determine a covariance"},
    {StatusCode::kCollinearColumns, "collinear_columns", "columns that depend linearly on others"},
    {StatusCode::kScaleOverflow, "scale_overflow", "a variance exceeds what a double holds and was capped"},
    {StatusCode::kTailWeightBound, "tail_weight_bound", "the initial tail weight was set to its bound"},
    {StatusCode::kSkewnessBound, "skewness_bound", "the initial skewness was shortened to be feasible"},
    {StatusCode::kDispersionFloor, "dispersion_floor", "a conditional variance is at its floor"},
    {StatusCode::kStepHalved, "step_halved", "an infeasible step was taken half-way or less"},
    {StatusCode::kStepReverted, "step_reverted", "a non-finite step was not taken"},
    {StatusCode::kWeightsNotOne, "weights_not_one",
     "the rule's weights do not sum to one, so its statistics are not means over the data"},
    {StatusCode::kInnerRoundsStopped, "inner_rounds_stopped", "a batch alone did not determine a model"},
}};

const CodeText& text(StatusCode code) noexcept {
  return *std::find_if(kTexts.begin(), kTexts.end(), [code](const CodeText& t) { return t.code == code; });
}

}  // namespace

std::string_view name(StatusCode code) noexcept { return text(code).name; }

void Status::add(StatusCode code, std::string detail, std::int64_t step) {
  for (StatusEntry& entry : entries_) {
    if (entry.code == code) {
      ++entry.count;
      return;
    }
  }
  entries_.push_back({code, 1, step, std::move(detail)});
}

void Status::add(const Status& other) {
  for (const StatusEntry& entry : other.entries_) {
    add(entry.code, entry.detail, entry.first_step);
    for (StatusEntry& mine : entries_) {
      if (mine.code == entry.code) mine.count += entry.count - 1;
    }
  }
}

bool Status::has(StatusCode code) const noexcept { return count(code) > 0; }

std::int64_t Status::count(StatusCode code) const noexcept {
  for (const StatusEntry& entry : entries_) {
    if (entry.code == code) return entry.count;
  }
  return 0;
}

std::string Status::sentence() const {
  if (entries_.empty()) return "ok";
  std::string all;
  for (const StatusEntry& entry : entries_) {
    if (!all.empty()) all += "; ";
    all += text(entry.code).sentence;
    if (!entry.detail.empty()) all += " (" + entry.detail + ")";
    if (entry.first_step >= 0) all += ", first in step " + std::to_string(entry.first_step);
    if (entry.count > 1) all += ", " + std::to_string(entry.count) + " times";
  }
  return all;
}

std::ostream& operator<<(std::ostream& out, const Status& status) { return out << status.sentence(); }

std::string list_columns(const std::vector<Index>& columns) {
  std::string text = columns.size() == 1 ? "column" : "columns";
  for (std::size_t k = 0; k < columns.size(); ++k) text += (k == 0 ? " " : ", ") + std::to_string(columns[k]);
  return text;
}

}  // namespace varimix
