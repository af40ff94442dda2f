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
#include "varimix/em/gaussian_test_stream.hpp"
#include "varimix/em/lineage.hpp"
#include "varimix/em/log_score.hpp"
#include "varimix/em/update_rule.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/random/key.hpp"
#include "varimix/risk/portfolio_backtest.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

struct OnlineEMOptions {
  int inner_iter = 1;  ///< E/M rounds on a batch, >= 1; the last E-step is blended
  Regularization regularization = Regularization::kNone;
  bool symmetric = false;                ///< hold gamma = 0
  std::vector<std::string> fixed = {};   ///< parameters held at the initial model's values (fix_parameters)
  AlphaMin alpha_min = AlphaMin::kNone;  ///< least alpha of a VarianceGamma
  /// True to take every E-step at the initial model: updates gather statistics, and `model` is the M-step of all of
  /// them. With SampleWeightedUpdate that is one full pass of EM, however the rows are cut into batches.
  bool frozen = false;
  Missing missing = Missing::kError;  ///< the meaning of NaN
  bool score = true;                  ///< score every batch before learning from it: one more pass of log densities
  double score_half_life = 10'000.0;  ///< rows, > 0, after which a score counts half in the recent score
  /// Test the rows against a Gaussian as they come (gaussian_test): one more pass over a batch, and O(d^2) numbers. It
  /// takes independent rows of weight 1 that show all columns.
  bool gaussian_test = false;
  /// Forecast the tail of these portfolios by the model shown, batch by batch, and hold the returns that come against it
  /// before they are learned: a quantile a portfolio and batch. Rows are days in the order of time.
  std::vector<WatchedPortfolio> portfolios = {};
  bool operator==(const OnlineEMOptions&) const = default;
};

/// A part of a source that can grow or be added on its own, such as a file or a table, with the number of its rows that
/// were read. Rows are read from the first on; rows of weight 0 count up to the last row learned.
struct SourceItem {
  std::string name;  ///< the source's name for it; "" if the source has no names
  std::int64_t rows = 0;
  bool operator==(const SourceItem&) const = default;
};

/// How far a pass in shuffled order has come. To go on, the same order is drawn again from the same rows.
struct ShuffledRows {
  std::int64_t buffer = 0;            ///< rows in the buffer that shuffles them, >= 1
  std::int64_t rows = 0;              ///< rows handed on and learned
  std::vector<SourceItem> read = {};  ///< rows of each item that had been read to hand those on
  bool to_end = false;                ///< true if the source had ended by then
  bool operator==(const ShuffledRows&) const = default;
};

/// How far a state has read its source.
struct SourcePosition {
  std::int64_t pass = 0;                                ///< the pass in hand, or the last; from 0
  std::vector<SourceItem> items = {};                   ///< the rows learned of each item, in the order of the source
  std::optional<ShuffledRows> shuffled = std::nullopt;  ///< the rows beyond those, while a pass is shuffled
  /// Returns the number of rows learned in the pass in hand.
  [[nodiscard]] std::int64_t rows() const noexcept {
    std::int64_t sum = shuffled ? shuffled->rows : 0;
    for (const SourceItem& item : items) sum += item.rows;
    return sum;
  }
  bool operator==(const SourcePosition&) const = default;
};

/// The whole state of an OnlineEM as plain data. A checkpoint holds it.
template <class M>
struct OnlineEMState {
  M initial;
  OnlineEMOptions options;
  Key key;
  UpdateRule rule;
  M driving;  ///< in the working gauge, as are `running` and the state of the rule
  Eta running;
  bool has_running = true;  ///< false until the first rows where the initial model's own statistics are not finite
  double gauge = 1.0;       ///< the working gauge is that of `initial` with gauge * Y in place of Y
  std::int64_t step = 0;
  double total_weight = 0.0;
  std::optional<double> last_time = std::nullopt;  ///< time of the last row, if rows have times
  /// The time to which the remembered statistics have decayed: that of the last row of the last step that was taken, or
  /// of the first row if none was taken yet.
  std::optional<double> learned_time = std::nullopt;
  LogScore score = {};
  DriftDetector drift = {};
  Lineage lineage = {};
  SourcePosition position = {};
  Status status = {};
  Vector first_row = {};                     ///< the first value of each column, NaN if no row has shown one
  std::vector<Index> constant_columns = {};  ///< columns in which every value so far equals the first
  /// What the test against a Gaussian has taken of the rows, with options.gaussian_test.
  std::optional<GaussianTestStream> gaussian_test = std::nullopt;
  /// The backtests of options.portfolios by the rows since the last fork; OnlineEM::backtests has all.
  std::vector<PortfolioBacktest> backtests = {};

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
                 member("constant_columns", &OnlineEMState::constant_columns),
                 later_member("gaussian_test", &OnlineEMState::gaussian_test),
                 later_member("backtests", &OnlineEMState::backtests));
  bool operator==(const OnlineEMState& other) const;
};

/// Returns the factor from the gauge of `theirs` to that of `mine`; it is 1 if they started from different models,
/// because then both have E[Y] = 1.
template <Fittable M>
double to_gauge_of(const OnlineEMState<M>& mine, const OnlineEMState<M>& theirs) {
  return mine.initial == theirs.initial ? mine.gauge / theirs.gauge : 1.0;
}

/// Returns the rule of `theirs` in the gauge of `mine`.
template <Fittable M>
UpdateRule rule_in_gauge_of(const OnlineEMState<M>& mine, const OnlineEMState<M>& theirs) {
  UpdateRule rule = theirs.rule;
  rule.rescale_y(to_gauge_of(mine, theirs));
  return rule;
}

}  // namespace varimix
