#include "varimix/core/status.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <utility>

#include "varimix/core/require.hpp"

namespace varimix {
namespace {

struct CodeText {
  StatusCode code;
  std::string_view name;
  std::string_view sentence;
  std::string_view advice;
};

/// The texts of the codes, in the order of StatusCode.
constexpr auto kTexts = std::to_array<CodeText>({
    {StatusCode::kConverged, "converged", "converged", ""},
    {StatusCode::kBudgetSpent, "budget_spent", "all passes were taken before the stopping rule was met",
     "Look at the likelihood's history; if it still rises, allow more passes, or start from this model."},
    {StatusCode::kCompleted, "completed", "completed", ""},
    {StatusCode::kNotStarted, "not_started", "no step was asked for: the initial model is returned",
     "Allow one step or more."},
    {StatusCode::kNoRows, "no_rows",
     "there were no rows, or none beyond those that were learned before: nothing was learned",
     "If there should be more, look at what the source holds; the model is what it was."},
    {StatusCode::kInterrupted, "interrupted", "stopped by the caller",
     "The model is that of the steps taken; start from it to go on."},
    {StatusCode::kBatchCapped, "batch_capped", "batch_size exceeds the number of rows: all rows were used",
     "With all rows in each step BatchEMFitter is faster."},
    {StatusCode::kGaussianLimit, "gaussian_limit",
     "Gaussian limit: the law is not distinguishable from a Gaussian, so mu and gamma are not separately identified",
     "Use a Gaussian, or more rows; mean and covariance are good, mu and gamma alone are not."},
    {StatusCode::kConstantColumn, "constant_column", "columns that do not vary, or by less than 1e-150",
     "Leave these columns out."},
    {StatusCode::kUnseenColumn, "unseen_column",
     "columns that no row has shown yet: what the model says of them is assumed",
     "Leave these columns out, or go on with rows that show them."},
    {StatusCode::kTooFewRows, "too_few_rows", "fewer than d + 1 rows: they do not determine a covariance",
     "Fit fewer columns, or shrink towards a prior (Shrinkage)."},
    {StatusCode::kCollinearColumns, "collinear_columns", "columns that depend linearly on others",
     "Leave these columns out: they repeat what the others say."},
    {StatusCode::kScaleOverflow, "scale_overflow",
     "a standard deviation above 1e150, whose square a double hardly holds, was capped there",
     "Divide these columns by their size, or look for the outlier."},
    {StatusCode::kTailWeightBound, "tail_weight_bound", "the initial tail weight was set to its bound",
     "This is only where the fit starts; nothing needs to be done."},
    {StatusCode::kSkewnessBound, "skewness_bound", "the initial skewness was shortened to be feasible",
     "This is only where the fit starts; nothing needs to be done."},
    {StatusCode::kDispersionFloor, "dispersion_floor", "a conditional variance is at its floor",
     "These columns are constant, or follow from the others, for the rows that carry the fit: leave them out."},
    {StatusCode::kStepHalved, "step_halved", "an infeasible step was taken half-way or less",
     "If it happens often, choose a rule whose weights are not negative and sum to one."},
    {StatusCode::kStepReverted, "step_reverted", "a non-finite step was not taken",
     "Look for an outlier in the rows of that step; the model is that of the steps before."},
    {StatusCode::kWeightsNotOne, "weights_not_one",
     "the rule's weights do not sum to one, so its statistics are not means over the data", "Choose b + c = 1."},
    {StatusCode::kSkewedTFace, "skewed_t_face", "the best law of this family lies on its face a = 0: a skewed t",
     "NormalInverseGamma says the same with one parameter less."},
    {StatusCode::kGammaFace, "gamma_face", "the best law of this family lies on its face b = 0: a variance gamma law",
     "VarianceGamma says the same with one parameter less."},
    {StatusCode::kOrderNotIdentified, "order_not_identified",
     "the rows are too few, or too Gaussian, to tell the order p", "Hold p, or use a family with one shape parameter."},
    {StatusCode::kModeTrap, "mode_trap",
     "the density has a spike at rows: they are equal, or sit at mu, where it is unbounded or its derivatives are",
     "Ties or rounding of the data make such a likelihood meaningless: use another family, alpha_min, or data less "
     "coarse."},
    {StatusCode::kShapeMinimum, "shape_minimum", "the shape is at its minimum",
     "The data ask for a heavier peak than alpha_min allows; look for ties, or choose another family."},
    {StatusCode::kLikelihoodFall, "likelihood_fall",
     "the next EM step would have lowered the likelihood and was not taken: the fit ends there",
     "The model is the best of this fit; EM loses its footing where rows sit at mu (mode_trap) or at a floor."},
    {StatusCode::kGaugeNotDefined, "gauge_not_defined",
     "this model has no such gauge of display; it is shown in the working gauge",
     "The law is the same in any gauge; choose regularization='none'."},
    {StatusCode::kEarlyStopped, "early_stopped", "stopped early: the score of new rows no longer rises",
     "More rows like these teach this fit little; a longer patience goes on."},
    {StatusCode::kDrift, "drift", "rows scored other than those before them, beyond chance",
     "What the fit remembers may be out of date: use a rule that forgets (EWMAUpdate), or start anew at the change."},
    {StatusCode::kImpossibleRows, "impossible_rows",
     "rows to which the model gave density 0 were left out of the score",
     "Look for errors in the data; the score is that of the other rows."},
    {StatusCode::kInnerRoundsStopped, "inner_rounds_stopped", "a batch alone did not determine a model",
     "Use larger batches, or inner_iter = 1."},
});

constexpr std::size_t index_of(StatusCode code) { return static_cast<std::size_t>(code); }

constexpr bool are_in_order() {
  for (std::size_t k = 0; k < kTexts.size(); ++k) {
    if (index_of(kTexts[k].code) != k) return false;
  }
  return kTexts.size() == index_of(kLastStatusCode) + 1;
}
static_assert(are_in_order(), "each code has one text");

const CodeText& text(StatusCode code) noexcept { return kTexts[index_of(code)]; }

}  // namespace

std::string_view name(StatusCode code) noexcept { return text(code).name; }

std::optional<StatusCode> status_code(std::string_view name) noexcept {
  const auto* found = std::find_if(kTexts.begin(), kTexts.end(), [name](const CodeText& t) { return t.name == name; });
  return found == kTexts.end() ? std::nullopt : std::optional(found->code);
}

std::string_view advice(StatusCode code) noexcept { return text(code).advice; }

Status::Status(std::vector<StatusEntry> entries) : entries_(std::move(entries)) {
  for (std::size_t k = 0; k < entries_.size(); ++k) {
    for (std::size_t other = 0; other < k; ++other) {
      require(entries_[k].code != entries_[other].code, "entries", "of different codes", name(entries_[k].code));
    }
  }
}

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

Status Status::since(const Status& before) const {
  Status rest;
  for (StatusEntry entry : entries_) {
    entry.count -= before.count(entry.code);
    if (entry.count > 0) rest.entries_.push_back(std::move(entry));
  }
  return rest;
}

bool Status::has(StatusCode code) const noexcept { return count(code) > 0; }

std::int64_t Status::count(StatusCode code) const noexcept {
  for (const StatusEntry& entry : entries_) {
    if (entry.code == code) return entry.count;
  }
  return 0;
}

std::string sentence(const StatusEntry& entry) {
  std::string all(text(entry.code).sentence);
  if (!entry.detail.empty()) all += " (" + entry.detail + ")";
  if (entry.first_step >= 0) all += ", first in step " + std::to_string(entry.first_step);
  if (entry.count > 1) all += ", " + std::to_string(entry.count) + " times";
  return all;
}

std::string Status::sentence() const {
  if (entries_.empty()) return "ok";
  std::string all;
  for (const StatusEntry& entry : entries_) {
    if (!all.empty()) all += "; ";
    all += varimix::sentence(entry);
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
