#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "varimix/core/members.hpp"
#include "varimix/core/missing.hpp"
#include "varimix/core/status.hpp"
#include "varimix/em/drift_detector.hpp"
#include "varimix/em/fit_options.hpp"
#include "varimix/em/fittable.hpp"
#include "varimix/em/lineage.hpp"
#include "varimix/em/log_score.hpp"
#include "varimix/em/update_rule.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/random/key.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

struct OnlineEMOptions {
  int inner_iter = 1;  ///< E/M rounds on a batch, >= 1; the last E-step is blended
  Regularization regularization = Regularization::kNone;
  bool symmetric = false;                ///< hold gamma = 0
  std::vector<std::string> fixed = {};   ///< parameters held at the initial model's values (fix_parameters)
  AlphaMin alpha_min = AlphaMin::kNone;  ///< of a VarianceGamma
  /// E-steps at the initial model throughout: updates gather statistics, and `model` is the M-step of all of them. With
  /// SampleWeightedUpdate that is one full pass of EM, whatever the batches.
  bool frozen = false;
  Missing missing = Missing::kError;  ///< what NaN means
  bool score = true;                  ///< score every batch before learning from it: one more pass of log densities
  double score_half_life = 10'000.0;  ///< rows, > 0, after which a score counts half in the recent score
  bool operator==(const OnlineEMOptions&) const = default;
};

/// A part of a source that can grow or be added on its own (a file, a table), and how many of its rows, the first ones, were
/// read; those of weight 0 count up to the last row learned.
struct SourceItem {
  std::string name;  ///< as the source calls it; "" where it has no names
  std::int64_t rows = 0;
  bool operator==(const SourceItem&) const = default;
};

/// How far a pass in shuffled order has come: its order is drawn anew to go on, from the same rows.
struct ShuffledRows {
  std::int64_t buffer = 0;            ///< rows in which they are shuffled, >= 1
  std::int64_t rows = 0;              ///< rows handed on and learned
  std::vector<SourceItem> read = {};  ///< what had been read of each item for that
  bool to_end = false;                ///< whether the source had ended
  bool operator==(const ShuffledRows&) const = default;
};

/// How far a state has read its source.
struct SourcePosition {
  std::int64_t pass = 0;                                ///< the pass in hand, or the last; from 0
  std::vector<SourceItem> items = {};                   ///< what of it was learned, in the order of the source
  std::optional<ShuffledRows> shuffled = std::nullopt;  ///< beyond those, if rows are being shuffled
  /// Rows learned in the pass in hand.
  [[nodiscard]] std::int64_t rows() const noexcept {
    std::int64_t sum = shuffled ? shuffled->rows : 0;
    for (const SourceItem& item : items) sum += item.rows;
    return sum;
  }
  bool operator==(const SourcePosition&) const = default;
};

/// Everything that an OnlineEM is, as plain data: what a checkpoint holds.
template <class M>
struct OnlineEMState {
  M initial;
  OnlineEMOptions options;
  Key key;
  UpdateRule rule;
  M driving;  ///< in the working gauge, as are `running` and what the rule carries
  Eta running;
  bool has_running = true;  ///< false until the first rows where the initial model's own statistics are not finite
  double gauge = 1.0;       ///< the working gauge is that of `initial` with gauge * Y in place of Y
  std::int64_t step = 0;
  double total_weight = 0.0;
  std::optional<double> last_time = std::nullopt;  ///< of the last row, where rows have times
  /// To which what is remembered has decayed: of the last row of a step that was taken, at first of the first row.
  std::optional<double> learned_time = std::nullopt;
  LogScore score = {};
  DriftDetector drift = {};
  Lineage lineage = {};
  SourcePosition position = {};
  Status status = {};
  Vector first_row = {};                     ///< to tell columns that never varied; NaN where no row has shown one
  std::vector<Index> constant_columns = {};  ///< those in which every row so far equals the first

  static constexpr auto kMembers =
      std::tuple(member("initial", &OnlineEMState::initial), member("options", &OnlineEMState::options),
                 member("key", &OnlineEMState::key), member("rule", &OnlineEMState::rule),
                 member("driving", &OnlineEMState::driving), member("running", &OnlineEMState::running),
                 member("has_running", &OnlineEMState::has_running), member("gauge", &OnlineEMState::gauge),
                 member("step", &OnlineEMState::step), member("total_weight", &OnlineEMState::total_weight),
                 member("last_time", &OnlineEMState::last_time), member("learned_time", &OnlineEMState::learned_time),
                 member("score", &OnlineEMState::score), member("drift", &OnlineEMState::drift),
                 member("lineage", &OnlineEMState::lineage), member("position", &OnlineEMState::position),
                 member("status", &OnlineEMState::status), member("first_row", &OnlineEMState::first_row),
                 member("constant_columns", &OnlineEMState::constant_columns));
  bool operator==(const OnlineEMState& other) const;
};

/// The factor from the gauge of `theirs` to that of `mine`; both have E[Y] = 1 where they started from different models.
template <Fittable M>
double to_gauge_of(const OnlineEMState<M>& mine, const OnlineEMState<M>& theirs) {
  return mine.initial == theirs.initial ? mine.gauge / theirs.gauge : 1.0;
}

/// The rule of `theirs` in the gauge of `mine`.
template <Fittable M>
UpdateRule rule_in_gauge_of(const OnlineEMState<M>& mine, const OnlineEMState<M>& theirs) {
  UpdateRule rule = theirs.rule;
  rule.rescale_y(to_gauge_of(mine, theirs));
  return rule;
}

}  // namespace varimix
